// The optimum of a state: one system of linear equations. The CPU's form, with the mathematics, is
// solver-cpu/src/active/point.rs.
#pragma once
#include "covariance.cuh"
#include "curve.cuh"
#include "small.cuh"

// What every thread knows of the present step.
struct Now {
    double curvature, weight_tolerance, price_tolerance, theta;
    int free, active, changed, extra, undetermined, parts, priced, was_priced, ending;
};
__shared__ Now now;

// The trades next to the position of asset i that are at a bound; of equal slopes the one whose turn it is.
DEV void look_around(int i) {
    double up = infinity(), down = -infinity();
    int up_trade = NONE, down_trade = NONE;
    for (int e = v.first[i]; e < v.first[i + 1]; e++) {
        const int t = v.members[e];
        const u8 place = v.place[t];
        if (v.most_trade[t] <= 0.0 || place == BETWEEN) continue;
        const bool purchase = !v.sale[t];
        const double slope = v.slope[t];
        if (purchase == (place == AT_ZERO)) {
            if (slope < up || (slope == up && !purchase)) {
                up = slope;
                up_trade = t;
            }
        } else if (slope > down || (slope == down && purchase)) {
            down = slope;
            down_trade = t;
        }
    }
    v.up[i] = up;
    v.up_trade[i] = up_trade;
    v.down[i] = down;
    v.down_trade[i] = down_trade;
}

// Puts the trades of asset i where the state has them, and its weight at the base; returns whether the weight moved.
DEV bool put(int i, bool pure) {
    double rest = v.start[i];
    int open = NONE;
    bool extra = false;
    for (int e = v.first[i]; e < v.first[i + 1]; e++) {
        const int t = v.members[e];
        const u8 place = v.place[t];
        if (place == AT_ZERO) {
            v.t[t] = 0.0;
        } else if (place == AT_UPPER) {
            v.t[t] = v.most_trade[t];
        } else {
            if (pure) v.t[t] = 0.0;
            if (open == NONE) {
                open = t;
                continue;
            }
            extra = true;
        }
        if (v.t[t] != 0.0) rest = rest + sign_of(t) * v.t[t];
    }
    double target = rest;
    if (open != NONE) {
        const int bound = v.bound[i];
        if (bound == 0) {
            if (!pure) target = v.w[i];
        } else {
            target = bound < 0 ? v.lower[i] : v.upper[i];
        }
        v.t[open] = sign_of(open) * (target - rest);
    }
    const bool moved = target != v.w[i];
    if (moved) {
        v.slide[i] = target - v.w[i];
        v.w[i] = target;
    }
    v.rest[i] = rest;
    v.open[i] = open;
    v.extra[i] = extra;
    look_around(i);
    return moved;
}

// A list of the indices below `count` that are kept, ascending or descending. Uniform; returns its length.
template <class Keep> DEV int list_of(int count, bool descending, int* list, Keep keep) {
    int length = 0;
    for (int base = 0; base < count; base += THREADS) {
        const int e = base + threadIdx.x, i = descending ? count - 1 - e : e;
        const bool kept = e < count && keep(i);
        int total;
        const int place = place_of(kept, total);
        if (kept) list[length + place] = i;
        length += total;
    }
    __syncthreads();
    return length;
}

DEV void open_trade(int trade, int first) {
    if (now.extra < v.extras) {
        v.extra_trades[2 * now.extra] = trade;
        v.extra_trades[2 * now.extra + 1] = first;
    }
    now.extra = now.extra + 1;
}

// Open trades besides the first of their asset, in the order of assets, then those without an asset. One thread.
DEV void list_extra_trades(bool pure, bool any) {
    now.extra = 0;
    for (int i = 0; any && i < v.n; i++) {
        if (!v.extra[i]) continue;
        for (int e = v.first[i]; e < v.first[i + 1]; e++) {
            const int t = v.members[e];
            if (t != v.open[i] && v.place[t] == BETWEEN) open_trade(t, v.open[i]);
        }
    }
    for (int e = 0; e < v.loose; e++) {
        const int t = v.loose_trades[e];
        if (v.place[t] == AT_ZERO) {
            v.t[t] = 0.0;
        } else if (v.place[t] == AT_UPPER) {
            v.t[t] = v.most_trade[t];
        } else {
            if (pure) v.t[t] = 0.0;
            open_trade(t, NONE);
        }
    }
}

