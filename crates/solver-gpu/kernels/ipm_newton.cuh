// The Newton step of the optimality conditions, and the barrier's part of it. The CPU's forms are
// solver-cpu/src/ipm/newton.rs and barrier.rs.
#pragma once
#include "ipm_kernel.cuh"

DEV double sigma_of(int side) { return p.side_is_upper[side] ? 1.0 : -1.0; }
DEV double* centre(int r) { return p.centres + (size_t)r * (p.n + 1); }

FUN void eliminate_trades() {
    for (int e = threadIdx.x; e < p.values; e += THREADS) {
        const double d = over_sides(e, [](int i, double) { return p.z[i] / p.s[i]; });
        p.stiffness[e] = d;
        if (e < p.m) p.give[e] = 1.0 / d;
    }
    __syncthreads();
    for (int i = threadIdx.x; i <= p.n; i += THREADS) {
        double held = 0.0;
        for (int e = p.first[i]; e < p.first[i + 1]; e++) held = held + p.give[p.members[e]];
        held = i < p.n && held > 0.0 ? 1.0 / held : 0.0;
        p.held[i] = held;
        if (i < p.n) p.diagonal[i] = p.stiffness[p.m + i] + held;
    }
    __syncthreads();
}

// Whether row r's coefficients are gathered over trade k.
DEV bool touches(int r, int k) {
    int low = p.touched_first[r], high = p.touched_first[r + 1];
    while (low < high) {
        const int middle = (low + high) / 2;
        if (p.touched[middle] < k) low = middle + 1; else high = middle;
    }
    return low < p.touched_first[r + 1] && p.touched[low] == k;
}

// W and the centred coefficients on trades.
FUN void collect_rows() {
    for (int r = 0; r < p.rows; r++) {
        const double *on_weights = p.on_weights + (size_t)r * p.n, *on_trades = p.on_trades + (size_t)r * p.m;
        double *carry = p.carry + (size_t)r * p.n, *centred = p.centred + (size_t)r * p.m;
        if (!p.row_uses_trades[r]) {
            for (int i = threadIdx.x; i < p.n; i += THREADS) carry[i] = on_weights[i];
            continue;
        }
        for (int i = threadIdx.x; i <= p.n; i += THREADS) {
            double own = 0.0;
            for (int e = p.first[i]; e < p.first[i + 1]; e++) {
                const int k = p.members[e];
                if (touches(r, k)) own = own + p.sign[k] * on_trades[k] * p.give[k];
            }
            own = own * p.held[i];
            centre(r)[i] = own;
            if (i < p.n) carry[i] = on_weights[i] + own;
            for (int e = p.first[i]; e < p.first[i + 1]; e++) {
                const int k = p.members[e];
                centred[k] = touches(r, k) ? on_trades[k] - p.sign[k] * own : 0.0;
            }
        }
    }
    if (p.capped)
        for (int i = threadIdx.x; i < p.n; i += THREADS) p.carry[(size_t)p.rows * p.n + i] = p.gradient[i];
    __syncthreads();
}

// Right-hand sides for products of mu, corrected by those of the step before.
FUN void right_sides(double mu, bool corrected) {
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        const double product = corrected ? p.ds[i] * p.dz[i] : 0.0;
        p.c[i] = mu - p.s[i] * p.z[i] - product;
    }
    __syncthreads();
    for (int e = threadIdx.x; e < p.values; e += THREADS)
        p.q[e] = over_sides(e, [](int i, double sigma) { return sigma * ((p.c[i] - p.z[i] * p.r[i]) / p.s[i]); });
    __syncthreads();
    for (int k = threadIdx.x; k < p.m; k += THREADS) {
        const double own = -p.of_trades[k] - p.q[k];
        p.on_trades_now[k] = own;
        p.scratch[k] = own * p.give[k];
    }
    __syncthreads();
    for (int i = threadIdx.x; i < p.n; i += THREADS) {
        double gathered = 0.0;
        for (int e = p.first[i]; e < p.first[i + 1]; e++) {
            const int k = p.members[e];
            gathered = gathered + p.sign[k] * p.on_trades_now[k] * p.give[k];
        }
        p.gathered[i] = gathered;
        const double missing = p.link[i] - gathered;
        p.second[i] = -p.of_weights[i] - p.q[p.m + i] - p.held[i] * missing;
    }
    __syncthreads();
    const int rows_at = p.m + p.n;
    for (int r = warp(); r < p.count; r += WARPS) {
        const double d = p.stiffness[rows_at + r];
        double rhs = d > 0.0 ? -p.q[rows_at + r] / d : -p.equal[r];
        if (r < p.rows && p.row_uses_trades[r]) {
            rhs = rhs - warp_dot(p.centred + (size_t)r * p.m, p.scratch, p.m);
            rhs = rhs - warp_dot(centre(r), p.link, p.n);
        }
        if (lane() == 0) p.rhs[r] = rhs;
    }
    __syncthreads();
}

