//! Arithmetic of one instruction over 32 lanes. Values are kept as bits, zero-extended from their type's width.

use samebits_canon::fma;

use crate::instr::{BinOp, Cmp, Lanes, TernOp, Testp, Ty, UnOp};

/// The NaN that arithmetic of type f32 gives.
const NAN32: u32 = 0x7fff_ffff;
/// The NaN that arithmetic of type f64 gives when an operation has no answer.
const NAN64: u64 = 0xfff8_0000_0000_0000;

#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop must see the operation to become one over vectors")]
fn map1(a: &Lanes, f: impl Fn(u64) -> u64) -> Lanes {
    let mut out = [0; 32];
    for (o, &x) in out.iter_mut().zip(a) {
        *o = f(x);
    }
    out
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop must see the operation to become one over vectors")]
fn map2(a: &Lanes, b: &Lanes, f: impl Fn(u64, u64) -> u64) -> Lanes {
    let mut out = [0; 32];
    for i in 0..32 {
        out[i] = f(a[i], b[i]);
    }
    out
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop must see the operation to become one over vectors")]
fn map3(a: &Lanes, b: &Lanes, c: &Lanes, f: impl Fn(u64, u64, u64) -> u64) -> Lanes {
    let mut out = [0; 32];
    for i in 0..32 {
        out[i] = f(a[i], b[i], c[i]);
    }
    out
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop must see the operation to become one over vectors")]
fn test2(a: &Lanes, b: &Lanes, f: impl Fn(u64, u64) -> bool) -> u32 {
    let mut out = 0;
    for i in 0..32 {
        out |= u32::from(f(a[i], b[i])) << i;
    }
    out
}

fn d(x: u64) -> f64 {
    f64::from_bits(x)
}

fn s(x: u64) -> f32 {
    f32::from_bits(x as u32)
}

fn bits64(x: f64) -> u64 {
    if x.is_nan() { NAN64 } else { x.to_bits() }
}

fn bits32(x: f32) -> u64 {
    u64::from(if x.is_nan() { NAN32 } else { x.to_bits() })
}

/// The value of type `ty` in the low bits of `x`, sign-extended if it has a sign.
#[inline]
pub(crate) fn extend(x: u64, bytes: u8, signed: bool) -> u64 {
    match (bytes, signed) {
        (1, false) => u64::from(x as u8),
        (2, false) => u64::from(x as u16),
        (4, false) => u64::from(x as u32),
        (1, true) => i64::from(x as u8 as i8) as u64,
        (2, true) => i64::from(x as u16 as i16) as u64,
        (4, true) => i64::from(x as u32 as i32) as u64,
        _ => x,
    }
}

/// Runs one expression at the width and sign of a type; the result is zero-extended.
macro_rules! int2 {
    ($ty:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $e:expr) => {
        match $ty {
            Ty::S16 => map2($a, $b, |p, q| {
                let ($x, $y) = (p as u16 as i16, q as u16 as i16);
                u64::from(($e) as u16)
            }),
            Ty::U16 | Ty::B16 => map2($a, $b, |p, q| {
                let ($x, $y) = (p as u16, q as u16);
                u64::from($e)
            }),
            Ty::S32 => map2($a, $b, |p, q| {
                let ($x, $y) = (p as u32 as i32, q as u32 as i32);
                u64::from(($e) as u32)
            }),
            Ty::U32 | Ty::B32 => map2($a, $b, |p, q| {
                let ($x, $y) = (p as u32, q as u32);
                u64::from($e)
            }),
            Ty::S64 => map2($a, $b, |p, q| {
                let ($x, $y) = (p as i64, q as i64);
                ($e) as u64
            }),
            Ty::U64 | Ty::B64 => map2($a, $b, |$x, $y| $e),
            _ => return None,
        }
    };
}

fn high(ty: Ty, a: u64, b: u64) -> u64 {
    match ty {
        Ty::S64 => ((i128::from(a as i64) * i128::from(b as i64)) >> 64) as u64,
        Ty::U64 => ((u128::from(a) * u128::from(b)) >> 64) as u64,
        _ => {
            let bytes = ty.bytes() as u8;
            let (a, b) = (extend(a, bytes, ty.signed()), extend(b, bytes, ty.signed()));
            (a.wrapping_mul(b) >> (8 * u32::from(bytes))) & ty.mask()
        }
    }
}

fn wide(ty: Ty, a: u64, b: u64) -> u64 {
    let bytes = ty.bytes() as u8;
    let product = extend(a, bytes, ty.signed()).wrapping_mul(extend(b, bytes, ty.signed()));
    if bytes == 2 { u64::from(product as u32) } else { product }
}

/// Shifts past the width give zeros, or copies of the sign.
fn shift_left(ty: Ty, a: u64, by: u64) -> u64 {
    let by = by as u32;
    if u64::from(by) >= 8 * ty.bytes() { 0 } else { (a << by) & ty.mask() }
}

fn shift_right(ty: Ty, a: u64, by: u64) -> u64 {
    let by = (by as u32).min(8 * ty.bytes() as u32);
    if ty.signed() {
        ((extend(a, ty.bytes() as u8, true) as i64) >> by.min(63)) as u64 & ty.mask()
    } else if by >= 64 {
        0
    } else {
        (a & ty.mask()) >> by
    }
}

fn min64(a: u64, b: u64) -> u64 {
    let (x, y) = (d(a), d(b));
    if x.is_nan() {
        if y.is_nan() { NAN64 } else { b }
    } else if y.is_nan() || x < y || (x == y && x.is_sign_negative()) {
        a
    } else {
        b
    }
}

fn max64(a: u64, b: u64) -> u64 {
    let (x, y) = (d(a), d(b));
    if x.is_nan() {
        if y.is_nan() { NAN64 } else { b }
    } else if y.is_nan() || x > y || (x == y && x.is_sign_positive()) {
        a
    } else {
        b
    }
}

fn narrow32(f: fn(u64, u64) -> u64, a: u64, b: u64) -> u64 {
    let (x, y) = (f64::from(s(a)).to_bits(), f64::from(s(b)).to_bits());
    bits32(d(f(x, y)) as f32)
}

/// The result of a two-operand instruction; nothing if the type has no such operation.
pub(crate) fn binary(op: BinOp, ty: Ty, a: &Lanes, b: &Lanes) -> Option<Lanes> {
    Some(match (op, ty) {
        (BinOp::Add, Ty::F64) => map2(a, b, |x, y| bits64(d(x) + d(y))),
        (BinOp::Sub, Ty::F64) => map2(a, b, |x, y| bits64(d(x) - d(y))),
        (BinOp::Mul, Ty::F64) => map2(a, b, |x, y| bits64(d(x) * d(y))),
        (BinOp::Div, Ty::F64) => map2(a, b, |x, y| bits64(d(x) / d(y))),
        (BinOp::Min, Ty::F64) => map2(a, b, min64),
        (BinOp::Max, Ty::F64) => map2(a, b, max64),
        (BinOp::CopySign, Ty::F64) => map2(a, b, |x, y| (x & (1 << 63)) | (y & !(1 << 63))),
        (BinOp::Add, Ty::F32) => map2(a, b, |x, y| bits32(s(x) + s(y))),
        (BinOp::Sub, Ty::F32) => map2(a, b, |x, y| bits32(s(x) - s(y))),
        (BinOp::Mul, Ty::F32) => map2(a, b, |x, y| bits32(s(x) * s(y))),
        (BinOp::Div, Ty::F32) => map2(a, b, |x, y| bits32(s(x) / s(y))),
        (BinOp::Min, Ty::F32) => map2(a, b, |x, y| narrow32(min64, x, y)),
        (BinOp::Max, Ty::F32) => map2(a, b, |x, y| narrow32(max64, x, y)),
        (BinOp::CopySign, Ty::F32) => map2(a, b, |x, y| (x & (1 << 31)) | (y & 0x7fff_ffff)),
        (BinOp::Add, _) => int2!(ty, a, b, |x, y| x.wrapping_add(y)),
        (BinOp::Sub, _) => int2!(ty, a, b, |x, y| x.wrapping_sub(y)),
        (BinOp::Mul, _) => int2!(ty, a, b, |x, y| x.wrapping_mul(y)),
        (BinOp::MulHi, _) => map2(a, b, |x, y| high(ty, x, y)),
        (BinOp::MulWide, Ty::U32) => map2(a, b, |x, y| u64::from(x as u32).wrapping_mul(u64::from(y as u32))),
        (BinOp::MulWide, Ty::S32) => {
            map2(a, b, |x, y| i64::from(x as u32 as i32).wrapping_mul(i64::from(y as u32 as i32)) as u64)
        }
        (BinOp::MulWide, _) => map2(a, b, |x, y| wide(ty, x, y)),
        // A zero divisor of a lane that takes part was refused before; other lanes may hold one.
        (BinOp::Div, _) => int2!(ty, a, b, |x, y| if y == 0 { 0 } else { x.wrapping_div(y) }),
        (BinOp::Rem, _) => int2!(ty, a, b, |x, y| if y == 0 { 0 } else { x.wrapping_rem(y) }),
        (BinOp::Min, _) => int2!(ty, a, b, |x, y| if x < y { x } else { y }),
        (BinOp::Max, _) => int2!(ty, a, b, |x, y| if x > y { x } else { y }),
        (BinOp::And, _) => map2(a, b, |x, y| x & y),
        (BinOp::Or, _) => map2(a, b, |x, y| x | y),
        (BinOp::Xor, _) => map2(a, b, |x, y| x ^ y),
        (BinOp::Shl, _) => map2(a, b, |x, y| shift_left(ty, x, y)),
        (BinOp::Shr, _) => map2(a, b, |x, y| shift_right(ty, x, y)),
        (BinOp::CopySign, _) => return None,
    })
}

/// The highest bit that differs from the sign, or all ones.
fn bfind(ty: Ty, x: u64) -> u32 {
    let width = 8 * ty.bytes() as u32;
    let x = extend(x, ty.bytes() as u8, ty.signed());
    let x = if ty.signed() && (x as i64) < 0 { !x } else { x };
    let lead = x.leading_zeros();
    if lead == 64 { u32::MAX } else { (63 - lead).min(width - 1) }
}

/// The result of a one-operand instruction; nothing if the type has no such operation.
pub(crate) fn unary(op: UnOp, ty: Ty, a: &Lanes) -> Option<Lanes> {
    let mask = ty.mask();
    let bytes = ty.bytes() as u8;
    let width = 8 * u32::from(bytes);
    Some(match (op, ty) {
        (UnOp::Neg, Ty::F64) => map1(a, |x| x ^ (1 << 63)),
        (UnOp::Abs, Ty::F64) => map1(a, |x| x & !(1 << 63)),
        (UnOp::Sqrt, Ty::F64) => map1(a, |x| bits64(d(x).sqrt())),
        (UnOp::Rcp, Ty::F64) => map1(a, |x| bits64(1.0 / d(x))),
        (UnOp::Neg, Ty::F32) => map1(a, |x| x ^ (1 << 31)),
        (UnOp::Abs, Ty::F32) => map1(a, |x| x & 0x7fff_ffff),
        (UnOp::Sqrt, Ty::F32) => map1(a, |x| bits32(s(x).sqrt())),
        (UnOp::Rcp, Ty::F32) => map1(a, |x| bits32(1.0 / s(x))),
        (UnOp::Neg, _) => map1(a, |x| x.wrapping_neg() & mask),
        (UnOp::Abs, _) => map1(a, |x| (extend(x, bytes, true) as i64).unsigned_abs() & mask),
        (UnOp::Not, _) => map1(a, |x| !x & mask),
        (UnOp::Cnot, _) => map1(a, |x| u64::from(x & mask == 0)),
        (UnOp::Popc, _) => map1(a, |x| u64::from((x & mask).count_ones())),
        (UnOp::Clz, _) => map1(a, |x| u64::from((x & mask).leading_zeros() - (64 - width))),
        (UnOp::Brev, _) => map1(a, |x| x.reverse_bits() >> (64 - width)),
        (UnOp::Bfind, _) => map1(a, |x| u64::from(bfind(ty, x))),
        (UnOp::BfindShift, _) => map1(a, |x| match bfind(ty, x) {
            u32::MAX => u64::from(u32::MAX),
            at => u64::from(width - 1 - at),
        }),
        (UnOp::Sqrt | UnOp::Rcp, _) => return None,
    })
}

fn lop3(table: u8, a: u64, b: u64, c: u64) -> u64 {
    let mut out = 0;
    for i in 0..8 {
        if table >> i & 1 == 1 {
            let x = if i & 4 == 0 { !a } else { a };
            let y = if i & 2 == 0 { !b } else { b };
            let z = if i & 1 == 0 { !c } else { c };
            out |= x & y & z;
        }
    }
    out & 0xffff_ffff
}

/// `len` bits of `a` from bit `pos`, with the sign if the type has one.
fn bfe(ty: Ty, a: u64, pos: u64, len: u64) -> u64 {
    let width = 8 * ty.bytes();
    let (pos, len) = (pos & 255, len & 255);
    if len == 0 {
        return 0;
    }
    let a = extend(a, ty.bytes() as u8, ty.signed());
    let top = (pos + len - 1).min(width - 1);
    let fill = ty.signed() && a >> top & 1 == 1;
    let field = if pos >= width { 0 } else { (a & ty.mask()) >> pos };
    let kept = if pos >= width { 0 } else { len.min(width - pos) };
    let ones = if kept >= 64 { u64::MAX } else { (1 << kept) - 1 };
    (if fill { field | !ones } else { field & ones }) & ty.mask()
}

/// `b` with `len` bits from bit `pos` taken from the low bits of `a`.
pub(crate) fn bfi(ty: Ty, a: u64, b: u64, pos: u64, len: u64) -> u64 {
    let width = 8 * ty.bytes();
    let (pos, len) = (pos & 255, len & 255);
    if pos >= width || len == 0 {
        return b & ty.mask();
    }
    let ones = if len >= 64 { u64::MAX } else { (1 << len) - 1 };
    let field = ones << pos;
    ((b & !field) | ((a << pos) & field)) & ty.mask()
}

/// Four bytes of the eight of `b:a`, chosen by the nibbles of `c`; bit 3 of a nibble copies the sign.
fn prmt(a: u64, b: u64, c: u64) -> u64 {
    let all = (a & 0xffff_ffff) | b << 32;
    let mut out = 0;
    for i in 0..4 {
        let pick = c >> (4 * i) & 15;
        let byte = all >> (8 * (pick & 7)) & 255;
        let byte = if pick & 8 == 0 { byte } else { (byte >> 7) * 255 };
        out |= byte << (8 * i);
    }
    out
}

fn funnel(a: u64, b: u64, c: u64, clamp: bool, left: bool) -> u64 {
    let all = (a & 0xffff_ffff) | b << 32;
    let by = if clamp { (c as u32).min(32) } else { c as u32 & 31 };
    u64::from(if left { (u128::from(all) << by >> 32) as u32 } else { (all >> by) as u32 })
}

/// The result of a three-operand instruction; nothing if the type has no such operation.
pub(crate) fn ternary(op: TernOp, ty: Ty, a: &Lanes, b: &Lanes, c: &Lanes) -> Option<Lanes> {
    let mask = ty.mask();
    Some(match (op, ty) {
        (TernOp::Fma, Ty::F64) => map3(a, b, c, |x, y, z| bits64(fma(d(x), d(y), d(z)))),
        (TernOp::Fma, Ty::F32) => map3(a, b, c, |x, y, z| bits32(s(x).mul_add(s(y), s(z)))),
        (TernOp::Fma, _) => return None,
        (TernOp::Mad, _) => map3(a, b, c, |x, y, z| x.wrapping_mul(y).wrapping_add(z) & mask),
        (TernOp::MadHi, _) => map3(a, b, c, |x, y, z| high(ty, x, y).wrapping_add(z) & mask),
        (TernOp::MadWide, _) => {
            let out = if ty.bytes() == 2 { 0xffff_ffff } else { u64::MAX };
            map3(a, b, c, |x, y, z| wide(ty, x, y).wrapping_add(z) & out)
        }
        (TernOp::Sad, _) => map3(a, b, c, |x, y, z| {
            let (p, q) = (extend(x, ty.bytes() as u8, ty.signed()), extend(y, ty.bytes() as u8, ty.signed()));
            let less = if ty.signed() { (p as i64) < (q as i64) } else { p < q };
            let gap = if less { q.wrapping_sub(p) } else { p.wrapping_sub(q) };
            z.wrapping_add(gap) & mask
        }),
        (TernOp::Lop3(table), _) => map3(a, b, c, |x, y, z| lop3(table, x, y, z)),
        (TernOp::Bfe, _) => map3(a, b, c, |x, y, z| bfe(ty, x, y, z)),
        (TernOp::Prmt, _) => map3(a, b, c, prmt),
        (TernOp::ShfL { clamp }, _) => map3(a, b, c, |x, y, z| funnel(x, y, z, clamp, true)),
        (TernOp::ShfR { clamp }, _) => map3(a, b, c, |x, y, z| funnel(x, y, z, clamp, false)),
        (TernOp::SlctInt, _) => map3(a, b, c, |x, y, z| if (z as u32 as i32) >= 0 { x } else { y }),
        (TernOp::SlctFloat, _) => map3(a, b, c, |x, y, z| if s(z) >= 0.0 { x } else { y }),
    })
}

fn compare<T: PartialOrd>(cmp: Cmp, x: T, y: T) -> bool {
    let order = x.partial_cmp(&y);
    let loose = order.is_none();
    match cmp {
        Cmp::Eq => x == y,
        Cmp::Ne => !loose && x != y,
        Cmp::Lt => x < y,
        Cmp::Le => x <= y,
        Cmp::Gt => x > y,
        Cmp::Ge => x >= y,
        Cmp::Equ => loose || x == y,
        Cmp::Neu => x != y,
        Cmp::Ltu => loose || x < y,
        Cmp::Leu => loose || x <= y,
        Cmp::Gtu => loose || x > y,
        Cmp::Geu => loose || x >= y,
        Cmp::Num => !loose,
        Cmp::Nan => loose,
    }
}

/// Lanes where the comparison holds.
pub(crate) fn test(cmp: Cmp, ty: Ty, a: &Lanes, b: &Lanes) -> u32 {
    macro_rules! each {
        ($view:expr) => {{
            let view = $view;
            match cmp {
                Cmp::Eq => test2(a, b, |x, y| view(x) == view(y)),
                Cmp::Lt => test2(a, b, |x, y| view(x) < view(y)),
                Cmp::Le => test2(a, b, |x, y| view(x) <= view(y)),
                Cmp::Gt => test2(a, b, |x, y| view(x) > view(y)),
                Cmp::Ge => test2(a, b, |x, y| view(x) >= view(y)),
                _ => test2(a, b, |x, y| compare(cmp, view(x), view(y))),
            }
        }};
    }
    match ty {
        Ty::F64 => each!(d),
        Ty::F32 => each!(s),
        Ty::S64 => each!(|x: u64| x as i64),
        Ty::S32 => each!(|x: u64| x as u32 as i32),
        Ty::S16 => each!(|x: u64| x as u16 as i16),
        Ty::U16 | Ty::B16 => each!(|x: u64| x as u16),
        Ty::U32 | Ty::B32 => each!(|x: u64| x as u32),
        _ => each!(|x: u64| x),
    }
}

/// Lanes whose number is of the kind asked for.
pub(crate) fn testp(what: Testp, ty: Ty, a: &Lanes) -> u32 {
    test2(a, a, |x, _| {
        let class = if ty == Ty::F64 { d(x).classify() } else { s(x).classify() };
        match what {
            Testp::Finite => !matches!(class, std::num::FpCategory::Nan | std::num::FpCategory::Infinite),
            Testp::Infinite => class == std::num::FpCategory::Infinite,
            Testp::Number => class != std::num::FpCategory::Nan,
            Testp::NotANumber => class == std::num::FpCategory::Nan,
            Testp::Normal => class == std::num::FpCategory::Normal,
            Testp::Subnormal => class == std::num::FpCategory::Subnormal,
        }
    })
}
