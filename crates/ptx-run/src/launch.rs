//! A module, and launches of its kernels.

use std::collections::BTreeMap;

use crate::decode::{self, Shared};
use crate::error::Error;
use crate::instr::{Class, Const, Function, Lanes};
use crate::lexer;
use crate::memory::{Memory, Region};
use crate::parse::{Parser, VarSpace};
use crate::shadow::Clock;
use crate::warp::Warp;

/// Most bytes of shared memory that a block may have.
const SHARED_MAX: u64 = 227 * 1024;

/// The order in which the warps of a block run between two barriers. A right kernel answers the same in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the first warp to the last.
    Forward,
    /// From the last warp to the first.
    Reverse,
    /// Another permutation in every interval, from this seed.
    Shuffled(u64),
}

/// What a launch looks for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Order of the warps.
    pub order: Order,
    /// Look for races in shared and global memory.
    pub races: bool,
    /// Refuse reads of bytes that nobody wrote.
    pub uninitialised: bool,
    /// Most warp instructions of the launch.
    pub limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { order: Order::Forward, races: true, uninitialised: true, limit: 1 << 40 }
    }
}

/// The bytes of one parameter, little-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param(pub Vec<u8>);

impl From<u64> for Param {
    fn from(v: u64) -> Self {
        Self(v.to_le_bytes().to_vec())
    }
}

impl From<i64> for Param {
    fn from(v: i64) -> Self {
        Self(v.to_le_bytes().to_vec())
    }
}

impl From<u32> for Param {
    fn from(v: u32) -> Self {
        Self(v.to_le_bytes().to_vec())
    }
}

impl From<i32> for Param {
    fn from(v: i32) -> Self {
        Self(v.to_le_bytes().to_vec())
    }
}

impl From<f64> for Param {
    fn from(v: f64) -> Self {
        Self(v.to_le_bytes().to_vec())
    }
}

/// Size and parameters of a launch; one dimension.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// Blocks.
    pub grid: u32,
    /// Threads of a block, 1 to 1024.
    pub block: u32,
    /// Bytes of dynamic shared memory.
    pub shared_bytes: u32,
    /// Parameters in the order of the kernel's list.
    pub params: &'a [Param],
}

/// What a launch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Instructions, one per warp that runs it.
    pub warp_instructions: u64,
    /// Instructions, one per lane that takes part.
    pub lane_instructions: u64,
    /// Barriers that completed.
    pub barriers: u64,
    pub(crate) by_class: [u64; 6],
}

impl Stats {
    /// Lane instructions of one class.
    pub fn of(&self, class: Class) -> u64 {
        self.by_class[class as usize]
    }
}

/// Decoded PTX: kernels, functions and variables.
pub struct Module {
    pub(crate) functions: Vec<Function>,
    decoded: Shared,
    fingerprint: u64,
}

/// A launch in progress.
pub(crate) struct Machine<'a> {
    pub(crate) module: &'a Module,
    pub(crate) memory: &'a mut Memory,
    pub(crate) options: &'a Options,
    pub(crate) kernel: String,
    pub(crate) consts: Vec<Lanes>,
    pub(crate) params: Vec<u8>,
    pub(crate) shared: Region,
    pub(crate) dynamic: u32,
    pub(crate) threads: u32,
    pub(crate) block: u32,
    pub(crate) blocks: u32,
    pub(crate) clock: Clock,
    pub(crate) stats: Stats,
}

