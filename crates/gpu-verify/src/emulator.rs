//! A device whose kernels run in the PTX interpreter.

use samebits_ptx_run::{Launch, Memory, Module, Options, Param, Stats};
use samebits_solver_gpu::{Device, GpuError, Kernel, STREAMS, ptx};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Decoded modules by their names.
pub type Modules = Vec<(&'static str, Arc<Module>)>;

/// What is done after a launch, with its module, the memory and what the launch counted.
pub type After = Box<dyn FnMut(&Module, &mut Memory, &Stats) + Send>;

/// Why there is no emulator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No kernels are built for this generation.
    #[error("no kernels of generation {generation} for module {module}")]
    NoModule {
        /// The module.
        module: &'static str,
        /// Compute capability times ten.
        generation: u32,
    },
    /// The interpreter does not take the text.
    #[error("module {module}: {source}")]
    Ptx {
        /// The module.
        module: &'static str,
        /// What it says, with the line.
        source: samebits_ptx_run::Error,
    },
}

impl From<Error> for GpuError {
    /// For those who open a device and do not mind which.
    fn from(error: Error) -> Self {
        Self::Lost { call: "Emulator::new", code: error.to_string() }
    }
}

/// Bytes of memory that it claims to have.
const MEMORY: u64 = 1 << 32;
/// What a byte holds that nobody wrote.
const UNWRITTEN: u8 = 0xa5;

/// The kernels on the processor: every launch happens at once, so streams need no order, and a fault that the interpreter
/// finds (a race, a read of what nobody wrote) is a lost device with the line of the PTX.
pub struct Emulator {
    modules: Modules,
    memory: Memory,
    options: Options,
    blocks: u32,
    inputs: [Vec<u8>; STREAMS],
    outputs: [Vec<u8>; STREAMS],
    instructions: u64,
    fetched: Arc<AtomicU64>,
    after: Option<After>,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("options", &self.options)
            .field("blocks", &self.blocks)
            .field("instructions", &self.instructions)
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// The shipped kernels of a generation (compute capability times ten), `blocks` blocks a launch.
    ///
    /// # Errors
    /// [`Error::NoModule`]; [`Error::Ptx`] when the interpreter does not know an instruction.
    pub fn new(generation: u32, blocks: u32, options: Options) -> Result<Self, Error> {
        Ok(Self::with_modules(Self::shipped(generation)?, blocks, options))
    }

    /// The shipped modules of a generation, for several emulators.
    ///
    /// # Errors
    /// As [`Emulator::new`].
    pub fn shipped(generation: u32) -> Result<Modules, Error> {
        Self::decoded(|module| ptx::text(module, generation).map(str::to_owned), generation)
    }

