//! A device that measures its kernels.

use samebits_gpu_verify::{Counted, Starter};
use samebits_solver_gpu::{Device, STREAMS};
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

/// The device, and its watch. While that is on, it waits before and after each kernel, so that the time between is the
/// kernel's; streams then do not overlap.
pub(crate) fn timed(inner: Box<dyn Device + Send>) -> (Counted, Arc<Watch>) {
    let watch = Arc::new(Watch::default());
    let own = Arc::clone(&watch);
    let starter: Starter = Box::new(move |device, stream, kernel, blocks, parameter| {
        if !own.on.load(Ordering::SeqCst) {
            return device.launch(stream, kernel, blocks, parameter);
        }
        for other in 0..STREAMS {
            device.output(other)?;
        }
        let begun = Instant::now();
        device.launch(stream, kernel, blocks, parameter)?;
        device.output(stream)?;
        own.nanoseconds.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::SeqCst);
        Ok(())
    });
    (Counted::new(inner).0.with_starter(starter), watch)
}
