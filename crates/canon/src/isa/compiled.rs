//! The kernels whose plain loops the compiler vectorises by itself, compiled once more for a wider instruction set.

/// Makes the table of kernels of an instruction set.
///
/// `detected` must be true only on processors with every feature in `features`; the functions stamped out here are
/// reachable through the table alone, and the table through `kernels` alone, which asks `detected`.
macro_rules! compiled_for {
    ($features:literal, $detected:expr, $lanes:expr, $rows:expr) => {
        /// The kernels, where the processor has the features that they are compiled for.
        pub(super) fn kernels() -> Option<&'static Kernels> {
            static KERNELS: Kernels = Kernels {
                lanes: $lanes,
                rows: $rows,
                add,
                subtract,
                dot,
                system: SystemKernels {
                    tile: system_tile,
                    corner,
                    below: system_below,
                    outer,
                    combine,
                    forward: system_forward,
                    backward: system_backward,
                    columns,
                    rows,
                    transposed,
                    weighted,
                },
            };
            $detected.then_some(&KERNELS)
        }

        fn add(a: &[f64], first: usize, b: &[f64], out: &mut [f64]) {
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { tile::<false>(a, first, b, out) }
        }

        fn subtract(a: &[f64], first: usize, b: &[f64], out: &mut [f64]) {
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { tile::<true>(a, first, b, out) }
        }

        fn dot(a: &[f64], b: &[f64]) -> f64 {
            #[target_feature(enable = $features)]
            fn inner(a: &[f64], b: &[f64]) -> f64 {
                kernel::dot(a, b)
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(a, b) }
        }

        fn corner(own: &mut [f64], height: usize, row: usize, found: &mut Corner) -> Result<(), BadPivot> {
            #[target_feature(enable = $features)]
            fn inner(own: &mut [f64], height: usize, row: usize, found: &mut Corner) -> Result<(), BadPivot> {
                kernels::corner(own, height, row, found)
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(own, height, row, found) }
        }

        fn outer(y: &[f64], weight: f64, gram: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(y: &[f64], weight: f64, gram: &mut [f64]) {
                kernels::outer(y, weight, gram);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(y, weight, gram) }
        }

        fn combine(rows: &[f64], height: usize, coefficients: &[f64], out: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(rows: &[f64], height: usize, coefficients: &[f64], out: &mut [f64]) {
                kernels::combine(rows, height, coefficients, out);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(rows, height, coefficients, out) }
        }

        fn system_forward(entries: &[f64], height: usize, reciprocal: &[f64], b: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(entries: &[f64], height: usize, reciprocal: &[f64], b: &mut [f64]) {
                kernels::forward(entries, height, reciprocal, b);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(entries, height, reciprocal, b) }
        }

        fn system_backward(entries: &[f64], height: usize, reciprocal: &[f64], y: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(entries: &[f64], height: usize, reciprocal: &[f64], y: &mut [f64]) {
                kernels::backward(entries, height, reciprocal, y);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(entries, height, reciprocal, y) }
        }

        fn columns(a: &[f64], list: &[usize], x: &[f64], out: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(a: &[f64], list: &[usize], x: &[f64], out: &mut [f64]) {
                kernels::columns(a, list, x, out);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(a, list, x, out) }
        }

        fn rows(a: &[f64], x: &[f64], out: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(a: &[f64], x: &[f64], out: &mut [f64]) {
                kernels::rows(a, x, out);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(a, x, out) }
        }

        fn transposed(a: &[f64], x: &[f64], out: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(a: &[f64], x: &[f64], out: &mut [f64]) {
                kernels::transposed(a, x, out);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(a, x, out) }
        }

        fn weighted(x: &[f64], weights: &[f64], width: usize, gram: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(x: &[f64], weights: &[f64], width: usize, gram: &mut [f64]) {
                kernels::weighted(x, weights, width, gram);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(x, weights, width, gram) }
        }

        fn system_tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize) {
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { tall_tile(tall, wide, c, height) }
        }

        fn system_below(own: &mut [f64], height: usize, row: usize, corner: &Corner) {
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { rows_below(own, height, row, corner) }
        }
    };
}
pub(super) use compiled_for;
