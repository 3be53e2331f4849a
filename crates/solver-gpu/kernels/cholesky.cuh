// Clause A5 on a block: A = L L' by panels of 64 columns, carried rows below the matrix.
//
// Storage: row-major, `ld` numbers a row, columns in the order of packed(). Rows and columns come in multiples of 16;
// columns beyond the matrix are unit columns. Every entry meets its k in ascending order: first the panels to the left
// (`take`), then the groups of 8 columns inside its own panel (`finish_group`, `diagonal`).
//
// The products are mma.m16n8k8 (compute 9.0), m8n8k4 (8.0) or chains of fma over lanes (7.0). A tensor core in double
// precision adds its products to the accumulator one by one in ascending k, each rounded as by fma: the three forms
// give the same bits. The start-up self-test compares them.
#pragma once
#include "base.cuh"

constexpr int PANEL = 64;
constexpr int STRIP = 16;           // k of one stage of the pipeline; rows of a warp's tile
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
constexpr int STAGES = 1;           // no copies in the background, and no room for them on 7.5
#else
constexpr int STAGES = 3;
#endif
constexpr int STAGE_LD = 24;        // keeps the banks of neighbouring rows apart
constexpr int DIAGONAL_LD = 72;
constexpr int STAGE = PANEL * STAGE_LD;

// A block's part of the shared pool while it factors.
struct Panels {
    double stages[STAGES * STAGE];
    double diagonal[PANEL * DIAGONAL_LD];
    double reciprocals[PANEL];
};

__shared__ int failed_column;       // of the running factorisation; NONE while there is none

// c = c + a b for 16 x 8 entries: rows g and g + 8, columns 2 t and 2 t + 1 of lane 4 g + t; k ascending.
// `a` holds (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4); `b` holds (t, g), (t + 4, g).
DEV void multiply(double c[4], const double a[4], double b0, double b1) {
#if __CUDA_ARCH__ >= 900
    asm("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
        : "+d"(c[0]), "+d"(c[1]), "+d"(c[2]), "+d"(c[3])
        : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(b0), "d"(b1));
#elif __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1},{%2},{%3},{%0,%1};" : "+d"(c[0]), "+d"(c[1]) : "d"(a[0]), "d"(b0));
    asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1},{%2},{%3},{%0,%1};" : "+d"(c[2]), "+d"(c[3]) : "d"(a[1]), "d"(b0));
    asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1},{%2},{%3},{%0,%1};" : "+d"(c[0]), "+d"(c[1]) : "d"(a[2]), "d"(b1));
    asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1},{%2},{%3},{%0,%1};" : "+d"(c[2]), "+d"(c[3]) : "d"(a[3]), "d"(b1));
#else
    // Not unrolled: the code would be eight times as long, and these devices are not the fast ones.
    const int row = lane() & ~3, column = (lane() & 3) * 8;
#pragma unroll 1
    for (int k = 0; k < 8; k++) {
        const double high = from_lane(k < 4 ? a[0] : a[2], row | (k & 3));
        const double low = from_lane(k < 4 ? a[1] : a[3], row | (k & 3));
        const double left = from_lane(k < 4 ? b0 : b1, column | (k & 3));
        const double right = from_lane(k < 4 ? b0 : b1, (column + 4) | (k & 3));
        c[0] = __fma_rn(high, left, c[0]);
        c[1] = __fma_rn(high, right, c[1]);
        c[2] = __fma_rn(low, left, c[2]);
        c[3] = __fma_rn(low, right, c[3]);
    }
#endif
}

// 16 bytes from global to shared memory; with several stages not there before `copies_done`.
DEV void copy_later(double* to, const double* from) {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.cg.shared.global [%0],[%1],16;" ::"r"((u32)__cvta_generic_to_shared(to)), "l"(from) : "memory");
#else
    *(double2*)to = *(const double2*)from;
#endif
}
DEV void commit_copies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
template <int LEFT> DEV void copies_done() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#endif
}
// A barrier of the first `threads` threads.
DEV void part_barrier(int threads) { asm volatile("bar.sync 1,%0;" ::"r"(threads) : "memory"); }

// A warp's 16 rows of a panel: tile[b] is the 16 x 8 block b in the layout of `multiply`.
typedef double Tile[8][4];