// Everything that the state fixes in its place; what it leaves open stays at the base. Uniform.
FUN void put_all(bool pure) {
    int extras = 0;
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        bool moved = false;
        if (pure || v.touched[i]) moved = put(i, pure);
        v.touched[i] = moved;
        extras += v.extra[i];
    }
    extras = block_count(extras);
    if (!pure) {
        // Changes were made from the last asset to the first, so this is the order in which the weights moved.
        const int changed = list_of(v.n, true, v.changed, [](int i) { return v.touched[i] != 0; });
        for (int c = threadIdx.x; c < changed; c += THREADS) v.delta[c] = v.slide[v.changed[c]];
        if (threadIdx.x == 0) now.changed = changed;
    }
    const int free = list_of(v.n, false, v.free, [](int i) { return v.open[i] != NONE && v.bound[i] == 0; });
    const int active = list_of(v.rows, false, v.active, [](int r) { return v.row_side[r] != 0; });
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        v.touched[i] = 0;
        v.d[i] = v.w[i] - v.benchmark[i];
    }
    if (threadIdx.x == 0) {
        now.free = free;
        now.active = active;
        now.parts = v.capped ? 2 : 1;
        list_extra_trades(pure, extras > 0);
    }
    __syncthreads();
}

// The value of every row, a warp to a row. Uniform.
FUN void row_values() {
    for (int r = warp(); r < v.rows; r += WARPS) {
        double on_weights = 0.0, on_trades = 0.0;
        if (v.row_has[r] & HAS_WEIGHTS) on_weights = warp_dot(v.on_weights + (size_t)r * v.n, v.w, v.n);
        if (v.row_has[r] & HAS_TRADES) on_trades = warp_dot(v.on_trades + (size_t)r * v.m, v.t, v.m);
        if (lane() == 0) v.value[r] = on_weights + on_trades;
    }
    __syncthreads();
}

// Coefficient of row r on the weight of an asset whose open trade is `open`.
DEV double coefficient(int r, int asset, int open) {
    const double on_weight = v.row_has[r] & HAS_WEIGHTS ? v.on_weights[(size_t)r * v.n + asset] : 0.0;
    if (!(v.row_has[r] & HAS_TRADES)) return on_weight;
    return on_weight + sign_of(open) * v.on_trades[(size_t)r * v.m + open];
}

// Coefficient of row r on a trade whose asset keeps its weight because `open` gives way.
DEV double exchange(int r, int trade, int open) {
    if (!(v.row_has[r] & HAS_TRADES)) return 0.0;
    const double own = v.on_trades[(size_t)r * v.m + trade];
    if (open == NONE) return own;
    return own - (sign_of(trade) * sign_of(open)) * v.on_trades[(size_t)r * v.m + open];
}

// Factors the free block with the active rows and the right-hand sides, and takes their products. Uniform.
FUN bool factor_free() {
    const int rows = now.active, parts = now.parts, width = rows + parts;
    const double theta = 1.0 / v.gamma;
    for (int j = threadIdx.x; j < now.free; j += THREADS) v.at_free[j] = completed(v.gradient, v.free[j]);
    __syncthreads();
    const bool regular = factor_block(v.free, now.free, width, [&](int q, int j) {
        const int asset = v.free[j], open = v.open[asset];
        if (q < rows) return coefficient(v.active[q], asset, open);
        const double linear = sign_of(open) * v.cost[open] - v.alpha[asset];
        if (parts == 1) return -(v.at_free[j] + theta * linear);
        return q == rows ? -v.at_free[j] : -linear;
    });
    if (regular) block_gram(v.gram);
    return regular;
}

