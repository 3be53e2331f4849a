//! The solver on a GPU: batches of problems, equal to the CPU in every bit.
//!
//! | backend | what |
//! |---|---|
//! | [`GpuActiveSet`] | `active-set/1`: a block searches one problem, blocks take the next from a counter |
//! | [`GpuIpm`] | `ipm/1`: a block iterates on one problem; then the canonical finish, by the same search |
//!
//! The kernels (`kernels/*.cu`, and the PTX made from them) take the steps of `solver-cpu` with the operations in the
//! order of `docs/arithmetic.md`, so that weights, multipliers, states and counts of iterations are the CPU's. What the
//! host does is the CPU's own code: setting up, reading an answer, its certificate, proofs of infeasibility. A search
//! that does not end in an optimum goes on to the interior point, as on the CPU; what a device has no room for is solved on
//! the CPU; a device that is lost hands all of its problems over, and the [`Report`] says so.
//!
//! [`Gpu::open`] finds a device at run time; nothing of CUDA is needed to build. Anything else that runs the kernels is a
//! [`Device`] too: the tests execute the shipped PTX in an interpreter.
//!
//! ```
//! use samebits_canon::Isa;
//! use samebits_solver_gpu::{Gpu, GpuActiveSet};
//! match Gpu::open().and_then(|gpu| gpu.share(None, Isa::detect())) {
//!     Ok(shared) => println!("{:?}", GpuActiveSet::new(shared)),
//!     Err(why) => println!("on the CPU, for {why}"),
//! }
//! ```
//!
//! Left out on purpose: money, records, and the choice of a backend. See `docs/gpu.md`.

mod active;
mod barrier;
mod batch;
mod cholesky;
mod covariance;
#[cfg(all(feature = "cuda", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod cuda;
mod device;
mod error;
mod gpu;
#[cfg(all(feature = "cuda", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod launch;
mod pack;
mod plan;
pub mod ptx;
mod solver;

pub use cholesky::{Factors, factor, self_test};
pub use device::{Device, Kernel, STREAMS};
pub use error::GpuError;
pub use gpu::Gpu;
pub use solver::{GpuActiveSet, GpuIpm, Report, Shared, Solved};
