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
                pivot_block,
                solve_block,
                forward,
                backward,
                dot,
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

        fn pivot_block(block: &mut [f64], reciprocal: &mut [f64]) -> Result<(), BadPivot> {
            #[target_feature(enable = $features)]
            fn inner(block: &mut [f64], reciprocal: &mut [f64]) -> Result<(), BadPivot> {
                kernel::pivot_block::<$lanes>(block, reciprocal)
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(block, reciprocal) }
        }

        fn solve_block(corner: &[f64], reciprocal: &[f64], block: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(corner: &[f64], reciprocal: &[f64], block: &mut [f64]) {
                kernel::solve_block::<$lanes>(corner, reciprocal, block);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(corner, reciprocal, block) }
        }

        fn forward(panels: &[f64], reciprocal: &[f64], b: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(panels: &[f64], reciprocal: &[f64], b: &mut [f64]) {
                kernel::forward::<$lanes>(panels, reciprocal, b);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(panels, reciprocal, b) }
        }

        fn backward(l: &[f64], reciprocal: &[f64], b: &mut [f64]) {
            #[target_feature(enable = $features)]
            fn inner(l: &[f64], reciprocal: &[f64], b: &mut [f64]) {
                kernel::backward(l, reciprocal, b);
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(l, reciprocal, b) }
        }

        fn dot(a: &[f64], b: &[f64]) -> f64 {
            #[target_feature(enable = $features)]
            fn inner(a: &[f64], b: &[f64]) -> f64 {
                kernel::dot(a, b)
            }
            // SAFETY: the table is handed out only where the processor has the features.
            unsafe { inner(a, b) }
        }
    };
}
pub(super) use compiled_for;
