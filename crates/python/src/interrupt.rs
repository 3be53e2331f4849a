//! Long work that the keyboard may interrupt.

use crate::errors::{Fault, detached};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// So often the interpreter is asked whether a signal came in.
const ASK: Duration = Duration::from_millis(100);

/// Does `work` on a thread of its own, without the interpreter's lock. After an interrupt its argument is true, it is
/// expected to end soon, and the exception of the signal's handler is raised.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> Result<T, Fault> + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    detached(py, || {
        std::thread::scope(|scope| {
            let (ended, wait) = channel::<()>();
            let thread = scope.spawn(|| {
                // Dropped at the end, however that comes about.
                let _ended = ended;
                work(&stop)
            });
            let mut signal = None;
            while signal.is_none() && wait.recv_timeout(ASK) == Err(RecvTimeoutError::Timeout) {
                signal = Python::attach(|py| py.check_signals().err());
            }
            stop.store(signal.is_some(), Ordering::SeqCst);
            let done = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok(match signal {
                Some(signal) => Err(signal),
                None => Ok(done?),
            })
        })
    })?
}
