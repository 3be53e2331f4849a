//! Why there is no device, or why it is not used.

/// Why a GPU cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// This build has no CUDA (feature `cuda`, Linux on x86-64 or aarch64).
    #[error("this build has no CUDA; build with `--features cuda` on Linux")]
    NotBuilt,
    /// No driver library.
    #[error("no CUDA driver: libcuda.so.1 was not found")]
    NoDriver,
    /// A driver, and no device.
    #[error("the CUDA driver found no device")]
    NoDevice,
    /// A driver or a device older than the kernels.
    #[error("{what} {found} is too old; {needed} or newer is needed")]
    TooOld {
        /// Driver or device.
        what: &'static str,
        /// Its version.
        found: String,
        /// The oldest version that will do.
        needed: String,
    },
    /// The device computes other bits than the written order.
    #[error("the device's start-up self-test failed: {0}")]
    SelfTestFailed(String),
    /// A call failed; what the device holds is lost.
    #[error("{call} failed: {code}")]
    Lost {
        /// The call.
        call: &'static str,
        /// The driver's code and its name.
        code: String,
    },
    /// A problem needs more memory than the budget allows.
    #[error("{needed} bytes of device memory are needed, {allowed} are allowed")]
    NoRoom {
        /// Bytes needed.
        needed: u64,
        /// Bytes allowed.
        allowed: u64,
    },
}
