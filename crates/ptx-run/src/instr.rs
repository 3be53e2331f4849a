//! Instructions as they run: small enums and register numbers, nothing to look up.

/// One value per lane.
pub(crate) type Lanes = [u64; 32];

/// A register of the frame, or with [`CONST`] set a constant of the launch.
pub(crate) type Src = u32;
pub(crate) const CONST: u32 = 1 << 31;

/// A predicate register as a source; [`NEGATED`] set: its opposite. Register 0 is always false.
pub(crate) type PredSrc = u16;
pub(crate) const NEGATED: u16 = 1 << 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Pred,
    B8,
    B16,
    B32,
    B64,
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
    F32,
    F64,
}

impl Ty {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "pred" => Self::Pred,
            "b8" => Self::B8,
            "b16" => Self::B16,
            "b32" => Self::B32,
            "b64" => Self::B64,
            "u8" => Self::U8,
            "u16" => Self::U16,
            "u32" => Self::U32,
            "u64" => Self::U64,
            "s8" => Self::S8,
            "s16" => Self::S16,
            "s32" => Self::S32,
            "s64" => Self::S64,
            "f32" => Self::F32,
            "f64" => Self::F64,
            _ => return None,
        })
    }

    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Pred | Self::B8 | Self::U8 | Self::S8 => 1,
            Self::B16 | Self::U16 | Self::S16 => 2,
            Self::B32 | Self::U32 | Self::S32 | Self::F32 => 4,
            Self::B64 | Self::U64 | Self::S64 | Self::F64 => 8,
        }
    }

    pub(crate) fn mask(self) -> u64 {
        mask_of(self.bytes() as u8)
    }

    pub(crate) fn signed(self) -> bool {
        matches!(self, Self::S8 | Self::S16 | Self::S32 | Self::S64)
    }

    pub(crate) fn float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

