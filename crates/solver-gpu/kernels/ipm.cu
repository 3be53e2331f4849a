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

// Iterates to the end or to a pause. Uniform.
DEV int iterate(int factors) {
    double best = p.merits[0];
    int stalled = p.counters[0], iterations = p.counters[1];
    bool resumed = p.resumed;
    if (!resumed) {
        start_sides(factors);
        keep_best();
        best = infinity();
        stalled = 0;
        iterations = 0;
    }
    int ending = NONE;
    while (ending == NONE) {
        evaluate(factors);
        if (!resumed) {
            const double now = merit();
            if (now < best) {
                stalled = now < 0.9 * best ? 0 : stalled + 1;
                best = now;
                keep_best();
            } else {
                stalled++;
            }
            if (best <= p.tolerance || stalled > IPM_PATIENCE || !(now < infinity())) {
                ending = SETTLED;
                break;
            }
            if (!(runs_away() < p.far)) {
                ending = LOOK;
                break;
            }
        }
        resumed = false;
        if (iterations == p.most) {
            ending = LIMITED;
            break;
        }
        iterations++;
        if (!advance_point()) ending = SETTLED;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        p.merits[0] = best;
        p.merits[1] = 0.0;
        p.counters[0] = stalled;
        p.counters[1] = iterations;
        p.counters[2] = 0;
        p.counters[3] = 0;
    }
    __syncthreads();
    return ending;
}

extern "C" __global__ void __launch_bounds__(THREADS) ipm(Batch batch) {
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

// Refuses a dense covariance with an eigenvalue that is negative beyond rounding: a block takes the next one.
extern "C" __global__ void __launch_bounds__(THREADS) check(Batch batch) {
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