// The small system for the prices of the rows (times theta) and the moves of the extra trades. Uniform.
FUN void prices_of_rows() {
    const int rows = now.active, parts = now.parts, width = rows + parts, m = rows + now.extra, columns = m + parts;
    const double theta = 1.0 / v.gamma;
    for (int p = threadIdx.x; p < rows; p += THREADS) {
        const double own = v.gram[p * width + p];
        v.scale[p] = own > 0.0 ? 1.0 / sqrt(own) : 1.0;
    }
    __syncthreads();
    for (int e = threadIdx.x; e < m * columns; e += THREADS) {
        const int p = e / columns, q = e % columns;
        double value = 0.0;
        if (p < rows) {
            const int r = v.active[p];
            const double scale = v.scale[p];
            if (q < rows) {
                value = (scale * v.gram[p * width + q]) * v.scale[q];
            } else if (q < m) {
                value = -(scale * exchange(r, v.extra_trades[2 * (q - rows)], v.extra_trades[2 * (q - rows) + 1]));
            } else if (q == m) {
                const double limit = v.row_side[r] < 0 ? v.row_lower[r] : v.row_upper[r];
                value = scale * (v.gram[p * width + rows] - (limit - v.value[r]));
            } else {
                value = scale * v.gram[p * width + rows + 1];
            }
        } else {
            const int trade = v.extra_trades[2 * (p - rows)], open = v.extra_trades[2 * (p - rows) + 1];
            if (q < rows) {
                value = -(v.scale[q] * exchange(v.active[q], trade, open));
            } else if (q == columns - 1) {
                const double cost = open == NONE ? v.cost[trade]
                                                 : v.cost[trade] - (sign_of(trade) * sign_of(open)) * v.cost[open];
                value = parts == 1 ? theta * cost : cost;
            }
        }
        v.small[e] = value;
    }
    __syncthreads();
    if (warp() == 0) {
        const int open = solve_small(v.small, m, parts, v.pivots);
        if (lane() == 0) now.undetermined = open;
    }
    __syncthreads();
}

constexpr double LEAST = 1e-9;      // share of 1 / gamma that theta does not fall below

// The cap: theta is 1 / gamma where that keeps it, else the root of a quadratic equation. Uniform; false without one.
FUN bool slide_to_cap() {
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        v.slide[i] = 0.0;
        v.d[i] = v.w[i] - v.benchmark[i];
    }
    __syncthreads();
    add_columns(v.free, now.free, v.step1, v.slide);
    flush(v.slide);
    if (warp() == 0) {
        const double a = warp_dot(v.d, v.gradient, v.n), b = warp_dot(v.d, v.slide, v.n);
        if (lane() == 0) {
            double c = 0.0;
            for (int j = 0; j < now.free; j++) c = c + v.step1[j] * v.slide[v.free[j]];
            const double most = 1.0 / v.gamma;
            const double over = a - v.cap * v.cap;
            const double at_most = over + most * (2.0 * b + most * c);
            double theta = most;
            if (!(at_most <= 0.0)) {
                const double under = b * b - c * over;
                const double root = under > 0.0 ? (sqrt(under) - b) / c : -b / c;
                theta = root > 0.0 && root < most ? root : LEAST * most;
            }
            now.theta = theta;
            now.curvature = theta == most ? v.gamma : 1.0 / theta;
        }
    }
    __syncthreads();
    const double theta = now.theta;
    if (!(theta > 0.0 && finite(theta))) return false;
    for (int j = threadIdx.x; j < now.free; j += THREADS) v.w[v.free[j]] = v.w[v.free[j]] + theta * v.step1[j];
    for (int i = threadIdx.x; i < v.n; i += THREADS) v.gradient[i] = v.gradient[i] + theta * v.slide[i];
    __syncthreads();
    return true;
}