// Row r's part over trades of the small matrix, with row s; a warp. `p.scratch` holds row r's centred coefficients
// times give.
DEV double shared_trades(int r, int s) {
    const double* other = p.centred + (size_t)s * p.m;
    const int own_count = p.touched_first[r + 1] - p.touched_first[r], other_count = p.touched_first[s + 1] - p.touched_first[s];
    const int shared = other_count < own_count ? s : r;
    const int from = p.touched_first[shared], to = p.touched_first[shared + 1];
    if (to - from == p.m) return warp_dot(p.scratch, other, p.m);
    double sum = 0.0;
    for (int e = from; e < to; e++) {
        const int k = p.touched[e];
        sum = sum + p.scratch[k] * other[k];
    }
    return sum;
}

// W K^-1 W' + G + 1/D, factored.
FUN void complement() {
    const int count = p.count;
    for (int e = threadIdx.x; e < count * count; e += THREADS) {
        const int s = e / count, r = e % count;
        p.schur[e] = s <= r ? p.gram[r * (count + 1) + s] : 0.0;
    }
    __syncthreads();
    for (int r = 0; r < p.rows; r++) {
        if (!p.row_uses_trades[r]) continue;
        for (int k = threadIdx.x; k < p.m; k += THREADS) p.scratch[k] = p.centred[(size_t)r * p.m + k] * p.give[k];
        __syncthreads();
        for (int s = warp(); s <= r; s += WARPS) {
            if (!p.row_uses_trades[s]) continue;
            const double own = shared_trades(r, s);
            if (lane() == 0) p.schur[s * count + r] = p.schur[s * count + r] + own;
        }
        __syncthreads();
    }
    for (int r = threadIdx.x; r < count; r += THREADS) {
        const double own = p.schur[r * count + r], d = p.stiffness[p.m + p.n + r];
        p.reach[r] = own;
        if (d > 0.0) p.schur[r * count + r] = own + 1.0 / d;
    }
    factor_dense(p.schur, count, p.own);
}

// The step from the products of the right-hand side with the rows; then that of every side.
FUN void solve_step(bool pushed) {
    const int count = p.count, rows_at = p.m + p.n;
    for (int r = threadIdx.x; r < count; r += THREADS) p.step_l[r] = p.products[r] - p.rhs[r];
    __syncthreads();
    if (warp() == 0) {
        forward_dense(p.schur, count, p.step_l);
        backward_dense(p.schur, count, p.step_l);
    }
    __syncthreads();
    for (int r = threadIdx.x; r <= count; r += THREADS)
        p.coefficients[r] = r < count ? -p.step_l[r] : (pushed ? 0.0 : 1.0);
    __syncthreads();
    kernel_back(pushed);
    for (int i = threadIdx.x; i <= p.n; i += THREADS) {
        double y = i < p.n ? p.held[i] * (p.step_w[i] + p.link[i] - p.gathered[i]) : p.step_y[i];
        for (int r = 0; r < p.rows; r++)
            if (p.row_uses_trades[r]) y = added(y, p.step_l[r], centre(r)[i]);
        p.step_y[i] = y;
    }
    __syncthreads();
    for (int k = threadIdx.x; k < p.m; k += THREADS) {
        double pull = p.on_trades_now[k];
        for (int r = 0; r < p.rows; r++)
            if (p.row_uses_trades[r]) pull = added(pull, -p.step_l[r], p.on_trades[(size_t)r * p.m + k]);
        pull = pull + p.sign[k] * p.step_y[p.asset[k]];
        p.step_t[k] = pull * p.give[k];
        p.step_value[k] = p.step_t[k];
    }
    for (int i = threadIdx.x; i < p.n; i += THREADS) p.step_value[p.m + i] = p.step_w[i];
    __syncthreads();
    for (int r = warp(); r < count; r += WARPS) {
        const double d = p.stiffness[rows_at + r];
        double moved;
        if (d * p.reach[r] > 1.0) {
            moved = (p.step_l[r] - p.q[rows_at + r]) / d;
        } else if (r < p.rows) {
            moved = warp_dot(p.on_weights + (size_t)r * p.n, p.step_w, p.n);
            if (p.row_uses_trades[r]) moved = moved + warp_dot(p.on_trades + (size_t)r * p.m, p.step_t, p.m);
        } else {
            moved = warp_dot(p.gradient, p.step_w, p.n);
        }
        if (lane() == 0) p.step_value[rows_at + r] = moved;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        p.ds[i] = p.r[i] - sigma_of(i) * p.step_value[p.side_at[i]];
        p.dz[i] = (p.c[i] - p.z[i] * p.ds[i]) / p.s[i];
    }
    __syncthreads();
}

