//! A CUDA device behind [`Device`].

use crate::cholesky::self_test;
use crate::device::{Device, Kernel, STREAMS};
use crate::launch::{self, Code, Mark};
use crate::{GpuError, ptx};
use cust::context::{Context, CurrentContext};
use cust::device::{Device as Card, DeviceAttribute};
use cust::error::CudaError;
use cust::function::BlockSize;
use cust::memory::{DeviceBuffer, LockedBuffer};
use cust::module::Module;
use cust::stream::{Stream, StreamFlags};
use std::collections::BTreeMap;
use std::ops::Range;

/// Oldest driver that knows the kernels' language: CUDA 12.0, driver 525.
const DRIVER: (i32, i32) = (12, 0);

/// A CUDA device: its context, the kernels, streams and memory.
#[derive(Debug)]
pub(crate) struct Cuda {
    // Dropped in this order: memory and modules before their context.
    memory: BTreeMap<u64, DeviceBuffer<u8>>,
    lanes: Vec<Lane>,
    modules: Vec<(&'static str, Module)>,
    /// How many blocks of each kernel run at once.
    blocks: Vec<(Kernel, u32)>,
    name: String,
    generation: u32,
    note: Option<String>,
    context: Context,
}

/// A stream and its buffers on the host.
#[derive(Debug)]
struct Lane {
    stream: Stream,
    mark: Mark,
    input: LockedBuffer<u8>,
    output: LockedBuffer<u8>,
    fetched: usize,
}

impl Cuda {
    /// Opens the first device, loads the kernels and compares them with `canon`.
    ///
    /// See [`crate::Gpu::open`].
    pub(crate) fn open() -> Result<Self, GpuError> {
        if !samebits_cuda_dl::present() {
            return Err(GpuError::NoDriver);
        }
        cust::init(cust::CudaFlags::empty()).map_err(|error| match error {
            CudaError::NoDevice => GpuError::NoDevice,
            other => lost("cuInit", other),
        })?;
        let version = cust::CudaApiVersion::get().map_err(|error| lost("cuDriverGetVersion", error))?;
        if (version.major(), version.minor()) < DRIVER {
            return Err(GpuError::TooOld {
                what: "the driver's CUDA",
                found: format!("{}.{}", version.major(), version.minor()),
                needed: format!("{}.{}", DRIVER.0, DRIVER.1),
            });
        }
        if Card::num_devices().map_err(|error| lost("cuDeviceGetCount", error))? == 0 {
            return Err(GpuError::NoDevice);
        }
        let card = Card::get_device(0).map_err(|error| lost("cuDeviceGet", error))?;
        let capability = capability(card)?;
        let newest = ptx::GENERATIONS.into_iter().rev().find(|generation| *generation <= capability);
        let Some(newest) = newest else {
            return Err(GpuError::TooOld {
                what: "the device's compute capability",
                found: format!("{}.{}", capability / 10, capability % 10),
                needed: format!("{}.{}", ptx::GENERATIONS[0] / 10, ptx::GENERATIONS[0] % 10),
            });
        };
        let mut gpu = Self::with_kernels(card, newest)?;
        if let Err(error) = self_test(&mut gpu) {
            let oldest = ptx::GENERATIONS[0];
            if newest == oldest {
                return Err(error);
            }
            drop(gpu);
            gpu = Self::with_kernels(card, oldest)?;
            self_test(&mut gpu)?;
            gpu.note = Some(format!("{error}; the kernels without tensor cores are used"));
        }
        Ok(gpu)
    }

    fn with_kernels(card: Card, generation: u32) -> Result<Self, GpuError> {
        let name = card.name().map_err(|error| lost("cuDeviceGetName", error))?;
        let context = Context::new(card).map_err(|error| lost("cuDevicePrimaryCtxRetain", error))?;
        let mut modules = Vec::new();
        for module in ptx::MODULES {
            let text = ptx::text(module, generation).unwrap_or_default();
            modules.push((
                module,
                Module::from_ptx(text, &[]).map_err(|error| lost("cuModuleLoadDataEx", error))?,
            ));
        }
        let mut lanes = Vec::new();
        for _ in 0..STREAMS {
            lanes.push(Lane {
                stream: Stream::new(StreamFlags::DEFAULT, None)
                    .map_err(|error| lost("cuStreamCreate", error))?,
                mark: Mark::new().map_err(|code| failed("cuEventCreate", code))?,
                input: launch::pinned_memory(UNIT).map_err(|error| lost("cuMemAllocHost", error))?,
                output: launch::pinned_memory(UNIT).map_err(|error| lost("cuMemAllocHost", error))?,
                fetched: 0,
            });
        }
        let mut gpu = Self {
            memory: BTreeMap::new(),
            lanes,
            modules,
            blocks: Vec::new(),
            name,
            generation,
            note: None,
            context,
        };
        gpu.prepare(card)?;
        Ok(gpu)
    }

    fn prepare(&mut self, card: Card) -> Result<(), GpuError> {
        let attribute = DeviceAttribute::MultiprocessorCount;
        let processors =
            card.get_attribute(attribute).map_err(|error| lost("cuDeviceGetAttribute", error))?.max(1) as u32;
        let shared = ptx::shared_bytes(self.generation);
        for kernel in Kernel::ALL {
            let function = self.function(kernel)?;
            launch::allow_shared(function.to_raw(), shared)
                .map_err(|code| failed("cuFuncSetAttribute", code))?;
            let each = function
                .max_active_blocks_per_multiprocessor(BlockSize::x(ptx::THREADS), shared as usize)
                .map_err(|error| lost("cuOccupancyMaxActiveBlocksPerMultiprocessor", error))?;
            self.blocks.push((kernel, each.max(1) * processors));
        }
        Ok(())
    }