// Moves the free weights; with a cap, first finds theta. Uniform; false when a number overflowed.
FUN bool advance() {
    const int rows = now.active, parts = now.parts, m = rows + now.extra, columns = m + parts;
    for (int part = 0; part < parts; part++) {
        for (int p = threadIdx.x; p < rows + parts; p += THREADS)
            v.coefficients[p] = p < rows ? -(v.scale[p] * v.small[p * columns + m + part]) : (p - rows == part ? 1.0 : 0.0);
        __syncthreads();
        block_solve(v.coefficients, part == 0 ? v.step0 : v.step1, now.free);
    }
    add_columns(v.free, now.free, v.step0, v.gradient);
    flush(v.gradient);
    for (int j = threadIdx.x; j < now.free; j += THREADS) v.w[v.free[j]] = v.w[v.free[j]] + v.step0[j];
    __syncthreads();
    if (parts == 1) {
        if (threadIdx.x == 0) {
            now.curvature = v.gamma;
            now.theta = 1.0 / v.gamma;
        }
        __syncthreads();
    } else if (!slide_to_cap()) {
        return false;
    }
    const double theta = now.theta;
    auto at = [&](int row) {
        const double* right = v.small + row * columns + m;
        return parts == 1 ? right[0] : right[0] + theta * right[1];
    };
    for (int r = threadIdx.x; r < v.rows; r += THREADS) v.y[r] = 0.0;
    __syncthreads();
    for (int p = threadIdx.x; p < rows; p += THREADS) v.y[v.active[p]] = now.curvature * (v.scale[p] * at(p));
    for (int e = threadIdx.x; e < now.extra; e += THREADS) {
        const int trade = v.extra_trades[2 * e];
        v.t[trade] = v.t[trade] + at(rows + e);
    }
    __syncthreads();
    int bad = 0;
    for (int i = threadIdx.x; i < v.n; i += THREADS) bad += !finite(v.w[i]) || !finite(v.gradient[i]);
    for (int r = threadIdx.x; r < v.rows; r += THREADS) bad += !finite(v.y[r]);
    return block_count(bad) == 0;
}

// The first trade of each open asset from its weight. Uniform.
FUN void settle() {
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        if (v.extra[i]) {
            double rest = v.start[i];
            for (int e = v.first[i]; e < v.first[i + 1]; e++) {
                const int t = v.members[e];
                if (t != v.open[i] && v.t[t] != 0.0) rest = rest + sign_of(t) * v.t[t];
            }
            v.rest[i] = rest;
        }
        if (v.open[i] != NONE && (v.extra[i] || v.bound[i] == 0)) v.t[v.open[i]] = sign_of(v.open[i]) * (v.w[i] - v.rest[i]);
    }
    __syncthreads();
}

// Prices of weights, slopes of trades, and what lies next to each asset at them. Uniform.
FUN void prices() {
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        double price = now.curvature * v.gradient[i] - v.alpha[i];
        for (int p = 0; p < now.active; p++) {
            const int r = v.active[p];
            if (v.row_has[r] & HAS_WEIGHTS) price = price + v.y[r] * v.on_weights[(size_t)r * v.n + i];
        }
        v.price[i] = price;
    }
    bool priced = false;
    for (int p = 0; p < now.active; p++) priced |= (v.row_has[v.active[p]] & HAS_TRADES) != 0;
    const bool again = priced || now.was_priced;
    __syncthreads();
    if (again) {
        for (int t = threadIdx.x; t < v.m; t += THREADS) {
            double slope = v.own_slope[t];
            for (int p = 0; p < now.active; p++) {
                const int r = v.active[p];
                if (v.row_has[r] & HAS_TRADES) slope = slope + sign_of(t) * (v.y[r] * v.on_trades[(size_t)r * v.m + t]);
            }
            v.slope[t] = slope;
        }
        __syncthreads();
        for (int i = threadIdx.x; i < v.n; i += THREADS) look_around(i);
    }
    if (threadIdx.x == 0) now.was_priced = priced;
    __syncthreads();
}

// Moves to the optimum of the state. Uniform; returns how it ended.
FUN int solve_state(bool pure) {
    put_all(pure);
    if (now.extra > v.extras) return NO_ROOM;
    if (pure)
        gradient_of(v.d, v.gradient);
    else
        add_columns(v.changed, now.changed, v.delta, v.gradient);
    row_values();
    if (!factor_free()) return SINGULAR;
    prices_of_rows();
    if (!advance()) return BROKEN;
    settle();
    row_values();
    prices();
    return OPTIMAL;
}
