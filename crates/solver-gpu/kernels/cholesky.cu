// Cholesky factors of many matrices of one order: for measurements and the start-up self-test.
#include "system.cuh"

struct CholeskyArgs {
    const double* matrices;     // count x n x n, row-major, lower triangle read
    double* factors;            // count x n x n, row-major, lower triangle written
    double* reciprocals;        // count x n
    int* failed;                // count: the first column without a positive pivot, or -1
    double* work;               // one system a block
    u64 stride;                 // numbers between the systems of two blocks
    int n, count;
};

extern "C" __global__ void __launch_bounds__(THREADS, TOGETHER) cholesky(CholeskyArgs args) {
    const int n = args.n;
    if (threadIdx.x == 0) {
        sys.reciprocals = args.work + blockIdx.x * args.stride;
        sys.entries = sys.reciprocals + whole(n, STRIP);
    }
    for (int problem = blockIdx.x; problem < args.count; problem += gridDim.x) {
        const double* a = args.matrices + (size_t)problem * n * n;
        shape(n, 0);
        write_system([&](int i, int j) { return a[(size_t)i * n + j]; }, [](int, int) { return 0.0; });
        const int failed = factor_system();
        for (int e = threadIdx.x; e < n * n; e += THREADS) {
            const int i = e / n, j = e % n;
            if (j <= i) args.factors[(size_t)problem * n * n + e] = *entry(i, j);
        }
        for (int j = threadIdx.x; j < n; j += THREADS) args.reciprocals[(size_t)problem * n + j] = sys.reciprocals[j];
        if (threadIdx.x == 0) args.failed[problem] = failed;
        __syncthreads();
    }
}
