// active-set/1 on the device: a block takes a problem, searches, and takes the next one. The CPU's form is
// solver-cpu/src/active/engine.rs; steps, states and all numbers are the same.
#include "moves.cuh"

constexpr int WORTH_AN_APPROACH = 48;   // smallest number of assets for which the search with the sketch pays
constexpr int APPROACH_STEPS = 60;
constexpr int FEW = 3;                  // after at most so many changes the next point is computed from the state alone
constexpr int PATIENCE = 6;             // steps without progress after which changes are made one at a time
constexpr int SKETCH = 8;               // vectors of the sketch

// One thread.
DEV void lay_out(const Batch& batch, const Job& job) {
    v.n = job.n;
    v.m = job.m;
    v.rows = job.rows;
    v.loose = job.loose;
    v.priced = job.priced;
    v.most = job.most;
    v.mode = job.mode;
    v.capped = job.capped;
    v.extras = batch.extras;
    v.gamma = job.gamma;
    v.cap = job.cap;
    v.weight_scale = job.weight_scale;
    const u64 n = job.n, m = job.m, rows = job.rows;
    Cursor in = {batch.arena + job.parts.input};
    v.benchmark = in.take<double>(n);
    v.start = in.take<double>(n);
    v.alpha = in.take<double>(n);
    v.lower = in.take<double>(n);
    v.upper = in.take<double>(n);
    v.cost = in.take<double>(m);
    v.most_trade = in.take<double>(m);
    v.own_slope = in.take<double>(m);
    v.row_lower = in.take<double>(rows);
    v.row_upper = in.take<double>(rows);
    v.on_weights = in.take<double>(rows * n);
    v.on_trades = in.take<double>(job.priced ? rows * m : 0);
    v.first = in.take<int>(n + 1);
    v.members = in.take<int>(m);
    v.sorted = in.take<int>(m);
    v.loose_trades = in.take<int>(job.loose);
    v.sale = in.take<u8>(m);
    v.row_has = in.take<u8>(rows);
    Cursor state = {batch.arena + job.parts.state};
    v.slope = state.take<double>(m);
    v.place = state.take<u8>(m);
    v.bound = state.take<i8>(n);
    v.row_side = state.take<i8>(rows);
    Cursor out = {batch.arena + job.parts.output};
    v.t = out.take<double>(m);
    v.w = out.take<double>(n);
    v.gradient = out.take<double>(n);
    v.price = out.take<double>(n);
    v.y = out.take<double>(rows);
    v.value = out.take<double>(rows);
    v.scalars = out.take<double>(2);
    v.ending = out.take<int>(4);
}

// The memory of the block, after `lay_out`. One thread.
DEV void lay_out_work(char* work, int k) {
    const u64 n = v.n, m = v.m, rows = v.rows, extras = v.extras, width = rows + 2, unknowns = rows + extras;
    const u64 columns = whole(max(v.n, k), STRIP), height = whole(columns + width, STRIP);
    Cursor c = {work};
    sys.entries = c.take<double>(height * (columns + 8));
    sys.reciprocals = c.take<double>(columns);
    v.x = c.take<double>(n * (k + width));
    v.products = c.take<double>((k + width) * (k + width));
    v.inverse = c.take<double>(n);
    v.exposed = c.take<double>(k);
    v.pending = c.take<double>(k);
    v.direction = c.take<double>(k + width);
    v.rest = c.take<double>(n);
    v.up = c.take<double>(n);
    v.down = c.take<double>(n);
    v.delta = c.take<double>(n);
    v.d = c.take<double>(n);
    v.slide = c.take<double>(n);
    v.at_free = c.take<double>(n);
    v.step0 = c.take<double>(n);
    v.step1 = c.take<double>(n);
    v.below = c.take<double>(m + n);
    v.gram = c.take<double>(width * width);
    v.small = c.take<double>(unknowns * (unknowns + 2));
    v.scale = c.take<double>(rows);
    v.coefficients = c.take<double>(width);
    v.changes = c.take<Change>(m + n);
    v.open = c.take<int>(n);
    v.up_trade = c.take<int>(n);
    v.down_trade = c.take<int>(n);
    v.free = c.take<int>(n);
    v.changed = c.take<int>(n);
    v.change_count = c.take<int>(n);
    v.active = c.take<int>(rows);
    v.row_change = c.take<int>(rows);
    v.extra_trades = c.take<int>(2 * extras);
    v.pivots = c.take<int>(unknowns);
    v.order = c.take<int>(m);
    v.loose_change = c.take<int>(v.loose);
    v.extra = c.take<u8>(n);
    v.reorders = c.take<u8>(n);
    v.touched = c.take<u8>(n);
    v.place_before = c.take<u8>(2 * m);
    v.bound_before = c.take<i8>(n);
    v.row_before = c.take<i8>(rows);
}

