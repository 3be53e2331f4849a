//! Whether a device gives the bits of the CPU.
//!
//! | module | what |
//! |---|---|
//! | [`Emulator`] | a [`Device`] that runs the shipped PTX on the processor, for tests on machines without a GPU |
//! | [`Counted`] | a [`Device`] that counts what is allocated and sent |
//! | [`difference()`] | two solutions, bit by bit |
//! | [`check`] | factors, batches of drawn problems and memory, against `canon` and `solver-cpu` |
//!
//! The program `samebits-gpu-verify` runs the checks on the machine's GPU and measures it; `docs/gpu.md` says how, and what
//! its rows mean.
//!
//! ```
//! use samebits_canon::Isa;
//! use samebits_gpu_verify::{Emulator, check, draws};
//! use samebits_solver_gpu::Shared;
//!
//! let device = Emulator::new(70, 2, Default::default())?;
//! let shared = Shared::new(Box::new(device), 1 << 28, Isa::detect());
//! let problems = draws::hostile(0..4);
//! let found = check::batch(&shared, check::Backend::ActiveSet, &problems, check::SETTINGS, Isa::detect());
//! assert_eq!(found.differing, 0);
//! # Ok::<(), samebits_gpu_verify::Error>(())
//! ```
//!
//! Left out on purpose: clocks and printing, which belong to the program.

pub mod check;
mod counted;
mod difference;
pub mod draws;
mod emulator;

pub use counted::{Count, Counted, Counter, Starter};
pub use difference::difference;
pub use emulator::{After, Emulator, Error, Modules, taken_apart};
#[cfg(doc)]
use samebits_solver_gpu::Device;