// Whether the step is made of numbers.
FUN bool step_is_finite() {
    int bad = 0;
    for (int k = threadIdx.x; k < p.m; k += THREADS) bad += !finite(p.step_t[k]);
    for (int i = threadIdx.x; i <= p.n; i += THREADS) bad += !finite(p.step_y[i]) || (i < p.n && !finite(p.step_w[i]));
    for (int r = threadIdx.x; r < p.count; r += THREADS) bad += !finite(p.step_l[r]);
    return block_count(bad) == 0;
}

// Everything of the step that aims at products of 0 up to its factorisation.
FUN void before_factor() {
    eliminate_trades();
    collect_rows();
    right_sides(0.0, false);
    for (int i = threadIdx.x; i < p.n; i += THREADS) p.carry[(size_t)p.count * p.n + i] = p.second[i];
    __syncthreads();
}

// And from it to the step.
FUN void after_factor() {
    kernel_gram();
    complement();
    for (int r = threadIdx.x; r <= p.count; r += THREADS) p.products[r] = p.gram[p.count * (p.count + 1) + r];
    __syncthreads();
    solve_step(false);
}

// The longest step that keeps every slack and price nonnegative; may exceed 1.
FUN double longest_step() {
    double steepest = 0.0;
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        steepest = larger(steepest, -(p.ds[i] / p.s[i]));
        steepest = larger(steepest, -(p.dz[i] / p.z[i]));
    }
    steepest = block_largest(steepest);
    return steepest > 0.0 ? 1.0 / steepest : infinity();
}

// The gap after a step of length a: one sum in the order of the sides. `p.c` is free until the next right-hand sides.
FUN double gap_after(double a) {
    for (int i = threadIdx.x; i < p.sides; i += THREADS)
        p.c[i] = (p.s[i] + a * p.ds[i]) * (p.z[i] + a * p.dz[i]);
    __syncthreads();
    if (threadIdx.x == 0) {
        double gap = 0.0;
#pragma unroll 8
        for (int i = 0; i < p.sides; i++) gap = gap + p.c[i];
        at.gap_after = gap;
    }
    __syncthreads();
    return at.gap_after;
}

constexpr double NEAR_LIMIT = 0.995;

// The rest of an iteration whose matrix is factored; false when there is no step.
FUN bool finish_iteration() {
    after_factor();
    if (!step_is_finite()) return false;
    if (p.sides > 0) {
        const double mu = at.gap / (double)p.sides;
        const double reach = smaller(1.0, longest_step());
        const double ratio = larger(gap_after(reach) / at.gap, 0.0);
        right_sides(ratio * ratio * ratio * mu, true);
        kernel_push();
        solve_step(true);
        if (!step_is_finite()) return false;
    }
    const double a = smaller(1.0, NEAR_LIMIT * longest_step());
    for (int k = threadIdx.x; k < p.m; k += THREADS) p.t[k] = added(p.t[k], a, p.step_t[k]);
    for (int i = threadIdx.x; i <= p.n; i += THREADS) {
        if (i < p.n) p.w[i] = added(p.w[i], a, p.step_w[i]);
        p.y[i] = added(p.y[i], a, p.step_y[i]);
    }
    for (int r = threadIdx.x; r < p.rows; r += THREADS) p.l[r] = added(p.l[r], a, p.step_l[r]);
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        p.s[i] = added(p.s[i], a, p.ds[i]);
        p.z[i] = added(p.z[i], a, p.dz[i]);
    }
    __syncthreads();
    return a > 0.0;
}
