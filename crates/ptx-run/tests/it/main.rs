//! Kernels compiled from CUDA C++ (`tests/kernels`) against the same arithmetic in Rust.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod cholesky;
mod faults;
mod flow;
mod scalar;
mod tiles;
mod written;

use samebits_ptx_run::{Error, Launch, Memory, Module, Options, Order, Param, Stats};

macro_rules! text {
    ($name:literal) => {
        include_str!(concat!("../kernels/", $name, ".ptx"))
    };
}
pub(crate) use text;

/// A module, memory, and short ways to fill and read it.
pub(crate) struct Bench {
    pub(crate) module: Module,
    pub(crate) memory: Memory,
    pub(crate) options: Options,
}

impl Bench {
    pub(crate) fn new(text: &str) -> Self {
        Self { module: Module::parse(text).unwrap(), memory: Memory::new(), options: Options::default() }
    }

    pub(crate) fn ordered(text: &str, order: Order) -> Self {
        let options = Options { order, ..Options::default() };
        Self { module: Module::parse(text).unwrap(), memory: Memory::new(), options }
    }

    pub(crate) fn put<const N: usize>(&mut self, words: impl IntoIterator<Item = [u8; N]>) -> u64 {
        let bytes: Vec<u8> = words.into_iter().flatten().collect();
        let address = self.memory.alloc(bytes.len());
        self.memory.write(address, &bytes).unwrap();
        address
    }

    pub(crate) fn put_f64(&mut self, values: &[f64]) -> u64 {
        self.put(values.iter().map(|v| v.to_le_bytes()))
    }

    pub(crate) fn put_u32(&mut self, values: &[u32]) -> u64 {
        self.put(values.iter().map(|v| v.to_le_bytes()))
    }

    pub(crate) fn get<const N: usize>(&mut self, address: u64, n: usize) -> Vec<[u8; N]> {
        let mut bytes = vec![0; n * N];
        self.memory.read(address, &mut bytes).unwrap();
        bytes.chunks_exact(N).map(|c| c.try_into().unwrap()).collect()
    }

    pub(crate) fn get_f64(&mut self, address: u64, n: usize) -> Vec<f64> {
        self.get(address, n).into_iter().map(f64::from_le_bytes).collect()
    }

    pub(crate) fn get_u32(&mut self, address: u64, n: usize) -> Vec<u32> {
        self.get(address, n).into_iter().map(u32::from_le_bytes).collect()
    }

    pub(crate) fn run(
        &mut self,
        name: &str,
        (grid, block): (u32, u32),
        shared_bytes: u32,
        params: &[Param],
    ) -> Result<Stats, Error> {
        let launch = Launch { grid, block, shared_bytes, params };
        self.module.launch(&mut self.memory, name, launch, &self.options)
    }
}

/// The next number of a generator with 64 bits of state.
pub(crate) fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

pub(crate) const ORDERS: [Order; 4] =
    [Order::Forward, Order::Reverse, Order::Shuffled(1), Order::Shuffled(77)];
