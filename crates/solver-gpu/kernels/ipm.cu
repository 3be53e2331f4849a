// ipm/1 on the device: a block takes a problem and iterates, and takes the next one. The CPU's form is
// solver-cpu/src/ipm/iterate.rs; iterates, best points and counts are the same.
#include "ipm_newton.cuh"

constexpr int IPM_PATIENCE = 12;        // iterations without a better point after which no better one is expected
constexpr double RIDGE = 1e-11;         // relative to the largest variance

DEV void keep_best() {
    for (int k = threadIdx.x; k < p.m; k += THREADS) p.best_t[k] = p.t[k];
    for (int i = threadIdx.x; i <= p.n; i += THREADS) {
        if (i < p.n) p.best_w[i] = p.w[i];
        p.best_y[i] = p.y[i];
    }
    for (int r = threadIdx.x; r < p.rows; r += THREADS) p.best_l[r] = p.l[r];
    for (int i = threadIdx.x; i < p.sides; i += THREADS) {
        p.best_s[i] = p.s[i];
        p.best_z[i] = p.z[i];
    }
    __syncthreads();
}

// The largest residual relative to the problem's scales.
DEV double merit() {
    const double relative[3] = {at.primal / p.extent, at.dual / p.typical_slope, at.gap / (p.extent * p.typical_slope)};
    double most = 0.0;
    for (int e = 0; e < 3; e++) {
        if (relative[e] != relative[e]) return infinity();
        most = larger(most, relative[e]);
    }
    return most;
}

// The largest price over the objective's slope while the limits are not met. Uniform.
FUN double runs_away() {
    double most = 0.0;
    int nothing = 0;
    for (int r = threadIdx.x; r < p.rows; r += THREADS) {
        const double own = p.row_price[r];
        nothing += own != own;
        most = larger(most, magnitude(own));
    }
    most = block_largest(most);
    if (block_count(nothing) > 0) most = __longlong_as_double(0x7ff8000000000000LL);
    const double cap = p.capped ? p.price[p.m + p.n + p.rows] * p.steepness : 0.0;
    return at.primal > 1e-7 * p.size ? larger(most, cap) / p.typical_slope : 0.0;
}

// Counters of an iteration, kept in the state between launches.
struct Count {
    double best;
    int stalled, iterations;
};

DEV Count load_count() { return {p.merits[0], p.counters[0], p.counters[1]}; }

// Uniform.
DEV void store_count(const Count& count) {
    __syncthreads();
    if (threadIdx.x == 0) {
        p.merits[0] = count.best;
        p.merits[1] = 0.0;
        p.counters[0] = count.stalled;
        p.counters[1] = count.iterations;
        p.counters[2] = 0;
        p.counters[3] = 0;
    }
    __syncthreads();
}

// The first point and its count. Uniform.
DEV Count begin(int factors) {
    start_sides(factors);
    keep_best();
    return {infinity(), 0, 0};
}

// Looks at the point: NONE when an iteration is to follow, which is counted. Uniform.
DEV int look_at_point(Count& count, int factors, bool resumed) {
    evaluate(factors);
    if (!resumed) {
        const double now = merit();
        if (now < count.best) {
            count.stalled = now < 0.9 * count.best ? 0 : count.stalled + 1;
            count.best = now;
            keep_best();
        } else {
            count.stalled++;
        }
        if (count.best <= p.tolerance || count.stalled > IPM_PATIENCE || !(now < infinity())) return SETTLED;
        if (!(runs_away() < p.far)) return LOOK;
    }
    if (count.iterations == p.most) return LIMITED;
    count.iterations++;
    return NONE;
}

// Iterates to the end or to a pause. Uniform.
DEV int iterate(int factors) {
    bool resumed = p.resumed;
    Count count = resumed ? load_count() : begin(factors);
    int ending;
    while ((ending = look_at_point(count, factors, resumed)) == NONE) {
        resumed = false;
        before_factor();
        if (!factor_kernel() || !finish_iteration()) {
            ending = SETTLED;
            break;
        }
    }
    store_count(count);
    return ending;
}

extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) ipm(Batch batch) {
    for (;;) {
        const int problem = take_next(batch);
        if (problem >= batch.count) return;
        const IpmJob job = *(const IpmJob*)(batch.jobs + problem * JOB_BYTES);
        const Risk risk = batch.risks[job.parts.risk];
        if (threadIdx.x == 0) {
            lay_out(batch, job, risk);
            lay_out_work(batch.work + blockIdx.x * batch.stride, risk.k);
            p.step_y[p.n] = 0.0;
        }
        __syncthreads();
        const int ending = risk.failed != NONE ? NOT_CONVEX : iterate(risk.k);
        if (threadIdx.x < 4) p.ending[threadIdx.x] = threadIdx.x == 0 ? ending : 0;
        __syncthreads();
    }
}

