// Words and small tools that every kernel uses. Bits: docs/arithmetic.md; no function here rounds in another way than it says.
//
// One block works on one problem. What is written "uniform" is called by all threads of the block with the same
// arguments; a uniform function that reads or writes shared state begins and ends at a barrier unless it says otherwise.
#pragma once

typedef signed char i8;
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define DEV __device__ __forceinline__
#define FUN __device__ __noinline__

constexpr int LANES = 32;
constexpr int THREADS = 256;
constexpr int WARPS = THREADS / LANES;
constexpr int NONE = -1;
// Blocks that share a processor of the device: what registers are rationed for.
constexpr int TOGETHER = 2;

// Bytes of the block's dynamic shared memory.
extern "C" __shared__ __align__(16) double pool[];

DEV int lane() { return threadIdx.x & (LANES - 1); }
DEV int warp() { return threadIdx.x >> 5; }
DEV double infinity() { return __longlong_as_double(0x7ff0000000000000LL); }

// Clause A2.2: the first argument on a tie or a NaN. Written out, for the compiler knows a maximum of its own.
DEV double larger(double a, double b) {
    double found;
    asm("{.reg .pred p; setp.gt.f64 p, %1, %2; selp.f64 %0, %1, %2, p;}" : "=d"(found) : "d"(b), "d"(a));
    return found;
}
DEV double smaller(double a, double b) {
    double found;
    asm("{.reg .pred p; setp.lt.f64 p, %1, %2; selp.f64 %0, %1, %2, p;}" : "=d"(found) : "d"(b), "d"(a));
    return found;
}
DEV double magnitude(double a) { return __longlong_as_double(__double_as_longlong(a) & 0x7fffffffffffffffLL); }
DEV bool finite(double a) { return magnitude(a) < infinity(); }
DEV double from_lane(double a, int l) { return __shfl_sync(~0u, a, l); }

// Clause A3 by one warp: the 32 lanes are its lanes. Every lane returns the result.
DEV double warp_dot(const double* a, const double* b, int length) {
    double s = 0.0;
    for (int i = lane(); i < length; i += LANES) s = __fma_rn(a[i], b[i], s);
#pragma unroll
    for (int half = LANES / 2; half > 0; half /= 2) s = s + __shfl_down_sync(~0u, s, half);
    return from_lane(s, 0);
}

// The largest of the warp's values; a NaN counts as nothing.
DEV double warp_largest(double most) {
#pragma unroll
    for (int half = LANES / 2; half > 0; half /= 2) most = larger(most, __shfl_xor_sync(~0u, most, half));
    return most;
}

struct Reduction {
    double values[WARPS];
    int counts[WARPS];
};
__shared__ Reduction reduction;

// The larger one of 0 and the largest of all threads' values. Uniform.
FUN double block_largest(double most) {
    most = warp_largest(most);
    __syncthreads();
    if (lane() == 0) reduction.values[warp()] = most;
    __syncthreads();
    double found = 0.0;
    for (int i = 0; i < WARPS; i++) found = larger(found, reduction.values[i]);
    return found;
}

// The sum of all threads' counts. Uniform.
FUN int block_count(int count) {
#pragma unroll
    for (int half = LANES / 2; half > 0; half /= 2) count += __shfl_xor_sync(~0u, count, half);
    __syncthreads();
    if (lane() == 0) reduction.counts[warp()] = count;
    __syncthreads();
    int found = 0;
    for (int i = 0; i < WARPS; i++) found += reduction.counts[i];
    return found;
}

// The place of this thread's item among all threads' items that are `kept`, by thread; `total` becomes their number.
// Uniform.
DEV int place_of(bool kept, int& total) {
    const unsigned votes = __ballot_sync(~0u, kept);
    const int before = __popc(votes & ((1u << lane()) - 1u));
    __syncthreads();
    if (lane() == 0) reduction.counts[warp()] = __popc(votes);
    __syncthreads();
    int place = before;
    total = 0;
    for (int i = 0; i < WARPS; i++) {
        if (i < warp()) place += reduction.counts[i];
        total += reduction.counts[i];
    }
    return place;
}

// For clause A5: position of column k in a row whose columns lie in the order in which a tensor core reads them.
DEV int packed(int k) { return (k & ~7) | ((k & 3) << 1) | ((k >> 2) & 1); }
// The column at a position.
DEV int unpacked(int p) { return (p & ~7) | ((p & 6) >> 1) | ((p & 1) << 2); }
DEV int whole(int n, int unit) { return (n + unit - 1) / unit * unit; }
