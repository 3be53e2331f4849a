// The interior point's problem, iterate and memory on a block. The host's half of these layouts is src/pack_ipm.rs.
#pragma once
#include "batch.cuh"
#include "dense.cuh"
#include "system.cuh"

// How an iteration ended, or why it paused.
constexpr int SETTLED = 0;      // the best point is what it found
constexpr int LIMITED = 1;      // the iteration limit came first
constexpr int LOOK = 2;         // prices run away: the host looks for a proof of infeasibility, then it goes on
constexpr int NOT_CONVEX = 3;   // the covariance is not positive semidefinite
constexpr int FACTOR = 4;       // on the whole device: the matrix wants factors, then it goes on

struct IpmJob {
    Parts parts;
    int n, m, rows, sides;      // m: free trades; rows: those that limit anything
    int capped, curved, touched, most;
    int live, resumed;          // live: assets that can move
    double gamma, size, extent, slope, steepness, tolerance, far;
};

struct IpmNow {
    double primal, dual, gap, theta, gap_after, unused;
};
__shared__ IpmNow at;

struct IpmView {
    int n, m, rows, count, sides, values, capped, curved, most, live, resumed, k, factored;
    double gamma, size, extent, typical_slope, steepness, tolerance, far;
    // Input.
    const double *benchmark, *alpha, *start, *sign, *cost, *row_upper, *on_weights, *on_trades;
    const double *side_limit, *side_floor, *side_price;
    const int *asset, *first, *members, *touched_first, *touched, *side_at, *side_of, *live_assets;
    const u8 *frozen, *side_is_upper, *row_is_equality, *row_uses_trades;
    // The covariance.
    const float* narrow;
    const double *wide, *exposures, *factors, *specific, *root;
    // The iterate and the best one, which stay between launches.
    double *t, *w, *y, *l, *s, *z;
    double *best_t, *best_w, *best_y, *best_l, *best_s, *best_z;
    double* merits;
    int* counters;
    int* ending;
    // Residuals.
    double *value, *price, *row_price, *d, *gradient, *of_trades, *of_weights, *link, *equal;
    // The barrier's step.
    double *r, *c, *ds, *dz;
    // The Newton step.
    double *stiffness, *q, *give, *held, *diagonal, *carry, *centred, *centres, *reach, *gram, *schur, *own;
    double *products, *rhs, *second, *coefficients, *on_trades_now, *gathered, *scratch;
    double *step_t, *step_w, *step_y, *step_l, *step_value;
    // The factored matrix.
    double *h, *second_live, *x, *v, *core, *inner, *second_inner, *behind, *rows_live, *exposed, *loaded;
    IpmNow* kept;       // between launches
};
__shared__ IpmView p;

DEV double ipm_sigma(int i, int j) {
    const size_t place = (size_t)i * p.n + j;
    return p.narrow ? (double)p.narrow[place] : p.wide[place];
}

