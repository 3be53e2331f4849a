//! The shipped kernels in the interpreter, decoded once.

pub(crate) use samebits_gpu_verify::{Emulator, Modules};
use samebits_solver_gpu::ptx;
use std::sync::OnceLock;

/// The shipped modules of a generation.
pub(crate) fn shipped(generation: u32) -> Modules {
    static DECODED: [OnceLock<Modules>; ptx::GENERATIONS.len()] = [const { OnceLock::new() }; 3];
    let at = ptx::GENERATIONS.iter().position(|own| *own == generation).expect("a generation");
    DECODED[at].get_or_init(|| Emulator::shipped(generation).expect("PTX that can be read")).clone()
}
