//! A device whose kernels run in the PTX interpreter.

use samebits_ptx_run::{Launch, Memory, Module, Options, Param, Stats};
use samebits_solver_gpu::{Device, GpuError, Kernel, STREAMS, ptx};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Modules by their names.
pub(crate) type Modules = Vec<(&'static str, Arc<Module>)>;

/// What a test does after a launch.
pub(crate) type After = Box<dyn FnMut(&Module, &mut Memory, &Stats) + Send>;

/// The shipped modules of a generation, decoded once.
pub(crate) fn shipped(generation: u32) -> Modules {
    static DECODED: [OnceLock<Modules>; ptx::GENERATIONS.len()] = [const { OnceLock::new() }; 3];
    let at = ptx::GENERATIONS.iter().position(|own| *own == generation).expect("a generation");
    let load = |name: &&'static str| {
        let text = ptx::text(name, generation).expect("a module of this generation");
        let module = Module::parse(text).unwrap_or_else(|error| panic!("{name}_{generation}: {error}"));
        (*name, Arc::new(module))
    };
    DECODED[at].get_or_init(|| ptx::MODULES.iter().map(load).collect()).clone()
}

/// Every launch happens at once, so streams need no order.
pub(crate) struct Emulator {
    modules: Modules,
    memory: Memory,
    options: Options,
    blocks: u32,
    inputs: [Vec<u8>; STREAMS],
    outputs: [Vec<u8>; STREAMS],
    /// Lane instructions so far.
    pub(crate) instructions: u64,
    /// A digest of all bytes that went back to the host.
    pub(crate) fetched: Arc<AtomicU64>,
    /// What is done after each launch.
    pub(crate) after: Option<After>,
}

impl Emulator {
    /// The kernels of a generation, `blocks` blocks at once.
    pub(crate) fn new(generation: u32, blocks: u32, options: Options) -> Self {
        Self::with_modules(shipped(generation), blocks, options)
    }

    /// Other kernels.
    pub(crate) fn with_modules(modules: Modules, blocks: u32, options: Options) -> Self {
        Self {
            modules,
            memory: Memory::new(),
            options,
            blocks,
            inputs: Default::default(),
            outputs: Default::default(),
            instructions: 0,
            fetched: Arc::default(),
            after: None,
        }
    }
}

fn lost(call: &'static str, error: &samebits_ptx_run::Error) -> GpuError {
    GpuError::Lost { call, code: error.to_string() }
}

impl Device for Emulator {
    fn name(&self) -> String {
        "PTX interpreter".to_owned()
    }

    fn blocks(&self, _: Kernel) -> u32 {
        self.blocks
    }

    fn free_memory(&self) -> Result<u64, GpuError> {
        Ok(1 << 32)
    }

    fn allocate(&mut self, bytes: u64) -> Result<u64, GpuError> {
        Ok(self.memory.alloc(bytes as usize))
    }

    fn release(&mut self, address: u64) -> Result<(), GpuError> {
        self.memory.free(address).map_err(|error| lost("free", &error))
    }

    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError> {
        self.inputs[stream].clear();
        self.inputs[stream].resize(bytes, 0xa5);
        Ok(&mut self.inputs[stream])
    }

    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError> {
        self.memory.write(address, &self.inputs[stream][part]).map_err(|error| lost("write", &error))
    }

    fn launch(&mut self, _: usize, kernel: Kernel, blocks: u32, parameter: &[u8]) -> Result<(), GpuError> {
        let (module, name) = kernel.names();
        let (_, module) = self.modules.iter().find(|(own, _)| *own == module).expect("the module");
        let launch = Launch {
            grid: blocks,
            block: ptx::THREADS,
            shared_bytes: ptx::SHARED_BYTES,
            params: &[Param(parameter.to_vec())],
        };
        let stats = module
            .launch(&mut self.memory, name, launch, &self.options)
            .map_err(|error| lost("launch", &error))?;
        self.instructions += stats.lane_instructions;
        if let Some(after) = &mut self.after {
            after(module, &mut self.memory, &stats);
        }
        Ok(())
    }

    fn mark(&mut self, _: usize) -> Result<(), GpuError> {
        Ok(())
    }

    fn follow(&mut self, _: usize, _: usize) -> Result<(), GpuError> {
        Ok(())
    }

    /// Bytes that no kernel wrote (padding, or an answer that is missing) come back as 0xa5.
    fn fetch(&mut self, stream: usize, bytes: usize, address: u64) -> Result<(), GpuError> {
        let out = &mut self.outputs[stream];
        out.clear();
        out.resize(bytes, 0xa5);
        for (word, part) in out.chunks_mut(8).enumerate() {
            let at = address + 8 * word as u64;
            if self.memory.read(at, part).is_err() {
                for (k, byte) in part.iter_mut().enumerate() {
                    let mut one = [0];
                    let known = self.memory.read(at + k as u64, &mut one).is_ok();
                    *byte = if known { one[0] } else { 0xa5 };
                }
            }
        }
        let before = self.fetched.load(Ordering::Relaxed);
        let digest = out.iter().fold(before, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
        self.fetched.store(digest, Ordering::Relaxed);
        Ok(())
    }

    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError> {
        Ok(&self.outputs[stream])
    }
}