    fn function(&self, kernel: Kernel) -> Result<cust::function::Function<'_>, GpuError> {
        let (module, name) = kernel.names();
        let found = self.modules.iter().find(|(own, _)| *own == module);
        let missing =
            || GpuError::Lost { call: "cuModuleGetFunction", code: format!("no kernel {module}/{name}") };
        let (_, module) = found.ok_or_else(missing)?;
        module.get_function(name).map_err(|error| lost("cuModuleGetFunction", error))
    }

    /// The generation of the kernels in use: compute capability times ten.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// What a user should know of this device.
    pub(crate) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    fn current(&self) -> Result<(), GpuError> {
        CurrentContext::set_current(&self.context).map_err(|error| lost("cuCtxSetCurrent", error))
    }

    fn wait(&mut self, stream: usize) -> Result<(), GpuError> {
        self.lanes[stream].stream.synchronize().map_err(|error| lost("cuStreamSynchronize", error))
    }
}

/// Buffers of the host grow in multiples of this.
const UNIT: usize = 1 << 20;

impl Device for Cuda {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn blocks(&self, kernel: Kernel) -> u32 {
        self.blocks.iter().find(|(own, _)| *own == kernel).map_or(1, |(_, blocks)| *blocks)
    }

    fn free_memory(&self) -> Result<u64, GpuError> {
        self.current()?;
        cust::memory::mem_get_info().map(|(free, _)| free as u64).map_err(|error| lost("cuMemGetInfo", error))
    }

    fn allocate(&mut self, bytes: u64) -> Result<u64, GpuError> {
        self.current()?;
        let buffer = launch::device_memory(bytes as usize).map_err(|error| lost("cuMemAlloc", error))?;
        let address = buffer.as_device_ptr().as_raw();
        self.memory.insert(address, buffer);
        Ok(address)
    }

    fn release(&mut self, address: u64) -> Result<(), GpuError> {
        self.current()?;
        let Some(buffer) = self.memory.remove(&address) else { return Ok(()) };
        DeviceBuffer::drop(buffer).map_err(|(error, _)| lost("cuMemFree", error))
    }

    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError> {
        self.current()?;
        self.wait(stream)?;
        let lane = &mut self.lanes[stream];
        if lane.input.len() < bytes {
            lane.input = launch::pinned_memory(bytes.next_multiple_of(UNIT))
                .map_err(|error| lost("cuMemAllocHost", error))?;
        }
        Ok(&mut lane.input[..bytes])
    }

    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError> {
        self.current()?;
        let lane = &self.lanes[stream];
        launch::copy_to_device(&lane.stream, address, &lane.input[part])
            .map_err(|code| failed("cuMemcpyHtoDAsync", code))
    }

    fn launch(
        &mut self,
        stream: usize,
        kernel: Kernel,
        blocks: u32,
        parameter: &[u8],
    ) -> Result<(), GpuError> {
        self.current()?;
        let function = self.function(kernel)?.to_raw();
        let stream = &self.lanes[stream].stream;
        let shared = ptx::shared_bytes(self.generation);
        launch::launch(stream, function, blocks, ptx::THREADS, shared, parameter)
            .map_err(|code| failed("cuLaunchKernel", code))
    }

    fn mark(&mut self, stream: usize) -> Result<(), GpuError> {
        self.current()?;
        let lane = &self.lanes[stream];
        lane.mark.record(&lane.stream).map_err(|code| failed("cuEventRecord", code))
    }

    fn follow(&mut self, stream: usize, other: usize) -> Result<(), GpuError> {
        self.current()?;
        let mark = &self.lanes[other].mark;
        mark.hold(&self.lanes[stream].stream).map_err(|code| failed("cuStreamWaitEvent", code))
    }

    fn fetch(&mut self, stream: usize, bytes: usize, address: u64) -> Result<(), GpuError> {
        self.current()?;
        let lane = &mut self.lanes[stream];
        if lane.output.len() < bytes {
            lane.stream.synchronize().map_err(|error| lost("cuStreamSynchronize", error))?;
            lane.output = launch::pinned_memory(bytes.next_multiple_of(UNIT))
                .map_err(|error| lost("cuMemAllocHost", error))?;
        }
        lane.fetched = bytes;
        launch::copy_from_device(&lane.stream, &mut lane.output[..bytes], address)
            .map_err(|code| failed("cuMemcpyDtoHAsync", code))
    }

    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError> {
        self.current()?;
        self.wait(stream)?;
        let lane = &self.lanes[stream];
        Ok(&lane.output[..lane.fetched])
    }
}

impl Drop for Cuda {
    /// A copy may still be under way into memory that goes away now.
    fn drop(&mut self) {
        let _ = self.current();
        for lane in &self.lanes {
            let _ = lane.stream.synchronize();
        }
    }
}

/// Compute capability times ten.
fn capability(card: Card) -> Result<u32, GpuError> {
    let attribute = |which| card.get_attribute(which).map_err(|error| lost("cuDeviceGetAttribute", error));
    let major = attribute(DeviceAttribute::ComputeCapabilityMajor)?;
    let minor = attribute(DeviceAttribute::ComputeCapabilityMinor)?;
    Ok((major * 10 + minor).max(0) as u32)
}

fn lost(call: &'static str, error: CudaError) -> GpuError {
    GpuError::Lost { call, code: format!("{error:?} ({error})") }
}

fn failed(call: &'static str, code: Code) -> GpuError {
    GpuError::Lost { call, code: format!("{code:?}") }
}
