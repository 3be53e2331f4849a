// What the active set is handed, and where everything of one problem lies while a block works on it.
#pragma once
#include "batch.cuh"

constexpr int COLD = 0;     // from the state of the problem alone, through the sketch where there is one
constexpr int NEAR = 1;     // from the state next to another solver's answer

// How a search ended. The host reads these numbers.
constexpr int OPTIMAL = 0;
constexpr int STEPS = 1;        // more steps than allowed
constexpr int SINGULAR = 2;     // the block of free assets is not positive definite
constexpr int BROKEN = 3;       // a number overflowed
constexpr int NO_ROOM = 4;      // more open trades than the memory holds

struct Job {
    Parts parts;
    int n, m, rows, loose;
    int priced;         // whether any row has coefficients on trades
    int most, mode, capped;
    double gamma, cap, weight_scale;
};

constexpr int HAS_WEIGHTS = 1, HAS_TRADES = 2;
constexpr u8 AT_ZERO = 0, BETWEEN = 1, AT_UPPER = 2;

struct Change {
    int kind, trade, place, unused;
    double target;
};

// All arrays of the running problem.
struct View {
    int n, m, rows, loose, priced, most, mode, capped, extras;
    double gamma, cap, weight_scale;
    // The problem, and its trades by asset.
    const double *benchmark, *start, *alpha, *lower, *upper, *cost, *most_trade, *own_slope, *row_lower, *row_upper;
    const double *on_weights, *on_trades;
    const int *first, *members, *sorted, *loose_trades;
    const u8 *sale, *row_has;
    // The point and its state: the output.
    double *t, *w, *gradient, *price, *slope, *y, *value, *scalars;
    int* ending;
    u8* place;
    i8 *bound, *row_side;
    // Where each asset stands.
    double *rest, *up, *down;
    int *open, *up_trade, *down_trade;
    u8 *extra, *reorders, *touched;
    // Lists and vectors of a step.
    int *free, *active, *changed, *extra_trades, *order, *pivots;
    double *delta, *d, *slide, *at_free, *step0, *step1, *below;
    double *gram, *small, *scale, *coefficients;
    Change* changes;
    int *change_count, *loose_change, *row_change;
    u8* place_before;
    i8 *bound_before, *row_before;
    // Factor form.
    double *x, *inverse, *products, *exposed, *pending, *direction;
};
__shared__ View v;

DEV double sign_of(int t) { return v.sale[t] ? -1.0 : 1.0; }