DEV void load_tile(Tile tile, const double* rows, int ld, int blocks) {
    const int g = lane() >> 2, t = lane() & 3;
#pragma unroll
    for (int b = 0; b < 8; b++)
        if (b < blocks) {
#pragma unroll
            for (int e = 0; e < 2; e++) {
                const int column = packed(b * 8 + 2 * t + e);
                tile[b][e] = rows[(size_t)g * ld + column];
                tile[b][2 + e] = rows[(size_t)(g + 8) * ld + column];
            }
        }
}

// The tile takes the products of its rows with the panel's rows over the columns before `done`. Uniform; `rows` is null
// for a warp without rows.
DEV void take(Tile tile, const double* rows, const double* panel, int ld, int width, int done, double* stages) {
    const int g = lane() >> 2, t = lane() & 3, strips = done / STRIP, blocks = width / 8;
    if (strips == 0) return;
    const double* high = rows ? rows + (size_t)g * ld + 2 * t : panel;
    const double* low = rows ? high + (size_t)8 * ld : panel;
    auto stage = [&](int strip) {
        if (strip < strips) {
            double* to = stages + strip % STAGES * STAGE;
            const double* from = panel + strip * STRIP;
#pragma unroll
            for (int i = 0; i < PANEL * STRIP / 2 / THREADS; i++) {
                const int e = threadIdx.x + i * THREADS, row = e >> 3, pair = (e & 7) * 2;
                if (row < width) copy_later(to + row * STAGE_LD + pair, from + (size_t)row * ld + pair);
            }
        }
        commit_copies();
    };
    double2 now[2][2], next[2][2];
    auto fetch = [&](double2 x[2][2], int strip) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            x[i][0] = *(const double2*)(high + strip * STRIP + i * 8);
            x[i][1] = *(const double2*)(low + strip * STRIP + i * 8);
        }
    };
    if (STAGES > 1) {
        stage(0);
        stage(1);
    }
    if (rows) fetch(now, 0);
    for (int strip = 0; strip < strips; strip++) {
        copies_done<1>();
        __syncthreads();
        if (STAGES > 1) {
            stage(strip + 2);
        } else {
            stage(strip);
            __syncthreads();
        }
        if (rows && strip + 1 < strips) fetch(next, strip + 1);
        const double* b = stages + strip % STAGES * STAGE;
        if (rows) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
                const double a[4] = {-now[i][0].x, -now[i][1].x, -now[i][0].y, -now[i][1].y};
#pragma unroll
                for (int block = 0; block < 8; block++)
                    if (block < blocks) {
                        const double2 pair = *(const double2*)(b + (block * 8 + g) * STAGE_LD + i * 8 + 2 * t);
                        multiply(tile[block], a, pair.x, pair.y);
                    }
            }
        }
#pragma unroll
        for (int i = 0; i < 2; i++) {
            now[i][0] = next[i][0];
            now[i][1] = next[i][1];
        }
    }
    copies_done<0>();
    __syncthreads();
}

// A5.3 for 16 rows and 8 columns: `c` in the layout of `multiply`, `corner` the finished 8 x 8 block of L. Leaves the
// negated result in `a`, as the factor for the columns to the right.
DEV void finish_group(double c[4], const double* corner, const double* reciprocals, double a[4]) {
    const int t = lane() & 3;
#pragma unroll
    for (int k = 0; k < 8; k++) {
        const int owner = (lane() & ~3) | (k >> 1);
        const double r = reciprocals[k];
        const double high = from_lane(c[k & 1] * r, owner), low = from_lane(c[2 + (k & 1)] * r, owner);
        if (t == (k >> 1)) {
            c[k & 1] = high;
            c[2 + (k & 1)] = low;
        }
        const int at = packed(k);
        const double left = corner[(2 * t) * DIAGONAL_LD + at], right = corner[(2 * t + 1) * DIAGONAL_LD + at];
        if (2 * t > k) {
            c[0] = __fma_rn(-high, left, c[0]);
            c[2] = __fma_rn(-low, left, c[2]);
        }
        if (2 * t + 1 > k) {
            c[1] = __fma_rn(-high, right, c[1]);
            c[3] = __fma_rn(-low, right, c[3]);
        }
        if (t == (k & 3)) {
            a[k < 4 ? 0 : 2] = -high;
            a[k < 4 ? 1 : 3] = -low;
        }
    }
}