    /// Other kernels: `text` gives the PTX of each module by its name.
    ///
    /// # Errors
    /// As [`Emulator::new`].
    pub fn with_text(
        text: impl Fn(&'static str) -> Option<String>,
        blocks: u32,
        options: Options,
    ) -> Result<Self, Error> {
        Ok(Self::with_modules(Self::decoded(text, 0)?, blocks, options))
    }

    fn decoded(text: impl Fn(&'static str) -> Option<String>, generation: u32) -> Result<Modules, Error> {
        let load = |module: &'static str| {
            let text = text(module).ok_or(Error::NoModule { module, generation })?;
            let parsed = Module::parse(&text).map_err(|source| Error::Ptx { module, source })?;
            Ok((module, Arc::new(parsed)))
        };
        ptx::MODULES.into_iter().map(load).collect()
    }

    /// These modules.
    pub fn with_modules(modules: Modules, blocks: u32, options: Options) -> Self {
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

    /// Does this after each launch.
    #[must_use]
    pub fn with_after(mut self, after: After) -> Self {
        self.after = Some(after);
        self
    }

    /// A digest of all bytes that went back to the host; it goes on with every fetch.
    pub fn fetched(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.fetched)
    }

    /// Instructions of single lanes so far.
    pub fn instructions(&self) -> u64 {
        self.instructions
    }
}

fn lost(call: &'static str, code: &impl ToString) -> GpuError {
    GpuError::Lost { call, code: code.to_string() }
}

fn of_stream<T>(all: &mut [T], stream: usize) -> Result<&mut T, GpuError> {
    all.get_mut(stream).ok_or_else(|| lost("stream", &format!("there is no stream {stream}")))
}

/// PTX with its fused operation number `which` taken apart into a product and a sum, two roundings for one: a mutant that every
/// check should find. `None` where there are fewer.
pub fn taken_apart(text: &str, which: usize) -> Option<String> {
    const FUSED: &str = "fma.rn.f64";
    let (at, _) = text.match_indices(FUSED).nth(which)?;
    let end = at + text[at..].find(';')?;
    let operands: Vec<&str> = text[at + FUSED.len()..end].split(',').map(str::trim).collect();
    let [d, a, b, c] = operands[..] else { return None };
    let apart = format!("mul.rn.f64 %apart, {a}, {b}; add.rn.f64 {d}, %apart, {c};");
    Some(format!("{}{{ .reg .f64 %apart; {apart} }}{}", &text[..at], &text[end + 1..]))
}

impl Device for Emulator {
    fn name(&self) -> String {
        "PTX interpreter".to_owned()
    }

    fn blocks(&self, _: Kernel) -> u32 {
        self.blocks
    }

    fn free_memory(&self) -> Result<u64, GpuError> {
        Ok(MEMORY)
    }

    fn allocate(&mut self, bytes: u64) -> Result<u64, GpuError> {
        if bytes > MEMORY {
            return Err(GpuError::NoRoom { needed: bytes, allowed: MEMORY });
        }
        Ok(self.memory.alloc(bytes as usize))
    }

    fn release(&mut self, address: u64) -> Result<(), GpuError> {
        self.memory.free(address).map_err(|error| lost("free", &error))
    }

    fn input(&mut self, stream: usize, bytes: usize) -> Result<&mut [u8], GpuError> {
        let buffer = of_stream(&mut self.inputs, stream)?;
        buffer.clear();
        buffer.resize(bytes, UNWRITTEN);
        Ok(buffer)
    }

    fn send(&mut self, stream: usize, part: Range<usize>, address: u64) -> Result<(), GpuError> {
        let buffer = of_stream(&mut self.inputs, stream)?;
        let Some(bytes) = buffer.get(part.clone()) else {
            let code = format!("bytes {part:?} of an input of {}", buffer.len());
            return Err(lost("write", &code));
        };
        self.memory.write(address, bytes).map_err(|error| lost("write", &error))
    }

    fn launch(&mut self, _: usize, kernel: Kernel, blocks: u32, parameter: &[u8]) -> Result<(), GpuError> {
        let (module, name) = kernel.names();
        let found = self.modules.iter().find(|(own, _)| *own == module);
        let (_, module) = found.ok_or_else(|| lost("launch", &format!("no module {module}")))?;
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
        let out = of_stream(&mut self.outputs, stream)?;
        out.clear();
        out.resize(bytes, UNWRITTEN);
        for (word, part) in (0..).zip(out.chunks_mut(8)) {
            let at = address + 8 * word;
            if self.memory.read(at, part).is_err() {
                for (byte, own) in (0..).zip(part) {
                    let mut one = [UNWRITTEN];
                    let read = self.memory.read(at + byte, &mut one);
                    *own = if read.is_ok() { one[0] } else { UNWRITTEN };
                }
            }
        }
        let before = self.fetched.load(Ordering::Relaxed);
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        self.fetched.store(out.iter().fold(before, mix), Ordering::Relaxed);
        Ok(())
    }

    fn output(&mut self, stream: usize) -> Result<&[u8], GpuError> {
        of_stream(&mut self.outputs, stream).map(|buffer| &buffer[..])
    }
}
