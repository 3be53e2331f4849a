// A symmetric positive definite system with carried right-hand sides, and its solves (clauses A5.4 to A5.7).
#pragma once
#include "cholesky.cuh"

// Where a system lies. Rows: the matrix, padding to `columns`, then the carried rows.
struct System {
    double* entries;
    double* reciprocals;
    int n, carried, columns, rows, ld;
};
__shared__ System sys;

// Uniform; every thread writes its own entries afterwards.
DEV void shape(int n, int carried) {
    __syncthreads();
    if (threadIdx.x == 0) {
        sys.n = n;
        sys.carried = carried;
        sys.columns = whole(n, STRIP);
        sys.rows = whole(sys.columns + carried, STRIP);
        sys.ld = sys.columns + 8;
    }
    __syncthreads();
}

DEV double* entry(int row, int column) { return sys.entries + (size_t)row * sys.ld + packed(column); }
DEV double carried_entry(int r, int j) { return sys.entries[(size_t)(sys.columns + r) * sys.ld + packed(j)]; }

// Writes all rows, or those of one of `parts` blocks: `matrix(i, j)` for j <= i, `vector(r, j)` for the carried rows.
// Uniform.
template <class Matrix, class Vector> DEV void write_system(Matrix matrix, Vector vector, int part = 0, int parts = 1) {
    for (int row = part * WARPS + warp(); row < sys.rows; row += parts * WARPS) {
        const bool carried = row >= sys.columns;
        const int last = carried ? sys.columns : min(whole(row + 1, PANEL), sys.columns);
        for (int p = lane(); p < last; p += LANES) {
            const int j = unpacked(p);
            double value = 0.0;
            if (carried) {
                if (row - sys.columns < sys.carried && j < sys.n) value = vector(row - sys.columns, j);
            } else if (row >= sys.n) {
                value = row == j ? 1.0 : 0.0;
            } else if (j <= row) {
                value = matrix(row, j);
            }
            sys.entries[(size_t)row * sys.ld + p] = value;
        }
    }
    __syncthreads();
}

// Returns the failing column or NONE. Uniform.
DEV int factor_system() { return factor(sys.entries, sys.columns, sys.rows, sys.ld, sys.reciprocals); }

// `gram[r][s]`: a chain from 0 over the unknowns of y_r y_s. Uniform.
FUN void carried_gram(double* gram) {
    const int width = sys.carried, n = sys.n;
    for (int e = threadIdx.x; e < width * width; e += THREADS) {
        const double* a = sys.entries + (size_t)(sys.columns + e / width) * sys.ld;
        const double* b = sys.entries + (size_t)(sys.columns + e % width) * sys.ld;
        double s = 0.0;
        for (int j = 0; j < n; j++) s = __fma_rn(a[packed(j)], b[packed(j)], s);
        gram[e] = s;
    }
    __syncthreads();
}

// `out[j]`: a chain from 0 over the carried rows of c[r] y_r[j]. Uniform.
DEV void combine(const double* coefficients, double* out) {
    for (int j = threadIdx.x; j < sys.n; j += THREADS) {
        double s = 0.0;
        for (int r = 0; r < sys.carried; r++) s = __fma_rn(coefficients[r], carried_entry(r, j), s);
        out[j] = s;
    }
    __syncthreads();
}

__shared__ double solved[LANES];

// `L' x = y` in place, k descending: 32 unknowns by one warp, then they leave all earlier ones. Uniform.
FUN void backward(double* y) {
    const int n = sys.n;
    for (int first = (n - 1) / LANES * LANES; first >= 0; first -= LANES) {
        const int count = min(LANES, n - first);
        if (warp() == 0) {
            double s = lane() < count ? y[first + lane()] : 0.0;
            for (int k = count - 1; k >= 0; k--) {
                const double x = from_lane(s * sys.reciprocals[first + k], k);
                if (lane() == k) s = x;
                if (lane() < k) s = __fma_rn(-*entry(first + k, first + lane()), x, s);
            }
            if (lane() < count) {
                y[first + lane()] = s;
                solved[lane()] = s;
            }
        }
        __syncthreads();
        for (int i = threadIdx.x; i < first; i += THREADS) {
            double s = y[i];
            const int column = packed(i);
            for (int k = count - 1; k >= 0; k--)
                s = __fma_rn(-sys.entries[(size_t)(first + k) * sys.ld + column], solved[k], s);
            y[i] = s;
        }
        __syncthreads();
    }
}

// `L y = b` in place, k ascending. Uniform.
FUN void forward(double* b) {
    const int n = sys.n;
    for (int first = 0; first < n; first += LANES) {
        const int count = min(LANES, n - first);
        if (warp() == 0) {
            double s = lane() < count ? b[first + lane()] : 0.0;
            for (int k = 0; k < count; k++) {
                const double x = from_lane(s * sys.reciprocals[first + k], k);
                if (lane() == k) s = x;
                if (lane() > k && lane() < count) s = __fma_rn(-*entry(first + lane(), first + k), x, s);
            }
            if (lane() < count) {
                b[first + lane()] = s;
                solved[lane()] = s;
            }
        }
        __syncthreads();
        for (int i = first + LANES + threadIdx.x; i < n; i += THREADS) {
            double s = b[i];
            for (int k = 0; k < count; k++) s = __fma_rn(-*entry(i, first + k), solved[k], s);
            b[i] = s;
        }
        __syncthreads();
    }
}
