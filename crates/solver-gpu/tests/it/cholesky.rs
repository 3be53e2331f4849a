//! The factorisation alone.

use crate::emulator::{Emulator, shipped};
use samebits_ptx_run::Options;
use samebits_solver_gpu::{ptx, self_test};

/// Every generation's kernels factor with the bits of `canon`: one strip, panels with a rest, more rows than warps.
#[test]
fn factors_have_the_bits_of_canon() {
    for generation in ptx::GENERATIONS {
        let mut device = Emulator::with_modules(shipped(generation), 2, Options::default());
        self_test(&mut device).unwrap_or_else(|error| panic!("{generation}: {error}"));
        assert!(device.instructions() > 10_000_000, "{generation}: {}", device.instructions());
    }
}