// The blocks to the right of block `done` take the products of the columns just finished; then tile[0] is the next one.
DEV void shift_tile(Tile tile, int done, int blocks, const double* diagonal, const double a[4]) {
    const int g = lane() >> 2, t = lane() & 3;
#pragma unroll
    for (int d = 1; d < 8; d++)
        if (done + d < blocks) {
            const double2 b = *(const double2*)(diagonal + ((done + d) * 8 + g) * DIAGONAL_LD + done * 8 + 2 * t);
            multiply(tile[d], a, b.x, b.y);
        }
#pragma unroll
    for (int d = 1; d < 8; d++) {
#pragma unroll
        for (int e = 0; e < 4; e++) tile[d - 1][e] = tile[d][e];
    }
}

// The 8 x 8 corner of a warp: A5.1 to A5.3 inside it. `s0`, `s1` are the entries (g, 2 t) and (g, 2 t + 1).
DEV void corner(double& s0, double& s1, double* reciprocals, double* all_reciprocals, int column) {
    const int g = lane() >> 2, t = lane() & 3;
#pragma unroll 1
    for (int k = 0; k < 8; k++) {
        const double own = (k & 1) ? s1 : s0;
        const double pivot = from_lane(own, k * 4 + (k >> 1));
        if (lane() == 0 && !(pivot > 0.0 && pivot < infinity())) atomicCAS(&failed_column, NONE, column + k);
        const double root = sqrt(pivot), r = 1.0 / root;
        const double x = g == k ? root : own * r;
        if (t == (k >> 1) && g >= k) {
            if (k & 1) s1 = x; else s0 = x;
        }
        const double mine = -from_lane(x, (lane() & ~3) | (k >> 1));
        const double left = from_lane(x, 2 * t * 4 + (k >> 1)), right = from_lane(x, (2 * t + 1) * 4 + (k >> 1));
        if (2 * t > k) s0 = __fma_rn(mine, left, s0);
        if (2 * t + 1 > k) s1 = __fma_rn(mine, right, s1);
        if (lane() == 0) {
            reciprocals[k] = r;
            all_reciprocals[column + k] = r;
        }
    }
}

// The panel's own square, one warp to 16 rows. `out` is its place in the matrix.
DEV void diagonal_square(Tile tile, int width, Panels* shared, double* out, int ld, double* reciprocals, int column) {
    const int g = lane() >> 2, t = lane() & 3, blocks = width / 8, threads = width / STRIP * LANES;
    const int p0 = packed(2 * t), p1 = packed(2 * t + 1);
    double* diagonal = shared->diagonal;
#pragma unroll 1
    for (int block = 0; block < blocks; block++) {
        const int owner = block >> 1, half = block & 1;
        double* in_shared = diagonal + block * 8;
        double* in_matrix = out + block * 8;
        if (warp() == owner) {
            double s0 = half ? tile[0][2] : tile[0][0], s1 = half ? tile[0][3] : tile[0][1];
            corner(s0, s1, shared->reciprocals + block * 8, reciprocals, column + block * 8);
            const int row = block * 8 + g;
            in_shared[row * DIAGONAL_LD + p0] = s0;
            in_shared[row * DIAGONAL_LD + p1] = s1;
            in_matrix[(size_t)row * ld + p0] = s0;
            in_matrix[(size_t)row * ld + p1] = s1;
        }
        part_barrier(threads);
        double a[4] = {0.0, 0.0, 0.0, 0.0};
        const bool below = warp() > owner || (warp() == owner && half == 0);
        if (below) {
            finish_group(tile[0], diagonal + block * 8 * DIAGONAL_LD + block * 8, shared->reciprocals + block * 8, a);
            for (int e = warp() == owner ? 1 : 0; e < 2; e++) {
                const int row = warp() * STRIP + e * 8 + g;
                const double x0 = e ? tile[0][2] : tile[0][0], x1 = e ? tile[0][3] : tile[0][1];
                in_shared[row * DIAGONAL_LD + p0] = x0;
                in_shared[row * DIAGONAL_LD + p1] = x1;
                in_matrix[(size_t)row * ld + p0] = x0;
                in_matrix[(size_t)row * ld + p1] = x1;
            }
        }
        part_barrier(threads);
        if (below) shift_tile(tile, block, blocks, diagonal, a);
    }
}

