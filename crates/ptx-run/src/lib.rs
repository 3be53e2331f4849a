//! Runs GPU kernels in PTX on the processor, bit for bit.
//!
//! A [`Module`] is PTX text (ISA 8.0, for `sm_70` to `sm_90`) decoded once; [`Memory`] is the memory of the device;
//! [`Module::launch`] runs a kernel. Warps of 32 lanes run in lockstep, the group of lanes with the smallest program
//! counter first; blocks run one after another; the warps of a block run each to its next barrier, in an [`Order`]
//! that tests vary.
//!
//! Besides answers it looks for mistakes that a device may hide: races between warps and between lanes of a warp,
//! reads of bytes that nobody wrote, copies that nobody waited for, accesses out of bounds, barriers that some never
//! reach. Each is an [`Error`] with the line of the PTX.
//!
//! ```
//! use samebits_ptx_run::{Launch, Memory, Module, Options, Param};
//!
//! let text = "
//! .version 8.0
//! .target sm_70
//! .address_size 64
//! .visible .entry twice(.param .u64 data) {
//!     .reg .b32 %r<2>; .reg .b64 %rd<4>; .reg .f64 %fd<3>;
//!     ld.param.u64 %rd1, [data];
//!     mov.u32 %r1, %tid.x;
//!     mul.wide.u32 %rd2, %r1, 8;
//!     add.s64 %rd3, %rd1, %rd2;
//!     ld.global.f64 %fd1, [%rd3];
//!     add.rn.f64 %fd2, %fd1, %fd1;
//!     st.global.f64 [%rd3], %fd2;
//!     ret;
//! }";
//! let module = Module::parse(text)?;
//! let mut memory = Memory::new();
//! let data = memory.alloc(8 * 40);
//! for i in 0..40_u64 {
//!     memory.write(data + 8 * i, &(i as f64).to_le_bytes())?;
//! }
//! let launch = Launch { grid: 1, block: 40, shared_bytes: 0, params: &[Param::from(data)] };
//! module.launch(&mut memory, "twice", launch, &Options::default())?;
//! let mut last = [0; 8];
//! memory.read(data + 8 * 39, &mut last)?;
//! assert_eq!(f64::from_le_bytes(last), 78.0);
//! # Ok::<(), samebits_ptx_run::Error>(())
//! ```
//!
//! Results of arithmetic that are not a number have one pattern, 0xfff8000000000000 for f64 and 0x7fffffff for f32;
//! payloads of operands are not carried.
//!
//! Left out on purpose: approximate functions, rounding to zero of `add` and its like, subnormal flushing, half
//! precision, atomic sums of floating point (their order is open), textures, clusters, more than one dimension, and
//! time. Races between blocks are not looked for.

mod access;
mod alu;
mod block;
mod cvt;
mod decode;
mod effects;
mod error;
mod exec;
mod instr;
mod launch;
mod lexer;
mod local;
mod memory;
mod mma;
mod opcodes;
mod parse;
mod shadow;
mod warp;

pub use error::{Error, Space};
pub use instr::Class;
pub use launch::{Launch, Module, Options, Order, Param, Stats};
pub use memory::Memory;
