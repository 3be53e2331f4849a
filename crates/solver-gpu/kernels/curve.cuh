// An asset's curve of trading costs: each trade is a segment over the weight, in ascending slope. One thread an asset.
// The CPU's form is solver-cpu/src/active/layout.rs.
#pragma once
#include "job.cuh"

// The order of all numbers, -0 before 0.
DEV long long ordered(double x) {
    const long long bits = __double_as_longlong(x);
    return bits ^ (long long)((u64)(bits >> 63) >> 1);
}

// Whether trade a comes before trade b: by slope; of equal slopes sales first, the last-listed sale and the first-listed
// purchase first.
DEV bool comes_first(int a, int b, const double* slope) {
    const long long sa = ordered(slope[a]), sb = ordered(slope[b]);
    if (sa != sb) return sa < sb;
    if (v.sale[a] != v.sale[b]) return v.sale[a];
    return v.sale[a] ? b < a : a < b;
}

// The movable trades of the asset in ascending slope into its part of `order`; returns how many.
DEV int sort_trades(int asset, const double* slope) {
    const int from = v.first[asset], to = v.first[asset + 1];
    int* order = v.order + from;
    int count = 0;
    for (int e = from; e < to; e++) {
        const int t = v.sorted[e];
        if (!(v.most_trade[t] > 0.0)) continue;
        int at = count++;
        if (v.priced)
            for (; at > 0 && comes_first(t, order[at - 1], slope); at--) order[at] = order[at - 1];
        order[at] = t;
    }
    return count;
}

// Where x (weight less start) lies: a kink, or (`between`) a segment.
DEV int locate(int asset, int count, double x, double tolerance, bool& between) {
    const int* order = v.order + v.first[asset];
    double* below = v.below + v.first[asset] + asset;
    between = false;
    below[count] = 0.0;
    for (int e = count - 1; e >= 0; e--) below[e] = below[e + 1] + (v.sale[order[e]] ? v.most_trade[order[e]] : 0.0);
    double bought = 0.0;
    for (int e = 0; e < count; e++) {
        const double low = bought - below[e];
        if (x <= low + tolerance) return e;
        bought = bought + (v.sale[order[e]] ? 0.0 : v.most_trade[order[e]]);
        if (x < bought - below[e + 1] - tolerance) {
            between = true;
            return e;
        }
    }
    return count;
}

// Sets the places of the asset's trades so that its weight is `target` inside its bounds; returns the code of its bounds.
DEV i8 classify(int asset, double target, const double* slope, double tolerance) {
    target = larger(smaller(target, v.upper[asset]), v.lower[asset]);
    const double x = target - v.start[asset];
    const int count = sort_trades(asset, slope);
    const int* order = v.order + v.first[asset];
    bool between;
    const int kink = locate(asset, count, x, tolerance, between);
    bool segment = false;
    for (int e = 0; e < count; e++) {
        const int t = order[e];
        if (between && e == kink) {
            segment = true;
            v.place[t] = BETWEEN;
        } else {
            v.place[t] = (e < kink) == !v.sale[t] && v.most_trade[t] < infinity() ? AT_UPPER : AT_ZERO;
        }
    }
    if (!segment) return 0;
    if (v.upper[asset] <= target + tolerance) return 1;
    return v.lower[asset] >= target - tolerance ? -1 : 0;
}

// The weight that minimises `pull w + h/2 (w - at)^2` plus the trading cost within the asset's bounds.
DEV double prox(int asset, const double* slope, double at, double pull, double h) {
    const int count = sort_trades(asset, slope);
    const int* order = v.order + v.first[asset];
    double w = v.start[asset];
    for (int e = 0; e < count; e++)
        if (v.sale[order[e]]) w = w - v.most_trade[order[e]];
    for (int e = 0; e < count; e++) {
        const int t = order[e];
        const double best = at - (pull + slope[t]) / h;
        if (best <= w) break;
        const double end = w + v.most_trade[t];
        if (best < end) {
            w = best;
            break;
        }
        w = end;
    }
    return larger(smaller(w, v.upper[asset]), v.lower[asset]);
}
