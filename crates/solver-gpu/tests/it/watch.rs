//! A device that is watched: what it was asked for, and a failure where a test wants one.

use samebits_solver_gpu::{Device, GpuError, Kernel};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What a device was asked for.
#[derive(Debug, Default, Clone)]
pub(crate) struct Log {
    /// Calls that can fail.
    pub(crate) calls: u64,
    /// Allocations that live: address, bytes.
    pub(crate) live: BTreeMap<u64, u64>,
    /// Every allocation so far.
    pub(crate) allocations: usize,
    /// Most bytes that lived at once.
    pub(crate) most: u64,
    /// Every copy to the device: address, bytes.
    pub(crate) sent: Vec<(u64, u64)>,
    /// Every launch: kernel, blocks.
    pub(crate) launches: Vec<(Kernel, u32)>,
    /// What should not have been asked.
    pub(crate) faults: Vec<String>,
}

impl Log {
    /// Bytes that live now.
    fn now(&self) -> u64 {
        self.live.values().sum()
    }

    /// Whether these bytes lie within one live allocation.
    fn holds(&self, address: u64, bytes: u64) -> bool {
        let own = self.live.range(..=address).next_back();
        own.is_some_and(|(start, length)| address + bytes <= start + length)
    }
}

/// A device that writes down what it is asked for.
pub(crate) struct Watch<D> {
    inner: D,
    log: Arc<Mutex<Log>>,
    /// The call that fails, and all after it.
    fail_at: u64,
    /// Whether kernels run.
    runs: bool,
}

impl<D: Device> Watch<D> {
    /// Watches `inner`.
    pub(crate) fn new(inner: D) -> (Self, Arc<Mutex<Log>>) {
        let log = Arc::new(Mutex::new(Log::default()));
        (Self { inner, log: Arc::clone(&log), fail_at: u64::MAX, runs: true }, log)
    }

    /// The same, lost at this call.
    pub(crate) fn failing_at(self, call: u64) -> Self {
        Self { fail_at: call, ..self }
    }

    /// The same, whose kernels do nothing.
    pub(crate) fn idle(self) -> Self {
        Self { runs: false, ..self }
    }

    /// Counts a call, and fails where a failure is wanted.
    fn call(&self, call: &'static str, also: impl FnOnce(&mut Log)) -> Result<(), GpuError> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.calls += 1;
        if log.calls > self.fail_at {
            return Err(GpuError::Lost { call, code: "lost by the test".to_owned() });
        }
        also(&mut log);
        Ok(())
    }
}

/// What a watch has seen.
pub(crate) fn seen(log: &Mutex<Log>) -> Log {
    log.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl<D: Device> Device for Watch<D> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn blocks(&self, kernel: Kernel) -> u32 {
        self.inner.blocks(kernel)
    }

    fn free_memory(&self) -> Result<u64, GpuError> {
        self.call("free memory", |_| ())?;
        self.inner.free_memory()
    }

    fn allocate(&mut self, bytes: u64) -> Result<u64, GpuError> {
        self.call("allocate", |_| ())?;
        let address = self.inner.allocate(bytes)?;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.live.insert(address, bytes);
        log.allocations += 1;
        log.most = log.most.max(log.now());
        Ok(address)
    }

    fn release(&mut self, address: u64) -> Result<(), GpuError> {
        self.call("release", |log| {
            if log.live.remove(&address).is_none() {
                log.faults.push(format!("release of {address:#x}"));
            }
        })?;
        self.inner.release(address)
    }

    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError> {
        self.call("input", |_| ())?;
        self.inner.input(stream, bytes)
    }

    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError> {
        let bytes = part.len() as u64;
        self.call("send", |log| {
            if !log.holds(address, bytes) {
                log.faults.push(format!("{bytes} bytes sent to {address:#x}"));
            }
            log.sent.push((address, bytes));
        })?;
        self.inner.send(stream, part, address)
    }

    fn launch(
        &mut self,
        stream: usize,
        kernel: Kernel,
        blocks: u32,
        parameter: &[u8],
    ) -> Result<(), GpuError> {
        self.call("launch", |log| {
            if blocks == 0 || blocks > self.inner.blocks(kernel) {
                log.faults.push(format!("{blocks} blocks of {kernel:?}"));
            }
            log.launches.push((kernel, blocks));
        })?;
        if self.runs { self.inner.launch(stream, kernel, blocks, parameter) } else { Ok(()) }
    }

    fn mark(&mut self, stream: usize) -> Result<(), GpuError> {
        self.call("mark", |_| ())?;
        self.inner.mark(stream)
    }

    fn follow(&mut self, stream: usize, other: usize) -> Result<(), GpuError> {
        self.call("follow", |_| ())?;
        self.inner.follow(stream, other)
    }

    fn fetch(&mut self, stream: usize, bytes: usize, address: u64) -> Result<(), GpuError> {
        self.call("fetch", |log| {
            if !log.holds(address, bytes as u64) {
                log.faults.push(format!("{bytes} bytes fetched from {address:#x}"));
            }
        })?;
        self.inner.fetch(stream, bytes, address)
    }

    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError> {
        self.call("output", |_| ())?;
        self.inner.output(stream)
    }
}
