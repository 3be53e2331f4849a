//! A device that measures its kernels.

use samebits_solver_gpu::{Device, GpuError, Kernel};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Switches the measuring on, and reads it.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    on: AtomicBool,
    nanoseconds: AtomicU64,
}

impl Watch {
    /// Measures from now on.
    pub(crate) fn start(&self) {
        self.nanoseconds.store(0, Ordering::SeqCst);
        self.on.store(true, Ordering::SeqCst);
    }

    /// Measures no more; milliseconds of kernels.
    pub(crate) fn stop(&self) -> f64 {
        self.on.store(false, Ordering::SeqCst);
        self.nanoseconds.load(Ordering::SeqCst) as f64 / 1e6
    }
}

/// Hands everything on to another device. While its watch is on it waits before and after each kernel, so that the time
/// between is the kernel's; streams then do not overlap.
pub(crate) struct Timed {
    inner: Box<dyn Device + Send>,
    watch: Arc<Watch>,
}

impl Timed {
    pub(crate) fn new(inner: Box<dyn Device + Send>) -> (Self, Arc<Watch>) {
        let watch = Arc::new(Watch::default());
        (Self { inner, watch: watch.clone() }, watch)
    }
}

impl Device for Timed {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn blocks(&self, kernel: Kernel) -> u32 {
        self.inner.blocks(kernel)
    }

    fn free_memory(&self) -> Result<u64, GpuError> {
        self.inner.free_memory()
    }

    fn allocate(&mut self, bytes: u64) -> Result<u64, GpuError> {
        self.inner.allocate(bytes)
    }

    fn release(&mut self, address: u64) -> Result<(), GpuError> {
        self.inner.release(address)
    }

    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError> {
        self.inner.input(stream, bytes)
    }

    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError> {
        self.inner.send(stream, part, address)
    }

    fn launch(
        &mut self,
        stream: usize,
        kernel: Kernel,
        blocks: u32,
        parameter: &[u8],
    ) -> Result<(), GpuError> {
        if !self.watch.on.load(Ordering::SeqCst) {
            return self.inner.launch(stream, kernel, blocks, parameter);
        }
        for other in 0..samebits_solver_gpu::STREAMS {
            self.inner.output(other)?;
        }
        let begun = Instant::now();
        self.inner.launch(stream, kernel, blocks, parameter)?;
        self.inner.output(stream)?;
        let spent = begun.elapsed().as_nanos() as u64;
        self.watch.nanoseconds.fetch_add(spent, Ordering::SeqCst);
        Ok(())
    }

    fn mark(&mut self, stream: usize) -> Result<(), GpuError> {
        self.inner.mark(stream)
    }

    fn follow(&mut self, stream: usize, other: usize) -> Result<(), GpuError> {
        self.inner.follow(stream, other)
    }

    fn fetch(&mut self, stream: usize, bytes: usize, address: u64) -> Result<(), GpuError> {
        self.inner.fetch(stream, bytes, address)
    }

    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError> {
        self.inner.output(stream)
    }
}
