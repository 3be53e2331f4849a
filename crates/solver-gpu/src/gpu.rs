//! The machine's GPU.

use crate::{Device, GpuError, Shared};
use samebits_canon::Isa;

/// The first GPU of the machine, its kernels loaded and compared with `canon`.
pub struct Gpu {
    device: Box<dyn Device + Send>,
    generation: u32,
    note: Option<String>,
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gpu")
            .field("name", &self.device.name())
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl Gpu {
    /// Opens the device. On one whose tensor cores round differently from the written order the kernels of the oldest
    /// generation are used, which need none; [`Gpu::note`] says so.
    ///
    /// # Errors
    /// What is missing: [`GpuError::NotBuilt`], [`GpuError::NoDriver`], [`GpuError::NoDevice`], [`GpuError::TooOld`],
    /// [`GpuError::SelfTestFailed`]; a call that failed.
    pub fn open() -> Result<Self, GpuError> {
        open()
    }

    /// The device's name.
    pub fn name(&self) -> String {
        self.device.name()
    }

    /// The generation of the kernels in use: compute capability times ten.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// What a user should know of this device.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The device itself.
    pub fn into_device(self) -> Box<dyn Device + Send> {
        self.device
    }

    /// Shares the device between backends; they may take up to `memory` bytes of it, or half of what is free.
    ///
    /// # Errors
    /// A lost device.
    pub fn share(self, memory: Option<u64>, isa: Isa) -> Result<Shared, GpuError> {
        let memory = match memory {
            Some(bytes) => bytes,
            None => self.device.free_memory()? / 2,
        };
        Ok(Shared::new(self.device, memory, isa))
    }
}

#[cfg(all(feature = "cuda", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn open() -> Result<Gpu, GpuError> {
    let device = crate::cuda::Cuda::open()?;
    let (generation, note) = (device.generation(), device.note().map(str::to_owned));
    Ok(Gpu { device: Box::new(device), generation, note })
}

#[cfg(not(all(
    feature = "cuda",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
fn open() -> Result<Gpu, GpuError> {
    Err(GpuError::NotBuilt)
}
