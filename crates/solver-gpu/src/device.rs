//! What a batch needs of a device, whatever runs its kernels.

use crate::GpuError;
use std::ops::Range;

/// Streams of a device: while one computes, another one's data is on its way and a third one's is being packed.
pub const STREAMS: usize = 3;

/// A kernel of the modules under `kernels/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// `active-set/1`: a block a problem.
    ActiveSet,
    /// Factor forms near dense covariances: a block a covariance.
    Sketch,
    /// `ipm/1`: a block a problem.
    Ipm,
    /// `ipm/1` of one problem on the whole device: from one matrix to the next, one block.
    IpmBetween,
    /// The same: the matrix is written, a part by each block.
    IpmWrite,
    /// The same: the square of a panel, one block.
    IpmSquare,
    /// The same: the rows below it, 128 to a block.
    IpmRows,
    /// Whether dense covariances are positive semidefinite: a block a covariance.
    Check,
    /// Cholesky factors: a block a matrix.
    Cholesky,
}

impl Kernel {
    /// All kernels.
    pub const ALL: [Self; 9] = [
        Self::ActiveSet,
        Self::Sketch,
        Self::Ipm,
        Self::IpmBetween,
        Self::IpmWrite,
        Self::IpmSquare,
        Self::IpmRows,
        Self::Check,
        Self::Cholesky,
    ];

    /// The module that holds it, and its name there.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::ActiveSet => ("active_set", "active_set"),
            Self::Sketch => ("active_set", "sketch"),
            Self::Ipm => ("ipm", "ipm"),
            Self::IpmBetween => ("ipm", "ipm_between"),
            Self::IpmWrite => ("ipm", "ipm_write"),
            Self::IpmSquare => ("ipm", "ipm_square"),
            Self::IpmRows => ("ipm", "ipm_rows"),
            Self::Check => ("ipm", "check"),
            Self::Cholesky => ("cholesky", "cholesky"),
        }
    }
}

/// A device with memory of its own. Work of one stream is done in its order; streams go on side by side.
///
/// Each stream has an input and an output buffer on the host. They belong to the device, so that a copy under way never
/// meets memory that its owner has given up.
pub trait Device {
    /// Its name.
    fn name(&self) -> String;

    /// How many blocks of a kernel run at once.
    fn blocks(&self, kernel: Kernel) -> u32;

    /// Bytes of memory that are free.
    ///
    /// # Errors
    /// A lost device.
    fn free_memory(&self) -> Result<u64, GpuError>;

    /// Memory of the device: its address, a multiple of 256. What it holds is unspecified.
    ///
    /// # Errors
    /// A lost device, or one that has no such memory left.
    fn allocate(&mut self, bytes: u64) -> Result<u64, GpuError>;

    /// Gives back what [`Device::allocate`] gave.
    ///
    /// # Errors
    /// A lost device.
    fn release(&mut self, address: u64) -> Result<(), GpuError>;

    /// The first `bytes` of the stream's input buffer; waits for what the stream is doing.
    ///
    /// # Errors
    /// A lost device.
    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError>;

    /// Copies this part of the input buffer to `address`.
    ///
    /// # Errors
    /// A lost device.
    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError>;

    /// Starts `kernel` with `blocks` blocks and one parameter of these bytes.
    ///
    /// # Errors
    /// A lost device.
    fn launch(
        &mut self,
        stream: usize,
        kernel: Kernel,
        blocks: u32,
        parameter: &[u8],
    ) -> Result<(), GpuError>;

    /// Remembers what `stream` has been given so far, for [`Device::follow`].
    ///
    /// # Errors
    /// A lost device.
    fn mark(&mut self, stream: usize) -> Result<(), GpuError>;

    /// Lets `stream` wait for what `other` had been given when it was marked last.
    ///
    /// # Errors
    /// A lost device.
    fn follow(&mut self, stream: usize, other: usize) -> Result<(), GpuError>;

    /// Copies `bytes` from `address` into the output buffer.
    ///
    /// # Errors
    /// A lost device.
    fn fetch(&mut self, stream: usize, bytes: usize, address: u64) -> Result<(), GpuError>;

    /// What was fetched last; waits for it.
    ///
    /// # Errors
    /// A lost device.
    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError>;
}