// One thread.
DEV void lay_out(const Batch& batch, const IpmJob& job, const Risk& risk) {
    p.n = job.n;
    p.m = job.m;
    p.rows = job.rows;
    p.count = job.rows + job.capped;
    p.sides = job.sides;
    p.values = job.m + job.n + p.count;
    p.capped = job.capped;
    p.curved = job.curved;
    p.most = job.most;
    p.live = job.live;
    p.resumed = job.resumed;
    p.factored = !risk.dense || !job.curved;
    p.k = !risk.dense && job.curved ? risk.k : 0;
    p.gamma = job.gamma;
    p.size = job.size;
    p.extent = job.extent;
    p.typical_slope = job.slope;
    p.steepness = job.steepness;
    p.tolerance = job.tolerance;
    p.far = job.far;
    const u64 n = job.n, m = job.m, rows = job.rows, sides = job.sides;
    Cursor in = {batch.arena + job.parts.input};
    p.benchmark = in.take<double>(n);
    p.alpha = in.take<double>(n);
    p.start = in.take<double>(n);
    p.sign = in.take<double>(m);
    p.cost = in.take<double>(m);
    p.row_upper = in.take<double>(rows);
    p.on_weights = in.take<double>(rows * n);
    p.on_trades = in.take<double>(rows * m);
    p.side_limit = in.take<double>(sides);
    p.side_floor = in.take<double>(sides);
    p.side_price = in.take<double>(sides);
    p.asset = in.take<int>(m);
    p.first = in.take<int>(n + 2);
    p.members = in.take<int>(m);
    p.touched_first = in.take<int>(rows + 1);
    p.touched = in.take<int>(job.touched);
    p.side_at = in.take<int>(sides);
    p.side_of = in.take<int>(2 * (u64)p.values);
    p.live_assets = in.take<int>(job.live);
    p.frozen = in.take<u8>(n);
    p.side_is_upper = in.take<u8>(sides);
    p.row_is_equality = in.take<u8>(rows);
    p.row_uses_trades = in.take<u8>(rows);
    Cursor state = {batch.arena + job.parts.state};
    p.t = state.take<double>(m);
    p.w = state.take<double>(n);
    p.y = state.take<double>(n + 1);
    p.l = state.take<double>(rows);
    p.s = state.take<double>(sides);
    p.z = state.take<double>(sides);
    p.best_t = state.take<double>(m);
    p.best_w = state.take<double>(n);
    p.best_y = state.take<double>(n + 1);
    p.best_l = state.take<double>(rows);
    p.best_s = state.take<double>(sides);
    p.best_z = state.take<double>(sides);
    p.merits = state.take<double>(2);
    p.counters = state.take<int>(4);
    Cursor out = {batch.arena + job.parts.output};
    p.ending = out.take<int>(4);
    const char* data = batch.risk_data;
    p.narrow = risk.dense && !risk.wide ? (const float*)(data + risk.values) : nullptr;
    p.wide = risk.dense && risk.wide ? (const double*)(data + risk.values) : nullptr;
    p.exposures = (const double*)(data + risk.exposures);
    p.factors = (const double*)(data + risk.factors);
    p.specific = (const double*)(data + risk.specific);
    p.root = (const double*)(data + risk.barrier_root);
}

// The memory of the block, after `lay_out`; `factors` of the covariance, whether or not its curvature counts. One thread.
DEV void lay_out_work(char* work, int factors) {
    const u64 n = p.n, m = p.m, rows = p.rows, count = p.count, sides = p.sides, values = p.values, k = factors;
    const u64 columns = whole(p.live, STRIP), height = whole(columns + count + 1, STRIP), live = p.live;
    Cursor c = {work};
    sys.entries = c.take<double>(height * (columns + 8));
    sys.reciprocals = c.take<double>(columns);
    p.value = c.take<double>(values);
    p.price = c.take<double>(values);
    p.stiffness = c.take<double>(values);
    p.q = c.take<double>(values);
    p.step_value = c.take<double>(values);
    p.row_price = c.take<double>(rows);
    p.equal = c.take<double>(rows);
    p.d = c.take<double>(n);
    p.gradient = c.take<double>(n);
    p.of_weights = c.take<double>(n);
    p.link = c.take<double>(n);
    p.diagonal = c.take<double>(n);
    p.second = c.take<double>(n);
    p.step_w = c.take<double>(n);
    p.held = c.take<double>(n + 1);
    p.gathered = c.take<double>(n + 1);
    p.step_y = c.take<double>(n + 1);
    p.of_trades = c.take<double>(m);
    p.give = c.take<double>(m);
    p.on_trades_now = c.take<double>(m);
    p.scratch = c.take<double>(m);
    p.step_t = c.take<double>(m);
    p.r = c.take<double>(sides);
    p.c = c.take<double>(sides);
    p.ds = c.take<double>(sides);
    p.dz = c.take<double>(sides);
    p.carry = c.take<double>((count + 1) * n);
    p.centred = c.take<double>(rows * m);
    p.centres = c.take<double>(rows * (n + 1));
    p.reach = c.take<double>(count);
    p.gram = c.take<double>((count + 1) * (count + 1));
    p.schur = c.take<double>(count * count);
    p.own = c.take<double>(count + k);
    p.products = c.take<double>(count + 1);
    p.rhs = c.take<double>(count);
    p.coefficients = c.take<double>(count + 1);
    p.step_l = c.take<double>(count);
    p.h = c.take<double>(live);
    p.second_live = c.take<double>(live);
    p.x = c.take<double>(live);
    p.rows_live = c.take<double>((count + 1) * live);
    p.v = c.take<double>(live * k);
    p.core = c.take<double>(k * k);
    p.inner = c.take<double>((count + 1) * k);
    p.second_inner = c.take<double>(k);
    p.behind = c.take<double>(k);
    p.exposed = c.take<double>(k);
    p.loaded = c.take<double>(k);
    p.kept = c.take<IpmNow>(1);
}
