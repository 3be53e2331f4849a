// Clause A5a by one warp: elimination with row pivoting. The CPU's form is canon/src/small.rs.
#pragma once
#include "base.cuh"

// `rows` is m x (m + rhs); returns how many unknowns stay open. One warp.
FUN int solve_small(double* rows, int m, int rhs, int* pivots) {
    const int width = m + rhs;
    double most = 0.0;
    for (int e = lane(); e < m * m; e += LANES) most = larger(most, magnitude(rows[e / m * width + e % m]));
    const double least = warp_largest(most) * 1e-11;
    int done = 0;
    for (int c = 0; c < m; c++) {
        double size = 0.0;
        int at = done;
        for (int i = done + lane(); i < m; i += LANES) {
            const double own = magnitude(rows[i * width + c]);
            if (own > size) at = i;
            size = larger(size, own);
        }
#pragma unroll
        for (int half = LANES / 2; half > 0; half /= 2) {
            const double other = __shfl_xor_sync(~0u, size, half);
            const int other_at = __shfl_xor_sync(~0u, at, half);
            if (other > size || (other == size && other_at < at)) {
                size = other;
                at = other_at;
            }
        }
        if (done == m || !(size > least)) {
            if (lane() == 0) pivots[c] = NONE;
            continue;
        }
        if (at != done)
            for (int j = lane(); j < width; j += LANES) {
                const double kept = rows[done * width + j];
                rows[done * width + j] = rows[at * width + j];
                rows[at * width + j] = kept;
            }
        __syncwarp();
        for (int i = done + 1 + lane(); i < m; i += LANES) {
            const double factor = rows[i * width + c] / rows[done * width + c];
            if (factor != 0.0)
                for (int j = c; j < width; j++) rows[i * width + j] = __fma_rn(-factor, rows[done * width + j], rows[i * width + j]);
            rows[i * width + c] = 0.0;
        }
        if (lane() == 0) pivots[c] = done;
        __syncwarp();
        done++;
    }
    __syncwarp();
    if (lane() < rhs) {
        const int q = m + lane();
        for (int c = m - 1; c >= 0; c--) {
            double value = 0.0;
            if (pivots[c] != NONE) {
                const double* row = rows + pivots[c] * width;
                double s = row[q];
                for (int j = c + 1; j < m; j++) s = __fma_rn(-row[j], rows[j * width + q], s);
                value = s / row[c];
            }
            rows[c * width + q] = value;
        }
    }
    __syncwarp();
    return m - done;
}
