// The iterate's residuals. The CPU's form is solver-cpu/src/ipm/point.rs.
#pragma once
#include "ipm_view.cuh"

template <class T> DEV double symmetric_chain(const T* matrix, const double* x, int i) {
    const size_t n = p.n;
    double s = 0.0;
#pragma unroll 8
    for (int c = 0; c < p.n; c++) s = __fma_rn((double)matrix[(size_t)c * n + i], x[c], s);
    return s;
}

// y = Sigma x; factor form: B (F (B' x)) + D x. Uniform.
FUN void covariance_times(const double* x, double* y, int factors) {
    if (p.narrow || p.wide) {
        for (int i = threadIdx.x; i < p.n; i += THREADS)
            y[i] = p.narrow ? symmetric_chain(p.narrow, x, i) : symmetric_chain(p.wide, x, i);
        __syncthreads();
        return;
    }
    for (int j = threadIdx.x; j < factors; j += THREADS) {
        const double* b = p.exposures + (size_t)j * p.n;
        double s = 0.0;
        for (int i = 0; i < p.n; i++) s = __fma_rn(b[i], x[i], s);
        p.exposed[j] = s;
    }
    __syncthreads();
    for (int j = threadIdx.x; j < factors; j += THREADS) {
        double s = 0.0;
        for (int q = 0; q < factors; q++) s = __fma_rn(p.factors[j * factors + q], p.exposed[q], s);
        p.loaded[j] = s;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < p.n; i += THREADS) {
        double s = 0.0;
        for (int j = 0; j < factors; j++) s = __fma_rn(p.exposures[(size_t)j * p.n + i], p.loaded[j], s);
        y[i] = s + p.specific[i] * x[i];
    }
    __syncthreads();
}

// What is on the sides of a value: lower, then upper. One thread a value.
template <class Term> DEV double over_sides(int value, Term term) {
    double sum = 0.0;
    for (int e = 0; e < 2; e++) {
        const int i = p.side_of[2 * value + e];
        if (i != NONE) sum = sum + term(i, p.side_is_upper[i] ? 1.0 : -1.0);
    }
    return sum;
}

// y + a x, rounded twice.
DEV double added(double y, double a, double x) { return y + a * x; }

// The rows' values at weights `w` and trades `t` into `out`. A warp to a row; no barrier.
DEV void values_of_rows(const double* w, const double* t, double* out) {
    for (int r = warp(); r < p.rows; r += WARPS) {
        double value = warp_dot(p.on_weights + (size_t)r * p.n, w, p.n);
        if (p.row_uses_trades[r]) value = value + warp_dot(p.on_trades + (size_t)r * p.m, t, p.m);
        if (lane() == 0) out[r] = value;
    }
}

// Values of trades, weights, rows and cap, and the gradient. Uniform.
FUN void values_at_point(int factors) {
    for (int i = threadIdx.x; i < p.n; i += THREADS) {
        p.d[i] = p.w[i] - p.benchmark[i];
        p.value[p.m + i] = p.w[i];
    }
    for (int k = threadIdx.x; k < p.m; k += THREADS) p.value[k] = p.t[k];
    __syncthreads();
    covariance_times(p.d, p.gradient, factors);
    values_of_rows(p.w, p.t, p.value + p.m + p.n);
    if (p.capped && warp() == WARPS - 1) {
        const double variance = warp_dot(p.d, p.gradient, p.n);
        if (lane() == 0) p.value[p.m + p.n + p.rows] = 0.5 * variance;
    }
    __syncthreads();
}

// Residuals of everything at the point. Uniform.
FUN void evaluate(int factors) {
    values_at_point(factors);
    const int rows_at = p.m + p.n;
    for (int e = threadIdx.x; e < p.values; e += THREADS)
        p.price[e] = over_sides(e, [](int i, double sigma) { return sigma * p.z[i]; });
    __syncthreads();
    double primal = 0.0;
    for (int r = threadIdx.x; r < p.rows; r += THREADS) {
        const bool equality = p.row_is_equality[r];
        p.equal[r] = equality ? p.value[rows_at + r] - p.row_upper[r] : 0.0;
        p.row_price[r] = equality ? p.l[r] : p.price[rows_at + r];
        primal = larger(primal, magnitude(p.equal[r]));
    }
    if (threadIdx.x == 0) at.theta = p.gamma + (p.capped ? p.price[rows_at + p.rows] : 0.0);
    __syncthreads();
    double dual = 0.0;
    for (int i = threadIdx.x; i < p.n; i += THREADS) {
        double own = at.theta * p.gradient[i] - p.alpha[i] + p.price[p.m + i];
        own = own + p.y[i];
        for (int r = 0; r < p.rows; r++) own = added(own, p.row_price[r], p.on_weights[(size_t)r * p.n + i]);
        p.of_weights[i] = own;
        if (!p.frozen[i]) dual = larger(dual, magnitude(own));
        double link = p.w[i] - p.start[i];
        for (int e = p.first[i]; e < p.first[i + 1]; e++) link = link - p.sign[p.members[e]] * p.t[p.members[e]];
        p.link[i] = link;
        primal = larger(primal, magnitude(link));
    }
    for (int k = threadIdx.x; k < p.m; k += THREADS) {
        double own = p.cost[k] - p.sign[k] * p.y[p.asset[k]] + p.price[k];
        for (int r = 0; r < p.rows; r++)
            if (p.row_uses_trades[r]) own = added(own, p.row_price[r], p.on_trades[(size_t)r * p.m + k]);
        p.of_trades[k] = own;
        dual = larger(dual, magnitude(own));
    }
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        p.r[i] = (p.side_is_upper[i] ? 1.0 : -1.0) * (p.side_limit[i] - p.value[p.side_at[i]]) - p.s[i];
        primal = larger(primal, magnitude(p.r[i]));
    }
    primal = block_largest(primal);
    dual = block_largest(dual);
    if (warp() == 0) {
        const double gap = warp_dot(p.s, p.z, p.sides);
        if (lane() == 0) {
            at.primal = primal;
            at.dual = dual;
            at.gap = gap;
        }
    }
    __syncthreads();
}

// Slacks and prices of the limits at the start. Uniform.
FUN void start_sides(int factors) {
    values_at_point(factors);
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        p.s[i] = larger(magnitude(p.side_limit[i] - p.value[p.side_at[i]]), p.side_floor[i]);
        p.z[i] = p.side_price[i];
    }
    __syncthreads();
}
