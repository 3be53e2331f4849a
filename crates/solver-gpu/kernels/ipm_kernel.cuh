// K = T^-1 + theta Sigma on the assets that can move, in the scaled form I + h theta Sigma h with right-hand sides
// carried along. The CPU's form is solver-cpu/src/ipm/kernel.rs.
#pragma once
#include "ipm_point.cuh"

// `out[j]`: a chain from 0 over the rows of the row-major `a` (rows x columns). Uniform.
FUN void transposed_times(const double* a, const double* x, double* out, int rows, int columns) {
    for (int j = threadIdx.x; j < columns; j += THREADS) {
        double s = 0.0;
#pragma unroll 4
        for (int i = 0; i < rows; i++) s = __fma_rn(a[(size_t)i * columns + j], x[i], s);
        out[j] = s;
    }
    __syncthreads();
}

DEV bool factor_with_factors() {
    const int k = p.k, live = p.live, carried = p.count + 1;
    for (int j = threadIdx.x; j < live; j += THREADS) {
        const int i = p.live_assets[j];
        const double specific = p.narrow || p.wide ? 0.0 : p.specific[i];
        p.h[j] = sqrt(1.0 / (p.diagonal[i] + at.theta * specific));
    }
    __syncthreads();
    for (int e = threadIdx.x; e < carried * live; e += THREADS) {
        const int r = e / live, j = e % live;
        p.rows_live[e] = p.carry[(size_t)r * p.n + p.live_assets[j]] * p.h[j];
    }
    __syncthreads();
    if (k == 0) return true;
    const double root = sqrt(at.theta);
    for (int e = threadIdx.x; e < live * k; e += THREADS) {
        const int j = e / k, q = e % k;
        const double scale = root * p.h[j];
        p.v[e] = scale * p.root[(size_t)q * p.n + p.live_assets[j]];
    }
    __syncthreads();
    for (int e = threadIdx.x; e < k * k; e += THREADS) {
        const int i = e / k, j = e % k;
        if (j < i) continue;
        double s = 0.0;
#pragma unroll 4
        for (int row = 0; row < live; row++) s = __fma_rn(p.v[(size_t)row * k + i], p.v[(size_t)row * k + j], s);
        p.core[e] = i == j ? s + 1.0 : s;
    }
    factor_dense(p.core, k, p.own);
    if (live > 0) {
        for (int e = threadIdx.x; e < carried * k; e += THREADS) {
            const int r = e / k, q = e % k;
            double s = 0.0;
#pragma unroll 4
            for (int j = 0; j < live; j++) s = __fma_rn(p.v[(size_t)j * k + q], p.rows_live[(size_t)r * live + j], s);
            p.inner[e] = s;
        }
        __syncthreads();
        for (int r = warp(); r < carried; r += WARPS) forward_dense(p.core, k, p.inner + (size_t)r * k);
    }
    int bad = 0;
    for (int e = threadIdx.x; e < k * k; e += THREADS) bad += e % k >= e / k && !finite(p.core[e]);
    return block_count(bad) == 0;
}

// Writes I + h theta Sigma h with the carried rows, or one block's part of it; `p.h` is at hand. Uniform.
DEV void write_kernel(int part, int parts) {
    const double theta = at.theta;
    write_system(
        [&](int i, int j) {
            const double scaled = theta * p.h[j] * ipm_sigma(p.live_assets[j], p.live_assets[i]) * p.h[i];
            return i == j ? scaled + 1.0 : scaled;
        },
        [&](int r, int j) { return p.carry[(size_t)r * p.n + p.live_assets[j]] * p.h[j]; }, part, parts);
}

// The scales of the dense form, and its shape. Uniform.
DEV void scale_kernel() {
    for (int j = threadIdx.x; j < p.live; j += THREADS) p.h[j] = sqrt(1.0 / p.diagonal[p.live_assets[j]]);
    shape(p.live, p.count + 1);
}

