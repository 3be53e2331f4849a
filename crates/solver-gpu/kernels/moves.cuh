// From a point to the next state: what is on the wrong side changes. The CPU's form is solver-cpu/src/active/moves.rs.
//
// The CPU makes its changes one after another, from the last of its list to the first. Here a thread makes those of one
// asset in that order; changes of different assets, of loose trades and of rows do not see each other.
#pragma once
#include "point.cuh"

constexpr double ROUNDING_OF_WEIGHTS = 1e-12;
constexpr double ROUNDING_OF_PRICES = 1e-11;
constexpr u8 REORDERS = 3;

constexpr int TRADE = 0, BOUND = 1, REORDER = 2;
constexpr int NO_CHANGE = 2;        // of a row; its sides are -1, 0 and 1
constexpr int FAR = 0, NEXT = 1, ONE = 2;

// Changes of one asset, in the order in which the CPU lists them.
struct Found {
    Change* list;
    int count;
    DEV void add(int kind, int trade, int place, double target) {
        list[count].kind = kind;
        list[count].trade = trade;
        list[count].place = place;
        list[count].target = target;
        count++;
    }
};

DEV void at_kink(Found& found, int i) {
    const double w = v.w[i], g = v.price[i], tol = now.weight_tolerance;
    if (w > v.upper[i] + tol || w < v.lower[i] - tol) {
        found.add(REORDER, 0, 0, w > v.upper[i] ? v.upper[i] : v.lower[i]);
        return;
    }
    const bool up = w < v.upper[i] - tol && -(g + v.up[i]) > now.price_tolerance;
    const bool down = w > v.lower[i] + tol && g + v.down[i] > now.price_tolerance;
    if (up && down)
        found.add(REORDER, 0, 0, w);
    else if (up)
        found.add(TRADE, v.up_trade[i], BETWEEN, 0.0);
    else if (down)
        found.add(TRADE, v.down_trade[i], BETWEEN, 0.0);
}

// Where an open trade besides the first of its asset must go, or NONE.
DEV int inside(int t) {
    if (v.t[t] < -now.weight_tolerance) return AT_ZERO;
    if (v.t[t] > v.most_trade[t] + now.weight_tolerance) return AT_UPPER;
    return NONE;
}

// Open trades of an asset besides its first; false when their slopes differ, so that only one of them may be open.
DEV bool extras(Found& found, int i) {
    const int open = v.open[i];
    for (int e = v.first[i]; e < v.first[i + 1]; e++) {
        const int t = v.members[e];
        if (v.place[t] == BETWEEN && t != open && magnitude(v.slope[t] - v.slope[open]) > now.price_tolerance) {
            found.add(REORDER, 0, 0, v.w[i]);
            return false;
        }
    }
    for (int e = v.first[i]; e < v.first[i + 1]; e++) {
        const int t = v.members[e];
        if (v.place[t] != BETWEEN || t == open) continue;
        const int place = inside(t);
        if (place != NONE) found.add(TRADE, t, place, 0.0);
    }
    return true;
}

// The other trades of an open asset must not be cheaper than its first one.
DEV void in_order(Found& found, int i) {
    const double own = v.slope[v.open[i]];
    int enters;
    if (own - v.up[i] > now.price_tolerance)
        enters = v.up_trade[i];
    else if (v.down[i] - own > now.price_tolerance)
        enters = v.down_trade[i];
    else
        return;
    if (v.reorders[i] < REORDERS || !v.priced)
        found.add(REORDER, 0, 0, v.w[i]);
    else
        found.add(TRADE, enters, BETWEEN, 0.0);
}

// An asset with an open trade.
DEV void open_asset(Found& found, int i) {
    const int open = v.open[i], bound = v.bound[i];
    const double w = v.w[i], g = v.price[i], t = v.t[open], tol = now.weight_tolerance, most = v.most_trade[open];
    const bool purchase = !v.sale[open];
    const double over = purchase ? t - most : -t, under = purchase ? -t : t - most;
    const int at_low = purchase ? AT_ZERO : AT_UPPER, at_high = purchase ? AT_UPPER : AT_ZERO;
    if (bound == 0) {
        const double low = w + under, high = w - over;
        if (over > tol || w > v.upper[i] + tol) {
            if (high <= v.upper[i] + tol)
                found.add(TRADE, open, at_high, 0.0);
            else
                found.add(BOUND, NONE, 1, 0.0);
            return;
        }
        if (under > tol || w < v.lower[i] - tol) {
            if (low >= v.lower[i] - tol)
                found.add(TRADE, open, at_low, 0.0);
            else
                found.add(BOUND, NONE, -1, 0.0);
            return;
        }
    } else if (over > tol || under > tol) {
        found.add(REORDER, 0, 0, w);
        return;
    } else if (v.lower[i] < v.upper[i]) {
        const double price = -(g + v.slope[open]) * (double)bound;
        if (price < -now.price_tolerance) {
            found.add(BOUND, NONE, 0, 0.0);
            return;
        }
    }
    in_order(found, i);
}