/// All bits of a value of `bytes` bytes.
pub(crate) fn mask_of(bytes: u8) -> u64 {
    if bytes >= 8 { u64::MAX } else { (1 << (8 * u32::from(bytes))) - 1 }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinOp {
    Add,
    Sub,
    Mul,
    MulHi,
    MulWide,
    Div,
    Rem,
    Min,
    Max,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    CopySign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnOp {
    Neg,
    Abs,
    Not,
    Cnot,
    Popc,
    Clz,
    Brev,
    Bfind,
    BfindShift,
    Sqrt,
    Rcp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TernOp {
    Fma,
    Mad,
    MadHi,
    MadWide,
    Sad,
    Lop3(u8),
    Bfe,
    Prmt,
    ShfL {
        clamp: bool,
    },
    ShfR {
        clamp: bool,
    },
    /// `c >= 0 ? a : b` with `c` of type s32 or f32.
    SlctInt,
    SlctFloat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Equ,
    Neu,
    Ltu,
    Leu,
    Gtu,
    Geu,
    Num,
    Nan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logic {
    None,
    And,
    Or,
    Xor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Testp {
    Finite,
    Infinite,
    Number,
    NotANumber,
    Normal,
    Subnormal,
}

/// Direction of a rounding; for floating point results, or to an integral value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    Nearest,
    Zero,
    Down,
    Up,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Tid,
    Ntid,
    Ctaid,
    Nctaid,
    Lane,
    Warp,
    Warps,
    MaskEq,
    MaskLe,
    MaskLt,
    MaskGe,
    MaskGt,
    DynamicShared,
    TotalShared,
    One,
    Zero,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Global,
    Shared,
    Local,
    Generic,
    Param,
}

/// `base + offset`; `narrow`: the base is a 32-bit register and the sum wraps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address {
    pub(crate) space: Where,
    pub(crate) base: Src,
    pub(crate) offset: i64,
    pub(crate) narrow: bool,
}

/// A load or store of `count` elements of `size` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    pub(crate) at: Address,
    pub(crate) regs: [Src; 4],
    pub(crate) count: u8,
    pub(crate) size: u8,
    /// Sign-extended when loaded.
    pub(crate) signed: bool,
    /// Volatile, relaxed, acquire or release: no data race with its like.
    pub(crate) strong: bool,
    /// Bytes of the destination registers.
    pub(crate) wide: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtomOp {
    Add,
    Exch,
    Cas,
    Min,
    Max,
    And,
    Or,
    Xor,
    Inc,
    Dec,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Atom {
    pub(crate) op: AtomOp,
    pub(crate) ty: Ty,
    pub(crate) at: Address,
    pub(crate) d: Option<u32>,
    pub(crate) b: Src,
    pub(crate) c: Src,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShflMode {
    Idx,
    Up,
    Down,
    Bfly,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Shfl {
    pub(crate) mode: ShflMode,
    pub(crate) d: u32,
    /// 0: no predicate wanted.
    pub(crate) p: u16,
    pub(crate) a: Src,
    pub(crate) b: Src,
    pub(crate) c: Src,
    pub(crate) mask: Src,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VoteMode {
    Ballot,
    Any,
    All,
    Uni,
}

/// `d = a * b + c` in tiles of `m` x 8 x `k`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mma {
    pub(crate) m: u8,
    pub(crate) k: u8,
    pub(crate) d: [u32; 4],
    pub(crate) a: [Src; 8],
    pub(crate) b: [Src; 4],
    pub(crate) c: [Src; 4],
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct CpAsync {
    pub(crate) to: Address,
    pub(crate) from: Address,
    pub(crate) bytes: u8,
    /// Bytes that are read; the rest becomes zero.
    pub(crate) given: Src,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Bar {
    pub(crate) id: Src,
    pub(crate) threads: Option<Src>,
    /// Arrives without waiting.
    pub(crate) arrive: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SetP {
    pub(crate) cmp: Cmp,
    pub(crate) ty: Ty,
    pub(crate) logic: Logic,
    pub(crate) p: u16,
    pub(crate) q: u16,
    pub(crate) a: Src,
    pub(crate) b: Src,
    pub(crate) c: PredSrc,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Nop,
    Bin {
        op: BinOp,
        ty: Ty,
        d: u32,
        a: Src,
        b: Src,
    },
    Un {
        op: UnOp,
        ty: Ty,
        d: u32,
        a: Src,
    },
    Tern {
        op: TernOp,
        ty: Ty,
        d: u32,
        a: Src,
        b: Src,
        c: Src,
    },
    Bfi {
        ty: Ty,
        d: u32,
        a: Src,
        b: Src,
        c: Src,
        e: Src,
    },
    Cvt {
        to: Ty,
        from: Ty,
        round: Round,
        integral: bool,
        wide: u8,
        d: u32,
        a: Src,
    },
    Mov {
        d: u32,
        a: Src,
    },
    Special {
        what: Special,
        d: u32,
    },
    LocalAddress {
        d: u32,
        offset: u64,
    },
    Pack {
        d: u32,
        parts: [Src; 4],
        count: u8,
        size: u8,
    },
    Unpack {
        d: [u32; 4],
        a: Src,
        count: u8,
        size: u8,
    },
    SetP(SetP),
    Testp {
        what: Testp,
        ty: Ty,
        p: u16,
        a: Src,
    },
    SelP {
        d: u32,
        a: Src,
        b: Src,
        p: PredSrc,
    },
    PredLogic {
        op: Logic,
        d: u16,
        a: PredSrc,
        b: PredSrc,
    },
    IsSpace {
        what: Where,
        p: u16,
        a: Src,
    },
    Load(Access),
    Store(Access),
    /// Reads part of a word of a call parameter.
    SlotLoad {
        d: u32,
        slot: u32,
        shift: u8,
        size: u8,
        signed: bool,
        wide: u8,
    },
    SlotStore {
        slot: u32,
        a: Src,
        shift: u8,
        size: u8,
    },
    Atom(Atom),
    CpAsync(CpAsync),
    CpCommit,
    CpWait {
        groups: u32,
    },
    Bra {
        to: u32,
    },
    BrxIdx {
        index: Src,
        table: u32,
    },
    Call {
        site: u32,
    },
    Ret,
    Exit,
    Trap,
    Bar(Bar),
    BarRed {
        bar: Bar,
        how: VoteMode,
        source: PredSrc,
        d: u32,
        p: u16,
    },
    WarpSync {
        mask: Src,
    },
    Shfl(Shfl),
    Vote {
        mode: VoteMode,
        d: u32,
        p: u16,
        source: PredSrc,
        mask: Src,
    },
    Match {
        all: bool,
        size: u8,
        d: u32,
        p: u16,
        a: Src,
        mask: Src,
    },
    Redux {
        op: AtomOp,
        signed: bool,
        d: u32,
        a: Src,
        mask: Src,
    },
    ActiveMask {
        d: u32,
    },
    Mma(Box<Mma>),
}

/// Kinds of instructions that [`Stats`](crate::Stats) counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// Integers, predicates, moves and conversions.
    Integer,
    /// Floating point.
    Float,
    /// Loads, stores, atomics and copies.
    Memory,
    /// Branches, calls and returns.
    Control,
    /// Barriers, shuffles and votes.
    Sync,
    /// Tiles of matrices.
    Matrix,
}

#[derive(Clone, Debug)]
pub(crate) struct Inst {
    pub(crate) op: Op,
    /// 0 with [`NEGATED`]: always.
    pub(crate) guard: PredSrc,
    pub(crate) class: Class,
    pub(crate) line: u32,
}

/// Where a call takes its arguments from and puts its results: runs of registers.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) callee: u32,
    /// (register of the caller, register of the callee, how many).
    pub(crate) ins: Vec<(u32, u32, u32)>,
    pub(crate) outs: Vec<(u32, u32, u32)>,
}

/// A constant whose value may depend on the launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Const {
    Value(u64),
    /// A variable of global memory, and an offset.
    Global(u32, u64),
    /// A variable of shared memory, and an offset.
    Shared(u32, u64),
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) entry: bool,
    pub(crate) code: Vec<Inst>,
    pub(crate) sites: Vec<Site>,
    pub(crate) tables: Vec<Vec<u32>>,
    pub(crate) regs: u32,
    pub(crate) preds: u32,
    /// Bytes of local memory, a multiple of 16.
    pub(crate) local: u64,
    /// Shared variables named in the code.
    pub(crate) shared: Vec<u32>,
    /// For kernels: bytes and offset of each parameter.
    pub(crate) params: Vec<(u32, u32)>,
}