// Factors diag(diagonal) + theta Sigma with the carried rows; false when a pivot is not positive. Uniform.
FUN bool factor_kernel() {
    if (p.factored) return factor_with_factors();
    scale_kernel();
    write_kernel(0, 1);
    return factor_system() == NONE;
}

// gram[r][s] = C_r' K^-1 C_s of the carried rows. Uniform.
FUN void kernel_gram() {
    const int carried = p.count + 1;
    if (!p.factored) {
        carried_gram(p.gram);
        return;
    }
    for (int e = warp(); e < carried * carried; e += WARPS) {
        const int r = e / carried, s = e % carried;
        if (s > r) continue;
        double value = 0.0;
        if (p.live > 0)
            value = warp_dot(p.rows_live + (size_t)r * p.live, p.rows_live + (size_t)s * p.live, p.live) -
                    warp_dot(p.inner + (size_t)r * p.k, p.inner + (size_t)s * p.k, p.k);
        if (lane() == 0) {
            p.gram[r * carried + s] = value;
            p.gram[s * carried + r] = value;
        }
    }
    __syncthreads();
}

// One more right-hand side, `p.second`; its products with the carried ones into `p.products`. Uniform.
FUN void kernel_push() {
    const int carried = p.count + 1;
    for (int j = threadIdx.x; j < p.live; j += THREADS) p.second_live[j] = p.second[p.live_assets[j]] * p.h[j];
    __syncthreads();
    if (!p.factored) {
        forward(p.second_live);
        for (int r = threadIdx.x; r < carried; r += THREADS) {
            double s = 0.0;
            for (int j = 0; j < p.live; j++) s = s + carried_entry(r, j) * p.second_live[j];
            p.products[r] = s;
        }
        __syncthreads();
        return;
    }
    if (p.k > 0 && p.live > 0) {
        transposed_times(p.v, p.second_live, p.second_inner, p.live, p.k);
        if (warp() == 0) forward_dense(p.core, p.k, p.second_inner);
        __syncthreads();
    }
    for (int r = warp(); r < carried; r += WARPS) {
        double value = 0.0;
        if (p.live > 0)
            value = warp_dot(p.rows_live + (size_t)r * p.live, p.second_live, p.live) -
                    warp_dot(p.inner + (size_t)r * p.k, p.second_inner, p.k);
        if (lane() == 0) p.products[r] = value;
    }
    __syncthreads();
}

// K^-1 of the combination of the carried rows, plus the pushed one, into `p.step_w`; 0 for frozen assets. Uniform.
FUN void kernel_back(bool pushed) {
    const int carried = p.count + 1;
    if (!p.factored) {
        combine(p.coefficients, p.x);
        if (pushed)
            for (int j = threadIdx.x; j < p.live; j += THREADS) p.x[j] = p.x[j] + p.second_live[j];
        __syncthreads();
        backward(p.x);
    } else {
        transposed_times(p.rows_live, p.coefficients, p.x, carried, p.live);
        if (p.k > 0 && p.live > 0) transposed_times(p.inner, p.coefficients, p.behind, carried, p.k);
        if (pushed) {
            for (int j = threadIdx.x; j < p.live; j += THREADS) p.x[j] = p.x[j] + p.second_live[j];
            if (p.live > 0)
                for (int q = threadIdx.x; q < p.k; q += THREADS) p.behind[q] = p.behind[q] + p.second_inner[q];
        }
        __syncthreads();
        if (p.k > 0 && p.live > 0) {
            if (warp() == 0) backward_dense(p.core, p.k, p.behind);
            __syncthreads();
            for (int j = warp(); j < p.live; j += WARPS) {
                const double own = warp_dot(p.v + (size_t)j * p.k, p.behind, p.k);
                if (lane() == 0) p.x[j] = p.x[j] - own;
            }
            __syncthreads();
        }
    }
    for (int i = threadIdx.x; i < p.n; i += THREADS) p.step_w[i] = 0.0;
    __syncthreads();
    for (int j = threadIdx.x; j < p.live; j += THREADS) p.step_w[p.live_assets[j]] = p.x[j] * p.h[j];
    __syncthreads();
}
