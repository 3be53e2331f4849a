// The covariance in the operations of a search: its gradient, some of its columns, and the inverse of the block of free
// assets applied to a few vectors. The CPU's form is solver-cpu/src/active/sigma.rs.
#pragma once
#include "job.cuh"
#include "system.cuh"

struct Covariance {
    const float* narrow;
    const double *wide, *root, *specific;
    int n, k, factored, vectors;
};
__shared__ Covariance cov;

DEV double sigma(int i, int j) {
    const size_t at = (size_t)i * cov.n + j;
    return cov.narrow ? (double)cov.narrow[at] : cov.wide[at];
}

// Uniform: lets the factor form, or the sketch, stand for the covariance; or the dense matrix itself.
DEV void let_stand(bool factored) {
    __syncthreads();
    if (threadIdx.x == 0) cov.factored = factored;
    __syncthreads();
}

// y_i goes on with a chain over the listed columns (all in order when `list` is null), x by place in the list.
template <class T> DEV double column_chain(const T* matrix, const int* list, int count, const double* x, int i, double s) {
    const size_t n = cov.n;
    if (list) {
#pragma unroll 4
        for (int c = 0; c < count; c++) s = __fma_rn((double)matrix[(size_t)list[c] * n + i], x[c], s);
    } else {
#pragma unroll 8
        for (int c = 0; c < count; c++) s = __fma_rn((double)matrix[(size_t)c * n + i], x[c], s);
    }
    return s;
}

FUN void chains(const int* list, int count, const double* x, double* out, bool from_zero) {
    for (int i = threadIdx.x; i < cov.n; i += THREADS) {
        const double s = from_zero ? 0.0 : out[i];
        out[i] = cov.narrow ? column_chain(cov.narrow, list, count, x, i, s) : column_chain(cov.wide, list, count, x, i, s);
    }
    __syncthreads();
}

// out = G p: a chain from 0 over the factors for each asset.
DEV double common_part(int i, const double* p) {
    double s = 0.0;
    for (int j = 0; j < cov.k; j++) s = __fma_rn(cov.root[(size_t)j * cov.n + i], p[j], s);
    return s;
}

// out = Sigma d. Uniform.
FUN void gradient_of(const double* d, double* out) {
    if (!cov.factored) {
        chains(nullptr, cov.n, d, out, true);
        return;
    }
    for (int j = threadIdx.x; j < cov.k; j += THREADS) {
        const double* g = cov.root + (size_t)j * cov.n;
        double s = 0.0;
        for (int i = 0; i < cov.n; i++) s = __fma_rn(g[i], d[i], s);
        v.exposed[j] = s;
        v.pending[j] = 0.0;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < cov.n; i += THREADS) {
        const double s = common_part(i, v.exposed);
        out[i] = s + cov.specific[i] * d[i];
    }
    __syncthreads();
}

// out = out + Sigma[:, list] x; in factor form the common part waits for `flush`. Uniform.
FUN void add_columns(const int* list, int count, const double* x, double* out) {
    if (!cov.factored) {
        chains(list, count, x, out, false);
        return;
    }
    for (int e = threadIdx.x; e < count; e += THREADS) {
        const int i = list[e];
        out[i] = out[i] + cov.specific[i] * x[e];
    }
    for (int j = threadIdx.x; j < cov.k; j += THREADS) {
        const double* g = cov.root + (size_t)j * cov.n;
        double s = v.pending[j];
        for (int e = 0; e < count; e++) s = s + g[list[e]] * x[e];
        v.pending[j] = s;
    }
    __syncthreads();
}

// Completes `add_columns`. Uniform.
FUN void flush(double* out) {
    if (!cov.factored) return;
    int waiting = 0;
    for (int j = 0; j < cov.k; j++) waiting |= v.pending[j] != 0.0;
    __syncthreads();
    if (!waiting) return;
    for (int i = threadIdx.x; i < cov.n; i += THREADS) out[i] = out[i] + common_part(i, v.pending);
    __syncthreads();
    for (int j = threadIdx.x; j < cov.k; j += THREADS) v.pending[j] = 0.0;
    __syncthreads();
}

