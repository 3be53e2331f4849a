// Small dense systems: an ordered Cholesky A = U' U that survives rows which say the same thing, two roundings a step.
// The CPU's form is solver-cpu/src/ipm/dense.rs.
#pragma once
#include "base.cuh"

constexpr double DEPENDENT = 1e-12;     // a pivot below this share of its diagonal entry is rounding
constexpr double SOFT = 1e-8;           // and becomes this share of it

// Row-major; the upper triangle counts. Afterwards the diagonal holds reciprocals. `own` has room for n. Uniform.
FUN void factor_dense(double* a, int n, double* own) {
    __syncthreads();
    double most = 0.0;
    for (int i = threadIdx.x; i < n; i += THREADS) {
        own[i] = a[i * n + i];
        most = larger(most, own[i]);
    }
    const double largest = block_largest(most);
    for (int k = 0; k < n; k++) {
        double* row = a + k * n;
        __syncthreads();
        if (threadIdx.x == 0) {
            double pivot = row[k];
            if (!(pivot > DEPENDENT * own[k])) pivot = SOFT * (own[k] > 0.0 ? own[k] : larger(largest, 1e-100));
            row[k] = 1.0 / sqrt(pivot);
        }
        __syncthreads();
        const double reciprocal = row[k];
        for (int j = k + 1 + threadIdx.x; j < n; j += THREADS) row[j] = row[j] * reciprocal;
        __syncthreads();
        const int left = n - k - 1;
        for (int e = threadIdx.x; e < left * left; e += THREADS) {
            const int i = k + 1 + e / left, j = k + 1 + e % left;
            if (j >= i) a[i * n + j] = a[i * n + j] + -row[i] * row[j];
        }
    }
    __syncthreads();
}

// `U' y = b` in place. One warp.
DEV void forward_dense(const double* a, int n, double* b) {
    for (int i = 0; i < n; i++) {
        const double y = b[i] * a[i * n + i];
        __syncwarp();
        if (lane() == 0) b[i] = y;
        for (int j = i + 1 + lane(); j < n; j += LANES) b[j] = b[j] + -y * a[i * n + j];
        __syncwarp();
    }
}

// `U x = y` in place: row i takes its chain over j ascending. One warp; the chains are one lane's.
DEV void backward_dense(const double* a, int n, double* y) {
    if (lane() == 0)
        for (int i = n - 1; i >= 0; i--) {
            double s = y[i];
            for (int j = i + 1; j < n; j++) s = s - a[i * n + j] * y[j];
            y[i] = s * a[i * n + i];
        }
    __syncwarp();
}