impl Module {
    /// Decodes PTX.
    ///
    /// # Errors
    /// [`Error::Syntax`] and [`Error::Unsupported`], with the line; nothing unknown is passed over.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let raw = Parser::new(lexer::tokens(text)?).module()?;
        let mut decoded = Shared::default();
        for var in raw.vars {
            let name = var.name.clone();
            let sym = decoded.declare(var);
            decoded.names.insert(name, sym);
        }
        for (i, function) in raw.functions.iter().enumerate() {
            decoded.sign(i as u32, function);
        }
        let functions: Result<Vec<Function>, Error> =
            raw.functions.iter().map(|f| decode::function(&mut decoded, f)).collect();
        let fingerprint = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Ok(Self { functions: functions?, decoded, fingerprint })
    }

    /// Names of the kernels, in the order of the text.
    pub fn kernels(&self) -> Vec<&str> {
        self.functions.iter().filter(|f| f.entry).map(|f| f.name.as_str()).collect()
    }

    /// The address in `memory` of a variable in global or constant memory.
    pub fn variable(&self, memory: &mut Memory, name: &str) -> Option<u64> {
        let at = self.decoded.globals.iter().position(|v| v.name == name)?;
        Some(self.load(memory)[at])
    }

    /// Addresses of the variables; the first time gives them memory and their initial values.
    fn load(&self, memory: &mut Memory) -> Vec<u64> {
        if let Some((_, addresses)) = memory.loaded.iter().find(|(f, _)| *f == self.fingerprint) {
            return addresses.clone();
        }
        let mut addresses = Vec::new();
        for var in &self.decoded.globals {
            let zeros = vec![0; var.bytes as usize];
            let bytes = var.init.as_ref().unwrap_or(&zeros);
            addresses.push(memory.alloc_with(bytes));
        }
        memory.loaded.push((self.fingerprint, addresses.clone()));
        addresses
    }

    /// Functions that a kernel may run, itself included.
    fn reachable(&self, kernel: usize) -> Vec<usize> {
        let mut found = vec![kernel];
        let mut next = 0;
        while next < found.len() {
            for site in &self.functions[found[next]].sites {
                let callee = site.callee as usize;
                if !found.contains(&callee) {
                    found.push(callee);
                }
            }
            next += 1;
        }
        found
    }

    /// Offsets of the shared variables of a kernel, and the bytes they take before dynamic memory.
    fn shared_layout(&self, kernel: usize) -> (BTreeMap<u32, u64>, u64) {
        let mut used: Vec<u32> =
            self.reachable(kernel).iter().flat_map(|&f| self.functions[f].shared.iter().copied()).collect();
        used.sort_unstable();
        used.dedup();
        let vars = &self.decoded.blocks;
        debug_assert!(vars.iter().all(|v| v.space == VarSpace::Shared));
        let mut offsets = BTreeMap::new();
        let mut at = 0_u64;
        for &i in used.iter().filter(|&&i| !vars[i as usize].open) {
            let var = &vars[i as usize];
            at = at.next_multiple_of(var.align);
            offsets.insert(i, at);
            at += var.bytes;
        }
        for &i in used.iter().filter(|&&i| vars[i as usize].open) {
            at = at.next_multiple_of(vars[i as usize].align.max(16));
        }
        for &i in used.iter().filter(|&&i| vars[i as usize].open) {
            offsets.insert(i, at);
        }
        (offsets, at)
    }

    fn param_bytes(&self, kernel: usize, params: &[Param]) -> Result<Vec<u8>, Error> {
        let f = &self.functions[kernel];
        let fail = |what| Err(Error::Launch { kernel: f.name.clone(), what });
        if f.params.len() != params.len() {
            return fail(format!("{} parameters expected, {} given", f.params.len(), params.len()));
        }
        let mut out = Vec::new();
        for (i, (&(bytes, offset), param)) in f.params.iter().zip(params).enumerate() {
            if param.0.len() != bytes as usize {
                return fail(format!("parameter {i} has {bytes} bytes, {} given", param.0.len()));
            }
            out.resize(offset as usize, 0);
            out.extend_from_slice(&param.0);
        }
        Ok(out)
    }

    /// Runs a kernel to its end, block after block.
    ///
    /// # Errors
    /// [`Error::NoKernel`] and [`Error::Launch`] before anything ran; else the first fault of the kernel, with what it
    /// had written until then left in `memory`.
    pub fn launch(
        &self,
        memory: &mut Memory,
        name: &str,
        launch: Launch<'_>,
        options: &Options,
    ) -> Result<Stats, Error> {
        let Some(kernel) = self.functions.iter().position(|f| f.entry && f.name == name) else {
            return Err(Error::NoKernel { name: name.to_owned() });
        };
        let params = self.param_bytes(kernel, launch.params)?;
        let (offsets, fixed) = self.shared_layout(kernel);
        let bytes = fixed + u64::from(launch.shared_bytes);
        if launch.grid == 0 || !(1..=1024).contains(&launch.block) || bytes > SHARED_MAX {
            let what = format!("{} blocks of {} threads, {bytes} bytes", launch.grid, launch.block);
            return Err(Error::Launch { kernel: name.to_owned(), what });
        }
        let globals = self.load(memory);
        let consts = self.decoded.consts.iter().map(|c| {
            [match *c {
                Const::Value(v) => v,
                Const::Global(i, by) => globals[i as usize].wrapping_add(by),
                Const::Shared(i, by) => offsets.get(&i).copied().unwrap_or(0).wrapping_add(by),
            }; 32]
        });
        memory.rewind();
        let warps = launch.block.div_ceil(32);
        let mut machine = Machine {
            module: self,
            options,
            kernel: name.to_owned(),
            consts: consts.collect(),
            params,
            shared: Region::new(bytes as usize),
            dynamic: launch.shared_bytes,
            threads: launch.block,
            block: 0,
            blocks: launch.grid,
            clock: Clock::new(memory.now, memory.epoch, 0),
            stats: Stats::default(),
            memory,
        };
        let mut pool: Vec<Warp> = (0..warps).map(Warp::new).collect();
        let mut result = Ok(());
        for block in 0..launch.grid {
            machine.block = block;
            result = machine.run_block(&mut pool, kernel as u32);
            if result.is_err() {
                break;
            }
        }
        (machine.memory.now, machine.memory.epoch) = (machine.clock.now(), machine.clock.epoch());
        result.map(|()| machine.stats)
    }
}
