//! Conversions between types.

use crate::alu::extend;
use crate::instr::{Lanes, Round, Ty, mask_of};

/// Converts every lane; `integral` keeps a floating point type and rounds to a whole number, `wide` is the width of
/// the destination register.
pub(crate) fn convert(to: Ty, from: Ty, round: Round, integral: bool, wide: u8, a: &Lanes) -> Lanes {
    match (to, from, round) {
        // The common ones as loops of their own.
        (Ty::F64, Ty::S32, _) => return a.map(|x| f64::from(x as u32 as i32).to_bits()),
        (Ty::F64, Ty::U32, _) => return a.map(|x| f64::from(x as u32).to_bits()),
        (Ty::F64, Ty::S64, Round::Nearest) => return a.map(|x| (x as i64 as f64).to_bits()),
        (Ty::F64, Ty::U64, Round::Nearest) => return a.map(|x| (x as f64).to_bits()),
        (Ty::U64 | Ty::B64 | Ty::S64, Ty::U32 | Ty::B32, _) => return a.map(|x| u64::from(x as u32)),
        (Ty::S64, Ty::S32, _) => return a.map(|x| i64::from(x as u32 as i32) as u64),
        (Ty::U32 | Ty::B32, Ty::U64 | Ty::B64 | Ty::S64, _) if wide == 4 => {
            return a.map(|x| u64::from(x as u32));
        }
        _ => {}
    }
    let mut out = [0; 32];
    for (o, &x) in out.iter_mut().zip(a) {
        *o = one(to, from, round, integral, wide, x);
    }
    out
}

fn one(to: Ty, from: Ty, round: Round, integral: bool, wide: u8, x: u64) -> u64 {
    if !to.float() && !from.float() {
        let value = extend(x, from.bytes() as u8, from.signed());
        return extend(value, to.bytes() as u8, to.signed()) & mask_of(wide);
    }
    if !from.float() {
        let x = extend(x, from.bytes() as u8, from.signed());
        let x = if from.signed() { i128::from(x as i64) } else { i128::from(x) };
        return from_int(to, round, x);
    }
    let value = if from == Ty::F64 { f64::from_bits(x) } else { f64::from(f32::from_bits(x as u32)) };
    if !to.float() {
        return to_int(to, whole(value, round)) & mask_of(wide);
    }
    let value = if integral { whole(value, round) } else { value };
    match (to, from) {
        (Ty::F64, Ty::F64) if !integral => x,
        (Ty::F32, Ty::F32) if !integral => x & 0xffff_ffff,
        (Ty::F64, _) => value.to_bits(),
        _ => u64::from(narrow(value, if integral { Round::Nearest } else { round })),
    }
}

/// The whole number next to `x` in the given direction; ties go to the even one.
fn whole(x: f64, round: Round) -> f64 {
    match round {
        Round::Nearest => x.round_ties_even(),
        Round::Zero => x.trunc(),
        Round::Down => x.floor(),
        Round::Up => x.ceil(),
    }
}

/// Clamped to the range of the type; NaN becomes 0.
fn to_int(to: Ty, x: f64) -> u64 {
    match to {
        Ty::S8 => x as i8 as u64,
        Ty::S16 => x as i16 as u64,
        Ty::S32 => x as i32 as u64,
        Ty::S64 => x as i64 as u64,
        Ty::U8 => u64::from(x as u8),
        Ty::U16 => u64::from(x as u16),
        Ty::U32 => u64::from(x as u32),
        _ => x as u64,
    }
}

/// Whether the nearest number `got` must move one step: its sign bit apart, up (+1) or down (-1) in magnitude.
fn step(round: Round, above: bool, below: bool, negative: bool) -> i64 {
    // `above`: got > exact; `below`: got < exact.
    let (too_large, too_small) = if negative { (below, above) } else { (above, below) };
    match round {
        Round::Nearest => 0,
        Round::Down if negative => i64::from(too_small),
        Round::Up if !negative => i64::from(too_small),
        Round::Zero | Round::Down | Round::Up => -i64::from(too_large),
    }
}

fn from_int(to: Ty, round: Round, x: i128) -> u64 {
    let negative = x < 0;
    if to == Ty::F64 {
        let got = x as f64;
        let back = got as i128;
        got.to_bits().wrapping_add_signed(step(round, back > x, back < x, negative))
    } else {
        let got = x as f32;
        let back = got as i128;
        u64::from(got.to_bits()).wrapping_add_signed(step(round, back > x, back < x, negative))
    }
}

fn narrow(x: f64, round: Round) -> u32 {
    let got = x as f32;
    if x.is_nan() {
        return 0x7fff_ffff;
    }
    let back = f64::from(got);
    got.to_bits().wrapping_add_signed(step(round, back > x, back < x, x.is_sign_negative()) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(x: f64) -> u64 {
        x.to_bits()
    }

    #[test]
    fn directions_bracket_the_number() {
        for x in [0.1, -0.1, 1e300, -1e300, 1e-320, -1e-60, 3.5, 16_777_217.0] {
            let to = |round| f32::from_bits(one(Ty::F32, Ty::F64, round, false, 4, bits(x)) as u32);
            let (down, up, zero) = (to(Round::Down), to(Round::Up), to(Round::Zero));
            assert!(f64::from(down) <= x && x <= f64::from(up));
            assert_eq!(zero, if x < 0.0 { up } else { down });
            assert!(down.next_up() >= up);
        }
        let big = (1_u64 << 53) + 1;
        assert_eq!(one(Ty::F64, Ty::U64, Round::Zero, false, 8, big), bits(9_007_199_254_740_992.0));
        assert_eq!(one(Ty::F64, Ty::U64, Round::Up, false, 8, big), bits(9_007_199_254_740_994.0));
        assert_eq!(
            one(Ty::F64, Ty::S64, Round::Down, false, 8, big.wrapping_neg()),
            bits(-9_007_199_254_740_994.0)
        );
    }

    #[test]
    fn whole_numbers_clamp() {
        assert_eq!(one(Ty::S32, Ty::F64, Round::Zero, true, 4, bits(-2.9)), 0xffff_fffe);
        assert_eq!(one(Ty::S32, Ty::F64, Round::Nearest, true, 4, bits(1e30)), 0x7fff_ffff);
        assert_eq!(one(Ty::U32, Ty::F64, Round::Nearest, true, 4, bits(-5.0)), 0);
        assert_eq!(one(Ty::S64, Ty::F64, Round::Nearest, true, 8, bits(f64::NAN)), 0);
        assert_eq!(one(Ty::F64, Ty::F64, Round::Nearest, true, 8, bits(2.5)), bits(2.0));
        assert_eq!(one(Ty::S64, Ty::S8, Round::Nearest, false, 8, 0x80), 0xffff_ffff_ffff_ff80);
        assert_eq!(one(Ty::S8, Ty::S32, Round::Nearest, false, 4, 0x1ff), 0xffff_ffff);
    }
}
