//! The calls that `cust` has no safe form for: one unsafe operation each, an answer that is a `Result`.
//!
//! The codes are ones that `cust` knows: `samebits_cuda_dl` clamps newer ones.
#![allow(unsafe_code, reason = "calls into the driver")]

use cust::memory::{DeviceBuffer, LockedBuffer};
use cust::stream::Stream;
use cust::sys::{CUevent, CUfunction, CUfunction_attribute_enum, cudaError_enum};
use std::ffi::c_void;

/// What the driver answered, when it was not success.
pub(crate) type Code = cudaError_enum;

fn checked(code: Code) -> Result<(), Code> {
    if code == Code::CUDA_SUCCESS { Ok(()) } else { Err(code) }
}

/// Memory of the device that holds anything.
pub(crate) fn device_memory(bytes: usize) -> cust::error::CudaResult<DeviceBuffer<u8>> {
    // SAFETY: bytes have no invalid values; kernels write what they read, which the interpreter of the tests checks.
    unsafe { DeviceBuffer::uninitialized(bytes) }
}

/// Pinned memory of the host, zeroed.
pub(crate) fn pinned_memory(bytes: usize) -> cust::error::CudaResult<LockedBuffer<u8>> {
    LockedBuffer::new(&0_u8, bytes)
}

/// Lets a kernel's blocks ask for `bytes` of dynamic shared memory.
pub(crate) fn allow_shared(function: CUfunction, bytes: u32) -> Result<(), Code> {
    let attribute = CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    // SAFETY: the function belongs to a module that its owner keeps loaded.
    checked(unsafe { cust::sys::cuFuncSetAttribute(function, attribute, bytes as i32) })
}

/// Starts a copy to the device. The owner of `from` waits for the stream before it lets go of it.
pub(crate) fn copy_to_device(stream: &Stream, to: u64, from: &[u8]) -> Result<(), Code> {
    let (data, bytes) = (from.as_ptr().cast::<c_void>(), from.len());
    // SAFETY: `to` has room (the caller's addresses come from `allocate`), and `from` is pinned memory that outlives the copy.
    checked(unsafe { cust::sys::cuMemcpyHtoDAsync_v2(to, data, bytes, stream.as_inner()) })
}

/// Starts a copy from the device. The owner of `to` waits for the stream before it reads or lets go of it.
pub(crate) fn copy_from_device(stream: &Stream, to: &mut [u8], from: u64) -> Result<(), Code> {
    let (data, bytes) = (to.as_mut_ptr().cast::<c_void>(), to.len());
    // SAFETY: as for `copy_to_device`.
    checked(unsafe { cust::sys::cuMemcpyDtoHAsync_v2(data, from, bytes, stream.as_inner()) })
}

/// Starts `blocks` blocks of a kernel whose only parameter has these bytes.
pub(crate) fn launch(
    stream: &Stream,
    function: CUfunction,
    blocks: u32,
    threads: u32,
    shared: u32,
    parameter: &[u8],
) -> Result<(), Code> {
    let mut aligned: Vec<u64> = parameter
        .chunks(8)
        .map(|chunk| chunk.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
        .collect();
    let mut parameters = [aligned.as_mut_ptr().cast::<c_void>()];
    let (inner, list) = (stream.as_inner(), parameters.as_mut_ptr());
    // SAFETY: the kernel takes one structure of this size; the driver copies it before it returns.
    checked(unsafe {
        cust::sys::cuLaunchKernel(
            function,
            blocks,
            1,
            1,
            threads,
            1,
            1,
            shared,
            inner,
            list,
            std::ptr::null_mut(),
        )
    })
}

/// A point in a stream's work. `cust`'s own event is used up by the first stream that waits for it.
#[derive(Debug)]
pub(crate) struct Mark {
    event: CUevent,
}

// SAFETY: an event may be recorded, waited for and destroyed from any thread that has its context.
unsafe impl Send for Mark {}

impl Mark {
    /// An event without a time.
    pub(crate) fn new() -> Result<Self, Code> {
        const DISABLE_TIMING: u32 = 2;
        let mut event = std::ptr::null_mut();
        // SAFETY: the pointer is valid for one handle.
        checked(unsafe { cust::sys::cuEventCreate(&raw mut event, DISABLE_TIMING) })?;
        Ok(Self { event })
    }

    /// Moves to the end of what `stream` has been given.
    pub(crate) fn record(&self, stream: &Stream) -> Result<(), Code> {
        // SAFETY: both handles are alive.
        checked(unsafe { cust::sys::cuEventRecord(self.event, stream.as_inner()) })
    }

    /// Lets `stream` wait here.
    pub(crate) fn hold(&self, stream: &Stream) -> Result<(), Code> {
        // SAFETY: both handles are alive.
        checked(unsafe { cust::sys::cuStreamWaitEvent(stream.as_inner(), self.event, 0) })
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // SAFETY: the handle is alive and used no more; after a lost device the answer is of no use.
        let _ = unsafe { cust::sys::cuEventDestroy_v2(self.event) };
    }
}
