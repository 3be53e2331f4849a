//! A device that counts.

use samebits_solver_gpu::{Device, GpuError, Kernel};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What went through a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Bytes of the device's memory that are allocated now.
    pub live: u64,
    /// Most bytes that were allocated at a time.
    pub most: u64,
    /// Bytes copied to the device.
    pub sent: u64,
    /// Bytes copied from the device.
    pub fetched: u64,
    /// Kernels that were started.
    pub launches: u64,
}

#[derive(Debug, Default)]
struct Ledger {
    count: Count,
    sizes: BTreeMap<u64, u64>,
}

/// Reads the count of a device that something else owns.
#[derive(Debug, Clone)]
pub struct Counter(Arc<Mutex<Ledger>>);

impl Counter {
    /// The count so far.
    pub fn get(&self) -> Count {
        self.with(|ledger| ledger.count)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts a kernel of a device in another way than by its own [`Device::launch`], whose arguments follow.
pub type Starter = Box<dyn FnMut(&mut dyn Device, usize, Kernel, u32, &[u8]) -> Result<(), GpuError> + Send>;

/// A device that hands everything on to another one, and counts.
pub struct Counted {
    inner: Box<dyn Device + Send>,
    counter: Counter,
    starter: Option<Starter>,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counted").field("count", &self.counter.get()).finish_non_exhaustive()
    }
}

impl Counted {
    /// Counts what goes through `inner`.
    pub fn new(inner: Box<dyn Device + Send>) -> (Self, Counter) {
        let counter = Counter(Arc::default());
        (Self { inner, counter: counter.clone(), starter: None }, counter)
    }

    /// Starts kernels by `starter`.
    #[must_use]
    pub fn with_starter(mut self, starter: Starter) -> Self {
        self.starter = Some(starter);
        self
    }
}

impl Device for Counted {
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
        let address = self.inner.allocate(bytes)?;
        self.counter.with(|ledger| {
            ledger.sizes.insert(address, bytes);
            ledger.count.live += bytes;
            ledger.count.most = ledger.count.most.max(ledger.count.live);
        });
        Ok(address)
    }

    fn release(&mut self, address: u64) -> Result<(), GpuError> {
        self.inner.release(address)?;
        self.counter.with(|ledger| {
            ledger.count.live -= ledger.sizes.remove(&address).unwrap_or(0);
        });
        Ok(())
    }

    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError> {
        self.inner.input(stream, bytes)
    }

    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError> {
        self.counter.with(|ledger| ledger.count.sent += part.len() as u64);
        self.inner.send(stream, part, address)
    }

    fn launch(
        &mut self,
        stream: usize,
        kernel: Kernel,
        blocks: u32,
        parameter: &[u8],
    ) -> Result<(), GpuError> {
        self.counter.with(|ledger| ledger.count.launches += 1);
        match &mut self.starter {
            Some(start) => start(self.inner.as_mut(), stream, kernel, blocks, parameter),
            None => self.inner.launch(stream, kernel, blocks, parameter),
        }
    }

    fn mark(&mut self, stream: usize) -> Result<(), GpuError> {
        self.inner.mark(stream)
    }

    fn follow(&mut self, stream: usize, other: usize) -> Result<(), GpuError> {
        self.inner.follow(stream, other)
    }

    fn fetch(&mut self, stream: usize, bytes: usize, address: u64) -> Result<(), GpuError> {
        self.counter.with(|ledger| ledger.count.fetched += bytes as u64);
        self.inner.fetch(stream, bytes, address)
    }

    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError> {
        self.inner.output(stream)
    }
}
