//! From `--backend` to a backend.

use crate::arguments::{DeviceChoice, Place};
use crate::output::Output;
use anyhow::Context;
use samebits_canon::Isa;
use samebits_replay::Backend;
use samebits_solver_gpu::Gpu;

/// Threads that decide, for each processor, when their solves are gathered for a device: most of them wait.
const DECIDING: usize = 32;

/// The backend that was asked for.
///
/// # Errors
/// `cuda` where there is no device to use.
pub(crate) fn open(wanted: &DeviceChoice, isa: Isa, output: Output) -> anyhow::Result<Backend> {
    match wanted.backend {
        Place::Cpu => Ok(Backend::cpu(isa)),
        Place::Cuda => on_device(wanted.device_memory, isa, output).context("--backend cuda"),
        Place::Auto => Ok(on_device(wanted.device_memory, isa, output).unwrap_or_else(|why| {
            tracing::info!(%why, "no device; the processor is used");
            Backend::cpu(isa)
        })),
    }
}

/// A backend on the machine's GPU, with threads of its own for the host's part.
pub(crate) fn on_device(memory_mib: Option<u64>, isa: Isa, output: Output) -> anyhow::Result<Backend> {
    let gpu = Gpu::open()?;
    output.line(format!("device: {}, kernels for compute {}", gpu.name(), gpu.generation()));
    if let Some(note) = gpu.note() {
        output.line(format!("device: {note}"));
    }
    let shared = gpu.share(memory_mib.map(|mib| mib << 20), isa)?.with_threads(processors())?;
    Ok(Backend::device(shared, isa))
}

/// Processors of this machine.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Threads that decide, unless it was said how many.
pub(crate) fn deciding(wanted: Option<usize>, backend: &Backend) -> usize {
    let each = if backend.report().is_some() { DECIDING } else { 1 };
    wanted.unwrap_or(processors() * each).max(1)
}
