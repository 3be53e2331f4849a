//! Where solvers run, by name.

use crate::errors::Fault;
use samebits_canon::Isa;
use samebits_replay::Backend;
use samebits_solver_gpu::Gpu;
use std::time::Instant;

/// Threads that decide, for each processor, when their solves are gathered for a device: most of them wait.
const DECIDING: usize = 32;

/// `cpu`, `cuda`, or `auto`: on a device where there is one.
pub(crate) fn backend(name: &str) -> Result<Backend, Fault> {
    let isa = Isa::detect();
    match name {
        "cpu" => Ok(Backend::cpu(isa)),
        "cuda" => on_device(isa),
        "auto" => Ok(on_device(isa).unwrap_or_else(|_| Backend::cpu(isa))),
        other => Err(Fault::input(
            "python.backend",
            "give backend=\"cpu\", \"cuda\" or \"auto\"",
            format!("backend `{other}` is not known"),
        )),
    }
}

fn on_device(isa: Isa) -> Result<Backend, Fault> {
    let shared = Gpu::open()?.share(None, isa)?.with_threads(processors());
    let shared = shared.map_err(|error| samebits_replay::Error::Threads(error.to_string()))?;
    Ok(Backend::device(shared, isa))
}

/// Threads, unless it was said how many.
pub(crate) fn threads(wanted: Option<usize>, backend: &Backend) -> usize {
    let each = if backend.report().is_some() { DECIDING } else { 1 };
    wanted.unwrap_or(processors() * each).max(1)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A clock that begins now.
pub(crate) fn clock() -> impl Fn() -> u64 + Sync {
    let begun = Instant::now();
    move || begun.elapsed().as_nanos() as u64
}

/// Processor and operating system, as Runs record them.
pub(crate) fn machine(isa: Isa) -> String {
    format!("{} {}, {}", std::env::consts::OS, std::env::consts::ARCH, isa.name())
}
