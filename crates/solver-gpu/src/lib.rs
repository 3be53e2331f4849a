//! The solver on a GPU.
mod active;
mod barrier;
mod batch;
mod cholesky;
mod covariance;
#[cfg(all(feature = "cuda", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod cuda;
mod device;
mod error;
#[cfg(all(feature = "cuda", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod launch;
mod pack;
mod plan;
pub mod ptx;
mod solver;

pub use cholesky::{Factors, factor, self_test};
pub use device::{Device, Kernel, STREAMS};
pub use error::GpuError;
pub use solver::{GpuActiveSet, GpuIpm, Report, Shared, Solved};
