//! What can go wrong: the text, the launch, and every fault of a running kernel with its line in the PTX.

use std::fmt;

/// The state space that an access went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Space {
    /// Memory of the whole device, constants included.
    Global,
    /// Memory of one block.
    Shared,
    /// Memory of one thread.
    Local,
    /// Parameters of the kernel.
    Param,
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Global => "global",
            Self::Shared => "shared",
            Self::Local => "local",
            Self::Param => "param",
        })
    }
}

/// Everything that can go wrong; lines are lines of the PTX text, counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not follow the grammar.
    #[error("line {line}: {what}")]
    Syntax {
        /// Line of the text.
        line: u32,
        /// What was met.
        what: String,
    },
    /// The text uses something that this interpreter does not know.
    #[error("line {line}: not supported: {what}")]
    Unsupported {
        /// Line of the text.
        line: u32,
        /// The opcode, modifier or operand.
        what: String,
    },
    /// No kernel has this name.
    #[error("no kernel {name}")]
    NoKernel {
        /// The name asked for.
        name: String,
    },
    /// The launch does not fit the kernel.
    #[error("{kernel}: {what}")]
    Launch {
        /// Kernel.
        kernel: String,
        /// What does not fit.
        what: String,
    },
    /// The host asked for bytes outside of one allocation, or for bytes that nobody wrote.
    #[error("host access of {bytes} bytes at {address:#x}: {what}")]
    Host {
        /// First address.
        address: u64,
        /// Length.
        bytes: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// An access outside of every allocation.
    #[error("{kernel} line {line}: {bytes} bytes at {space} {address:#x} are out of bounds")]
    OutOfBounds {
        /// Kernel.
        kernel: String,
        /// Line of the access.
        line: u32,
        /// State space.
        space: Space,
        /// Address within the space.
        address: u64,
        /// Bytes of the access.
        bytes: u32,
    },
    /// An access off its natural alignment.
    #[error("{kernel} line {line}: {bytes} bytes at {space} {address:#x} are misaligned")]
    Misaligned {
        /// Kernel.
        kernel: String,
        /// Line of the access.
        line: u32,
        /// State space.
        space: Space,
        /// Address within the space.
        address: u64,
        /// Bytes of the access.
        bytes: u32,
    },
    /// A read of bytes that nobody wrote, or that an unfinished asynchronous copy will write.
    #[error("{kernel} line {line}: {space} {address:#x} is read before it is written")]
    Uninitialised {
        /// Kernel.
        kernel: String,
        /// Line of the read.
        line: u32,
        /// State space.
        space: Space,
        /// Address within the space.
        address: u64,
    },
    /// Two warps of one block use a word, one of them writes, and no barrier is between.
    #[error(
        "{kernel} line {line}: race on {space} {address:#x}: warp {first_warp} (line {first_line}), warp {second_warp}"
    )]
    Race {
        /// Kernel.
        kernel: String,
        /// Line of the second access.
        line: u32,
        /// Line of the first access (the latest one, if there were several).
        first_line: u32,
        /// State space.
        space: Space,
        /// Address of the word.
        address: u64,
        /// Warp of the first access.
        first_warp: u32,
        /// Warp of the second access.
        second_warp: u32,
    },
    /// Two lanes of one warp use a word, one of them writes, and nothing synchronises the warp between.
    #[error(
        "{kernel} line {line}: race on {space} {address:#x} in warp {warp}: lane {first_lane} (line {first_line}), lane {second_lane}"
    )]
    LaneRace {
        /// Kernel.
        kernel: String,
        /// Line of the second access.
        line: u32,
        /// Line of the first access (the latest one, if there were several).
        first_line: u32,
        /// State space.
        space: Space,
        /// Address of the word.
        address: u64,
        /// The warp.
        warp: u32,
        /// Lane of the first access.
        first_lane: u32,
        /// Lane of the second access.
        second_lane: u32,
    },
    /// Lanes that an instruction of the whole warp needs never came to it.
    #[error("{kernel} line {line}: lanes {present:#010x} wait for lanes {needed:#010x} that do not come")]
    Diverged {
        /// Kernel.
        kernel: String,
        /// Line of the instruction.
        line: u32,
        /// Lanes that are there.
        present: u32,
        /// Lanes that should be there.
        needed: u32,
    },
    /// Warps wait at a barrier that nobody else will reach.
    #[error("{kernel} line {line}: block {block}: warps {waiting:#010x} wait for ever")]
    Deadlock {
        /// Kernel.
        kernel: String,
        /// Line of a barrier.
        line: u32,
        /// The block.
        block: u32,
        /// Warps that wait, one bit each.
        waiting: u32,
    },
    /// The operands of a barrier make no sense.
    #[error("{kernel} line {line}: barrier: {what}")]
    Barrier {
        /// Kernel.
        kernel: String,
        /// Line of the barrier.
        line: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// Operands whose result the instruction set leaves open.
    #[error("{kernel} line {line}: {what}")]
    Undefined {
        /// Kernel.
        kernel: String,
        /// Line of the instruction.
        line: u32,
        /// What is left open.
        what: &'static str,
    },
    /// The kernel stopped itself.
    #[error("{kernel} line {line}: trap")]
    Trap {
        /// Kernel.
        kernel: String,
        /// Line of the trap.
        line: u32,
    },
    /// More warp instructions than the options allow.
    #[error("{kernel} line {line}: more than {limit} warp instructions")]
    Endless {
        /// Kernel.
        kernel: String,
        /// Line where it stopped.
        line: u32,
        /// The limit.
        limit: u64,
    },
}

/// A fault before its line and kernel are known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    OutOfBounds { space: Space, address: u64, bytes: u32 },
    Misaligned { space: Space, address: u64, bytes: u32 },
    Uninitialised { space: Space, address: u64 },
    Race { space: Space, address: u64, first_line: u32, first_warp: u32, second_warp: u32 },
    LaneRace { space: Space, address: u64, first_line: u32, warp: u32, first_lane: u32, second_lane: u32 },
    Diverged { present: u32, needed: u32 },
    Barrier(&'static str),
    Undefined(&'static str),
    Trap,
    Endless(u64),
}

impl Fault {
    pub(crate) fn at(self, kernel: &str, line: u32) -> Error {
        let kernel = kernel.to_owned();
        match self {
            Self::OutOfBounds { space, address, bytes } => {
                Error::OutOfBounds { kernel, line, space, address, bytes }
            }
            Self::Misaligned { space, address, bytes } => {
                Error::Misaligned { kernel, line, space, address, bytes }
            }
            Self::Uninitialised { space, address } => Error::Uninitialised { kernel, line, space, address },
            Self::Race { space, address, first_line, first_warp, second_warp } => {
                Error::Race { kernel, line, first_line, space, address, first_warp, second_warp }
            }
            Self::LaneRace { space, address, first_line, warp, first_lane, second_lane } => {
                Error::LaneRace { kernel, line, first_line, space, address, warp, first_lane, second_lane }
            }
            Self::Diverged { present, needed } => Error::Diverged { kernel, line, present, needed },
            Self::Barrier(what) => Error::Barrier { kernel, line, what },
            Self::Undefined(what) => Error::Undefined { kernel, line, what },
            Self::Trap => Error::Trap { kernel, line },
            Self::Endless(limit) => Error::Endless { kernel, line, limit },
        }
    }
}