// Entry i of a gradient as `flush` would leave it.
DEV double completed(const double* gradient, int i) {
    if (!cov.factored) return gradient[i];
    double s = 0.0;
    for (int j = 0; j < cov.k; j++) s = s + cov.root[(size_t)j * cov.n + i] * v.pending[j];
    return gradient[i] + s;
}

// X' D^-1 X, the entries that are read: rows of G with all that follow, vectors with vectors.
DEV void weighted_products(int count, int width) {
    const int k = cov.k;
    for (int e = threadIdx.x; e < width * width; e += THREADS) {
        const int r = e / width, s = e % width;
        if (s < r && (r < k || s < k)) continue;
        double sum = 0.0;
#pragma unroll 4
        for (int j = 0; j < count; j++) {
            const double* row = v.x + (size_t)j * width;
            sum = __fma_rn(row[r] * v.inverse[j], row[s], sum);
        }
        v.products[e] = sum;
    }
    __syncthreads();
}

// Factors the block of the listed assets with `vectors` right-hand sides; `vector(q, j)` is entry j of the q-th. Returns
// whether it is positive definite. Uniform.
template <class Vector> DEV bool factor_block(const int* list, int count, int vectors, Vector vector) {
    __syncthreads();
    if (threadIdx.x == 0) cov.vectors = vectors;
    if (!cov.factored) {
        shape(count, vectors);
        write_system([&](int i, int j) { return sigma(list[i], list[j]); }, vector);
        return factor_system() == NONE;
    }
    const int k = cov.k, width = k + vectors;
    int bad = 0;
    for (int j = threadIdx.x; j < count; j += THREADS) {
        const double own = cov.specific[list[j]];
        bad += !(own > 0.0);
        v.inverse[j] = 1.0 / own;
    }
    if (block_count(bad) > 0) return false;
    for (int j = threadIdx.x; j < count; j += THREADS) {
        double* row = v.x + (size_t)j * width;
        for (int q = 0; q < k; q++) row[q] = cov.root[(size_t)q * cov.n + list[j]];
        for (int q = 0; q < vectors; q++) row[k + q] = vector(q, j);
    }
    __syncthreads();
    weighted_products(count, width);
    shape(k, vectors);
    write_system([&](int i, int j) { return v.products[j * width + i] + (i == j ? 1.0 : 0.0); },
                 [&](int q, int j) { return v.products[j * width + k + q]; });
    return factor_system() == NONE;
}

// gram[p][q] = v_p' Sigma_FF^-1 v_q. Uniform.
DEV void block_gram(double* gram) {
    carried_gram(gram);
    if (!cov.factored) return;
    const int k = cov.k, vectors = cov.vectors, width = k + vectors;
    for (int e = threadIdx.x; e < vectors * vectors; e += THREADS)
        gram[e] = v.products[(k + e / vectors) * width + k + e % vectors] - gram[e];
    __syncthreads();
}

// out = Sigma_FF^-1 (sum of coefficients times vectors), `count` entries. Uniform.
FUN void block_solve(const double* coefficients, double* out, int count) {
    if (!cov.factored) {
        combine(coefficients, out);
        backward(out);
        return;
    }
    const int k = cov.k, width = k + cov.vectors;
    combine(coefficients, v.exposed);
    backward(v.exposed);
    for (int q = threadIdx.x; q < width; q += THREADS) v.direction[q] = q < k ? -v.exposed[q] : coefficients[q - k];
    __syncthreads();
    for (int j = threadIdx.x; j < count; j += THREADS) {
        const double* row = v.x + (size_t)j * width;
        double s = 0.0;
        for (int q = 0; q < width; q++) s = __fma_rn(row[q], v.direction[q], s);
        out[j] = s * v.inverse[j];
    }
    __syncthreads();
}