// 16 rows below the square.
DEV void rows_below(Tile tile, int blocks, const Panels* shared, double* out, int ld) {
    const int g = lane() >> 2, t = lane() & 3, p0 = packed(2 * t), p1 = packed(2 * t + 1);
    double *high = out + (size_t)g * ld, *low = high + (size_t)8 * ld;
#pragma unroll 1
    for (int block = 0; block < blocks; block++) {
        double a[4];
        finish_group(tile[0], shared->diagonal + block * 8 * DIAGONAL_LD + block * 8, shared->reciprocals + block * 8, a);
        high[block * 8 + p0] = tile[0][0];
        high[block * 8 + p1] = tile[0][1];
        low[block * 8 + p0] = tile[0][2];
        low[block * 8 + p1] = tile[0][3];
        shift_tile(tile, block, blocks, shared->diagonal, a);
    }
}

// One panel of a matrix whose panels to the left are finished, by many blocks in two launches. First its square, one block;
// returns the first failing column or NONE. Uniform.
FUN int factor_square(double* matrix, int columns, int ld, double* reciprocals, int first) {
    Panels* shared = (Panels*)pool;
    __syncthreads();
    if (threadIdx.x == 0) failed_column = NONE;
    __syncthreads();
    const int width = min(PANEL, columns - first), row = first + warp() * STRIP;
    double* panel = matrix + (size_t)first * ld;
    double* own = row < first + width ? matrix + (size_t)row * ld : nullptr;
    Tile tile;
    if (own) load_tile(tile, own + first, ld, width / 8);
    take(tile, own, panel, ld, width, first, shared->stages);
    if (own) diagonal_square(tile, width, shared, panel + first, ld, reciprocals, first);
    __syncthreads();
    return failed_column;
}

// Then the rows below it, each block its part.
FUN void factor_rows(double* matrix, int columns, int rows, int ld, const double* reciprocals, int first) {
    Panels* shared = (Panels*)pool;
    const int width = min(PANEL, columns - first), row = first + width + (blockIdx.x * WARPS + warp()) * STRIP;
    double* panel = matrix + (size_t)first * ld;
    for (int e = threadIdx.x; e < width * width; e += THREADS) {
        const int i = e / width, j = e % width;
        shared->diagonal[i * DIAGONAL_LD + j] = panel[(size_t)i * ld + first + j];
    }
    for (int j = threadIdx.x; j < width; j += THREADS) shared->reciprocals[j] = reciprocals[first + j];
    __syncthreads();
    double* own = row < rows ? matrix + (size_t)row * ld : nullptr;
    Tile tile;
    if (own) load_tile(tile, own + first, ld, width / 8);
    take(tile, own, panel, ld, width, first, shared->stages);
    if (own) rows_below(tile, width / 8, shared, own + first, ld);
}

// Factors in place; `columns` and `rows` are multiples of 16. Returns the first column without a positive finite pivot,
// or NONE. Uniform.
FUN int factor(double* matrix, int columns, int rows, int ld, double* reciprocals) {
    Panels* shared = (Panels*)pool;
    __syncthreads();
    if (threadIdx.x == 0) failed_column = NONE;
    __syncthreads();
    for (int first = 0; first < columns; first += PANEL) {
        const int width = min(PANEL, columns - first);
        double* panel = matrix + (size_t)first * ld;
        for (int base = first; base < rows; base += WARPS * STRIP) {
            const int row = base + warp() * STRIP;
            double* own = row < rows ? matrix + (size_t)row * ld : nullptr;
            Tile tile;
            if (own) load_tile(tile, own + first, ld, width / 8);
            take(tile, own, panel, ld, width, first, shared->stages);
            if (base == first) {
                if (row < first + width) diagonal_square(tile, width, shared, panel + first, ld, reciprocals, first);
                __syncthreads();
            }
            if (own && row >= first + width) rows_below(tile, width / 8, shared, own + first, ld);
        }
        __syncthreads();
        if (failed_column != NONE) break;
    }
    const int found = failed_column;
    __syncthreads();
    return found;
}
