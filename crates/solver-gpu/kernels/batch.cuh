// A launch: its problems' descriptions, the covariances they share, and memory.
//
// The host's half of these layouts is src/pack.rs; both walk the arrays in the same order.
#pragma once
#include "base.cuh"

// A covariance, shared by the problems of a day. Offsets are bytes from Batch::risk_data.
struct Risk {
    u64 values;         // dense: n x n, f32 or f64
    u64 root;           // G: k rows of n; factor form, or the sketch of a dense one
    u64 specific;       // D: n
    u64 exposures;      // factor form, B: k rows of n
    u64 factors;        // factor form, F: k x k
    u64 barrier_root;   // factor form, the interior point's root of B F B': k rows of n
    int n, k;           // k: factors of the factor form, or of the sketch
    int dense, wide;    // wide: values are f64
    int sketched;       // dense: whether root and specific stand for it
    int failed;         // dense: first column that is not positive definite, ridge included; -1 none
};

constexpr u64 JOB_BYTES = 128;      // from one job to the next

struct Batch {
    const char* jobs;
    Risk* risks;
    const char* risk_data;
    char* arena;        // problems, states and answers
    char* work;
    u64 stride;         // bytes of work memory a block
    int* next;          // the next problem to be taken
    int count;
    int extras;         // most trades that may be open besides the first of their asset
};

// Where a job's parts lie: bytes from Batch::arena. The state goes both ways.
struct Parts {
    u64 input, state, output;
    int risk, unused;   // index of the Risk
};

// Hands out arrays one after another, each on a multiple of 16 bytes.
struct Cursor {
    char* at;
    template <class T> DEV T* take(u64 count) {
        T* found = (T*)at;
        at += (count * sizeof(T) + 15) / 16 * 16;
        return found;
    }
};

__shared__ int taken;

// The next problem for this block; Batch::count or more when there is none. Uniform.
DEV int take_next(const Batch& batch) {
    __syncthreads();
    if (threadIdx.x == 0) taken = atomicAdd(batch.next, 1);
    __syncthreads();
    return taken;
}