// The change of a trade without an asset, or NONE.
DEV int loose_trade(int t) {
    const double slope = sign_of(t) * v.slope[t];
    if (v.place[t] == BETWEEN) {
        if (!(magnitude(slope) > now.price_tolerance)) return inside(t);
        if (slope > 0.0) return AT_ZERO;
        return v.most_trade[t] < infinity() ? AT_UPPER : NONE;
    }
    if (v.place[t] == AT_ZERO) return -slope > now.price_tolerance && v.most_trade[t] > 0.0 ? BETWEEN : NONE;
    return slope > now.price_tolerance ? BETWEEN : NONE;
}

DEV int row_change(int r) {
    const double lower = v.row_lower[r], upper = v.row_upper[r], value = v.value[r];
    if (lower == upper) return NO_CHANGE;
    const int side = v.row_side[r];
    if (side != 0) {
        const double limit = side < 0 ? lower : upper;
        const bool met = magnitude(value - limit) <= now.weight_tolerance;
        return !met || -v.y[r] * (double)side > now.price_tolerance ? 0 : NO_CHANGE;
    }
    if (value > upper + now.weight_tolerance) return 1;
    return value < lower - now.weight_tolerance ? -1 : NO_CHANGE;
}

// Collects the changes; returns how many. Uniform.
FUN int find_changes() {
    double size = 0.0;
    for (int i = threadIdx.x; i < v.n; i += THREADS) size = larger(size, magnitude(v.price[i]));
    for (int t = threadIdx.x; t < v.m; t += THREADS) size = larger(size, magnitude(v.slope[t]));
    size = block_largest(size);
    if (threadIdx.x == 0) {
        now.weight_tolerance = ROUNDING_OF_WEIGHTS * v.weight_scale;
        now.price_tolerance = ROUNDING_OF_PRICES * size;
    }
    __syncthreads();
    int count = 0;
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        Found found = {v.changes + v.first[i] + i, 0};
        if (v.open[i] == NONE)
            at_kink(found, i);
        else if (!v.extra[i] || extras(found, i))
            open_asset(found, i);
        v.change_count[i] = found.count;
        count += found.count;
    }
    for (int e = threadIdx.x; e < v.loose; e += THREADS) {
        const int change = loose_trade(v.loose_trades[e]);
        v.loose_change[e] = change;
        count += change != NONE;
    }
    for (int r = threadIdx.x; r < v.rows; r += THREADS) {
        const int change = row_change(r);
        v.row_change[r] = change;
        count += change != NO_CHANGE;
    }
    return block_count(count);
}

// The trades of asset i in the order of the present slopes at `target`; returns whether the state is another one.
DEV bool reclassify(int i, double target) {
    v.touched[i] = 1;
    for (int e = v.first[i]; e < v.first[i + 1]; e++) v.place_before[v.members[e]] = v.place[v.members[e]];
    const i8 bound = v.bound[i];
    v.bound[i] = classify(i, target, v.slope, now.weight_tolerance);
    bool same = v.bound[i] == bound;
    for (int e = v.first[i]; e < v.first[i + 1]; e++) same &= v.place_before[v.members[e]] == v.place[v.members[e]];
    return !same;
}

DEV bool make(int i, const Change& change) {
    if (change.kind == REORDER) {
        if (v.reorders[i] < 255) v.reorders[i]++;
        return reclassify(i, change.target);
    }
    v.touched[i] = 1;
    if (change.kind == BOUND) {
        v.bound[i] = (i8)change.place;
        return true;
    }
    v.place[change.trade] = (u8)change.place;
    bool open = false;
    for (int e = v.first[i]; e < v.first[i + 1]; e++) open |= v.place[v.members[e]] == BETWEEN;
    if (!open) v.bound[i] = 0;
    return true;
}

// The changes of one asset, from the last; with ONE it stops at the first that makes another state and says so.
DEV bool make_all(int i, int pace) {
    for (int c = v.change_count[i] - 1; c >= 0; c--) {
        const Change change = v.changes[v.first[i] + i + c];
        if (pace == FAR && change.kind != REORDER) {
            const double h = now.curvature * (cov.factored ? cov.specific[i] : sigma(i, i));
            if (reclassify(i, prox(i, v.slope, v.w[i], v.price[i], h))) continue;
        }
        if (make(i, change) && pace == ONE) return true;
    }
    return false;
}

// The smallest step: the last change that makes another state. One thread.
DEV void make_one() {
    for (int r = v.rows - 1; r >= 0; r--)
        if (v.row_change[r] != NO_CHANGE) {
            v.row_side[r] = (i8)v.row_change[r];
            return;
        }
    for (int e = v.loose - 1; e >= 0; e--)
        if (v.loose_change[e] != NONE) {
            v.place[v.loose_trades[e]] = (u8)v.loose_change[e];
            return;
        }
    for (int i = v.n - 1; i >= 0; i--)
        if (make_all(i, ONE)) return;
}

// Makes the changes at a pace. Uniform.
FUN void apply_changes(int pace) {
    if (pace == ONE) {
        if (threadIdx.x == 0) make_one();
        __syncthreads();
        return;
    }
    for (int i = threadIdx.x; i < v.n; i += THREADS) make_all(i, pace);
    for (int e = threadIdx.x; e < v.loose; e += THREADS)
        if (v.loose_change[e] != NONE) v.place[v.loose_trades[e]] = (u8)v.loose_change[e];
    for (int r = threadIdx.x; r < v.rows; r += THREADS)
        if (v.row_change[r] != NO_CHANGE) v.row_side[r] = (i8)v.row_change[r];
    __syncthreads();
}