// One large problem on the whole device: its blocks share block 0's memory, and the host launches one part after another.
// Each block, one thread.
DEV void lay_out_whole(const Batch& batch) {
    const IpmJob job = *(const IpmJob*)batch.jobs;
    const Risk risk = batch.risks[job.parts.risk];
    lay_out(batch, job, risk);
    lay_out_work(batch.work, risk.k);
    sys.n = p.live;
    sys.carried = p.count + 1;
    sys.columns = whole(sys.n, STRIP);
    sys.rows = whole(sys.columns + sys.carried, STRIP);
    sys.ld = sys.columns + 8;
}

// From a factored matrix (`batch.extras` 1), or from the start (0), to the next matrix that wants factors, or to the end.
// One block.
extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) ipm_between(Batch batch) {
    const IpmJob job = *(const IpmJob*)batch.jobs;
    const Risk risk = batch.risks[job.parts.risk];
    const bool goes_on = batch.extras != 0;
    if (threadIdx.x == 0) {
        lay_out_whole(batch);
        if (goes_on) {
            at = *p.kept;
        } else {
            at = IpmNow{};
            p.step_y[p.n] = 0.0;
        }
    }
    __syncthreads();
    int ending = risk.failed != NONE ? NOT_CONVEX : NONE;
    const bool first = !goes_on && !p.resumed;
    Count count = first && ending == NONE ? begin(risk.k) : load_count();
    if (goes_on && (p.counters[2] != NONE || !finish_iteration())) ending = SETTLED;
    if (ending == NONE) ending = look_at_point(count, risk.k, !goes_on && p.resumed);
    if (ending == NONE) {
        before_factor();
        scale_kernel();
        ending = FACTOR;
    }
    store_count(count);
    if (threadIdx.x == 0) {
        *p.kept = at;
        p.counters[2] = NONE;
    }
    if (threadIdx.x < 4) p.ending[threadIdx.x] = threadIdx.x == 0 ? ending : 0;
}

// All blocks.
extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) ipm_write(Batch batch) {
    if (threadIdx.x == 0) {
        lay_out_whole(batch);
        at = *p.kept;
    }
    __syncthreads();
    write_kernel(blockIdx.x, gridDim.x);
}

// One block; `batch.extras` is the panel's first column.
extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) ipm_square(Batch batch) {
    if (threadIdx.x == 0) lay_out_whole(batch);
    __syncthreads();
    const int failed = factor_square(sys.entries, sys.columns, sys.ld, sys.reciprocals, batch.extras);
    if (threadIdx.x == 0 && failed != NONE && p.counters[2] == NONE) p.counters[2] = failed;
}

// A block to 128 rows below the panel.
extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) ipm_rows(Batch batch) {
    if (threadIdx.x == 0) lay_out_whole(batch);
    __syncthreads();
    factor_rows(sys.entries, sys.columns, sys.rows, sys.ld, sys.reciprocals, batch.extras);
}

// Refuses a dense covariance with an eigenvalue that is negative beyond rounding: a block takes the next one.
extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) check(Batch batch) {
    for (;;) {
        const int which = take_next(batch);
        if (which >= batch.count) return;
        const Risk risk = batch.risks[which];
        if (risk.dense) {
            const int n = risk.n;
            if (threadIdx.x == 0) {
                p.n = n;
                p.narrow = risk.wide ? nullptr : (const float*)(batch.risk_data + risk.values);
                p.wide = risk.wide ? (const double*)(batch.risk_data + risk.values) : nullptr;
                const u64 columns = whole(n, STRIP);
                Cursor c = {batch.work + blockIdx.x * batch.stride};
                sys.entries = c.take<double>(columns * (columns + 8));
                sys.reciprocals = c.take<double>(columns);
            }
            __syncthreads();
            double most = 0.0;
            for (int i = threadIdx.x; i < n; i += THREADS) most = larger(most, ipm_sigma(i, i));
            const double ridge = RIDGE * block_largest(most);
            shape(n, 0);
            write_system([&](int i, int j) { return i == j ? ipm_sigma(i, j) + ridge : ipm_sigma(i, j); },
                         [](int, int) { return 0.0; });
            const int failed = factor_system();
            if (threadIdx.x == 0) batch.risks[which].failed = failed;
        }
        __syncthreads();
    }
}