// One thread.
DEV void take_covariance(const Batch& batch, const Risk& risk) {
    const char* values = batch.risk_data + risk.values;
    cov.narrow = risk.dense && !risk.wide ? (const float*)values : nullptr;
    cov.wide = risk.dense && risk.wide ? (const double*)values : nullptr;
    cov.root = (const double*)(batch.risk_data + risk.root);
    cov.specific = (const double*)(batch.risk_data + risk.specific);
    cov.n = risk.n;
    cov.k = risk.k;
    cov.factored = !risk.dense;
}

// From the present state to an optimal one. Uniform; `steps` goes on counting.
FUN int search(int most, bool settled, int& steps) {
    for (int i = threadIdx.x; i < v.n; i += THREADS) v.reorders[i] = settled ? REORDERS : 0;
    __syncthreads();
    int best = 0x7fffffff, stall = 0;
    bool pure = true, far = cov.factored && !settled;
    for (;;) {
        if (steps == most) return STEPS;
        steps++;
        const int ending = solve_state(pure);
        if (ending != OPTIMAL) return ending;
        const int changes = find_changes();
        if (changes == 0) {
            if (pure) return OPTIMAL;
            pure = true;
            continue;
        }
        if (changes < best) {
            best = changes;
            stall = 0;
        } else {
            stall++;
        }
        const int pace = stall == 0 && far ? FAR : (stall <= PATIENCE ? NEXT : ONE);
        far = far && stall == 0;
        apply_changes(pace);
        pure = changes <= FEW;
    }
}

// Keeps the state, or brings it back. Uniform.
DEV void keep_state(bool back) {
    u8* kept = v.place_before + v.m;
    for (int t = threadIdx.x; t < v.m; t += THREADS) {
        if (back) v.place[t] = kept[t]; else kept[t] = v.place[t];
    }
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        if (back) v.bound[i] = v.bound_before[i]; else v.bound_before[i] = v.bound[i];
    }
    for (int r = threadIdx.x; r < v.rows; r += THREADS) {
        if (back) v.row_side[r] = v.row_before[r]; else v.row_before[r] = v.row_side[r];
    }
    __syncthreads();
}

// Moves the state near the optimum of a dense problem with the sketch; where that does not end, the state stays.
DEV int approach(const Risk& risk) {
    if (v.mode != COLD || v.n < WORTH_AN_APPROACH || !risk.dense || !risk.sketched) return OPTIMAL;
    keep_state(false);
    let_stand(true);
    int steps = 0;
    const int ending = search(APPROACH_STEPS, false, steps);
    let_stand(false);
    if (ending != OPTIMAL) keep_state(true);
    return ending == NO_ROOM ? NO_ROOM : OPTIMAL;
}

// The memory of a point as it is before the first step.
DEV void clear_point(int k) {
    for (int i = threadIdx.x; i < v.n; i += THREADS) {
        v.w[i] = 0.0;
        v.gradient[i] = 0.0;
        v.price[i] = 0.0;
        v.touched[i] = 0;
        v.extra[i] = 0;
    }
    for (int t = threadIdx.x; t < v.m; t += THREADS) v.t[t] = 0.0;
    for (int j = threadIdx.x; j < k; j += THREADS) v.pending[j] = 0.0;
    for (int r = threadIdx.x; r < v.rows; r += THREADS) {
        v.y[r] = 0.0;
        v.value[r] = 0.0;
    }
    if (threadIdx.x == 0) {
        now.was_priced = 1;
        now.curvature = 0.0;
        now.undetermined = 0;
    }
    __syncthreads();
}

extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) active_set(Batch batch) {
    for (;;) {
        const int problem = take_next(batch);
        if (problem >= batch.count) return;
        const Job job = *(const Job*)(batch.jobs + problem * JOB_BYTES);
        const Risk risk = batch.risks[job.parts.risk];
        if (threadIdx.x == 0) {
            lay_out(batch, job);
            lay_out_work(batch.work + blockIdx.x * batch.stride, risk.k);
            take_covariance(batch, risk);
        }
        __syncthreads();
        clear_point(risk.k);
        int steps = 0;
        int ending = approach(risk);
        if (ending == OPTIMAL) ending = search(v.most, v.mode == NEAR, steps);
        if (threadIdx.x == 0) {
            v.ending[0] = ending;
            v.ending[1] = steps;
            v.ending[2] = now.undetermined;
            v.ending[3] = 0;
            v.scalars[0] = now.curvature;
            v.scalars[1] = 0.0;
        }
        __syncthreads();
    }
}

// Vector j of the sketch, at asset i.
DEV bool negative(int i, int j) {
    const u64 mixed = (u64)(i * SKETCH + j) * 0x9e3779b97f4a7c15ULL;
    return j != 0 && ((mixed >> 40) & 1) != 0;
}

// A factor form near each dense covariance: Sigma ~ Y (V' Y)^-1 Y' + D, Y = Sigma V for vectors V of signs (Nystrom).
// `args.jobs` is not read; a block takes the next covariance.
extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) sketch(Batch batch) {
    for (;;) {
        const int which = take_next(batch);
        if (which >= batch.count) return;
        const Risk risk = batch.risks[which];
        if (!risk.dense || risk.n < WORTH_AN_APPROACH) continue;
        const int n = risk.n;
        double* y = (double*)(batch.work + blockIdx.x * batch.stride);
        if (threadIdx.x == 0) {
            take_covariance(batch, risk);
            const u64 columns = whole(SKETCH, STRIP);
            Cursor c = {(char*)(y + SKETCH * (u64)n)};
            sys.entries = c.take<double>(whole(columns + n, STRIP) * (columns + 8));
            sys.reciprocals = c.take<double>(columns);
        }
        __syncthreads();
        for (int i = threadIdx.x; i < n; i += THREADS) {
            double s[SKETCH];
#pragma unroll
            for (int j = 0; j < SKETCH; j++) s[j] = 0.0;
#pragma unroll 4
            for (int c = 0; c < n; c++) {
                const double a = sigma(c, i);
#pragma unroll
                for (int j = 0; j < SKETCH; j++) s[j] = __fma_rn(a, negative(c, j) ? -1.0 : 1.0, s[j]);
            }
#pragma unroll
            for (int j = 0; j < SKETCH; j++) y[(size_t)j * n + i] = s[j];
        }
        __syncthreads();
        double* products = (double*)((char*)batch.risk_data + risk.root);
        if (threadIdx.x < SKETCH * SKETCH) {
            const int p = threadIdx.x / SKETCH, j = threadIdx.x % SKETCH;
            double s = 0.0;
            for (int i = 0; i < n; i++) s = s + (negative(i, p) ? -y[(size_t)j * n + i] : y[(size_t)j * n + i]);
            products[threadIdx.x] = s;
        }
        shape(SKETCH, n);
        write_system([&](int p, int j) { return products[p * SKETCH + j]; }, [&](int i, int j) { return y[(size_t)j * n + i]; });
        const bool regular = factor_system() == NONE;
        double* root = products;
        double* specific = (double*)((char*)batch.risk_data + risk.specific);
        for (int i = threadIdx.x; i < n; i += THREADS) {
            const double own = sigma(i, i);
            double common = 0.0;
            for (int j = 0; j < SKETCH; j++) {
                const double g = carried_entry(i, j);
                root[(size_t)j * n + i] = g;
                common = common + g * g;
            }
            specific[i] = larger(own - common, 0.05 * own);
        }
        if (threadIdx.x == 0) batch.risks[which].sketched = regular;
        __syncthreads();
    }
}
