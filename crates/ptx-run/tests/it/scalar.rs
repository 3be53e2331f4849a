//! Arithmetic, conversions and comparisons, one case per thread.

use samebits_canon::fma;
use samebits_ptx_run::{Class, Param};

use crate::{Bench, mix, text};

const N: usize = 300;
/// What the device gives for an operation without an answer.
const NAN: u64 = 0xfff8_0000_0000_0000;

fn doubles(seed: u64) -> Vec<f64> {
    let special =
        [0.0, -0.0, 1.0, -1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, -2.5e-310, 1e308];
    let mut s = seed;
    (0..N)
        .map(|_| match mix(&mut s) % 4 {
            0 => special[(mix(&mut s) % 10) as usize],
            1 => f64::from((mix(&mut s) % 41) as i32 - 20) * 0.5,
            _ => f64::from_bits((mix(&mut s) & 0x800f_ffff_ffff_ffff) | (1000 + mix(&mut s) % 48) << 52),
        })
        .collect()
}

fn canonical(x: f64) -> u64 {
    if x.is_nan() { NAN } else { x.to_bits() }
}

fn lower(x: f64, y: f64) -> f64 {
    if x.is_nan() || y < x || (x == y && y.is_sign_negative()) { y } else { x }
}

#[test]
fn doubles_are_ieee() {
    let mut b = Bench::new(text!("scalar.sm_70"));
    let (x, y, z) = (doubles(1), doubles(2), doubles(3));
    let (px, py, pz) = (b.put_f64(&x), b.put_f64(&y), b.put_f64(&z));
    let out = b.memory.alloc(N * 16 * 8);
    let params = [px, py, pz, out].map(Param::from);
    let params: Vec<Param> = params.into_iter().chain([Param::from(N as i32)]).collect();
    let stats = b.run("floats", (3, 128), 0, &params).unwrap();
    assert!(stats.of(Class::Float) > 10 * N as u64);
    let got = b.get_f64(out, N * 16);
    for i in 0..N {
        let (x, y, z) = (x[i], y[i], z[i]);
        let arithmetic = [x + y, x - y, x * y, x / y, x.sqrt(), fma(x, y, z), lower(x, y), -lower(-x, -y)];
        for (j, want) in arithmetic.into_iter().enumerate() {
            assert_eq!(canonical(got[16 * i + j]), canonical(want), "{j} of {x} {y} {z}");
        }
        let exact = [-x, x.abs(), x.copysign(y)];
        for (j, want) in exact.into_iter().enumerate() {
            assert_eq!(got[16 * i + 8 + j].to_bits(), want.to_bits(), "{j} of {x} {y}");
        }
        let whole = [f64::from(x as f32), x.floor(), x.ceil(), x.trunc(), x.round_ties_even()];
        for (j, want) in whole.into_iter().enumerate() {
            assert_eq!(canonical(got[16 * i + 11 + j]), canonical(want), "{j} of {x}");
        }
    }
}

#[test]
fn singles_are_ieee() {
    let mut b = Bench::new(text!("scalar.sm_70"));
    let narrow = |v: Vec<f64>| v.into_iter().map(|x| x as f32).collect::<Vec<f32>>();
    let (x, y, z) = (narrow(doubles(4)), narrow(doubles(5)), narrow(doubles(6)));
    let mut params: Vec<Param> =
        [&x, &y, &z].map(|v| Param::from(b.put(v.iter().map(|v| v.to_le_bytes())))).to_vec();
    let out = b.memory.alloc(N * 8 * 4);
    params.extend([Param::from(out), Param::from(N as i32)]);
    b.run("singles", (10, 32), 0, &params).unwrap();
    let got = b.get_u32(out, N * 8);
    for i in 0..N {
        let (x, y, z) = (x[i], y[i], z[i]);
        let low = lower(f64::from(x), f64::from(y)) as f32;
        let high = -lower(f64::from(-x), f64::from(-y)) as f32;
        let want = [x + y, x - y, x * y, x / y, x.sqrt(), x.mul_add(y, z), low, high];
        for (j, want) in want.into_iter().enumerate() {
            let want = if want.is_nan() { 0x7fff_ffff } else { want.to_bits() };
            assert_eq!(got[8 * i + j], want, "{j} of {x} {y} {z}");
        }
    }
}

#[test]
fn comparisons_know_nan() {
    let mut b = Bench::new(text!("scalar.sm_70"));
    let (x, y) = (doubles(7), doubles(8));
    let (px, py) = (b.put_f64(&x), b.put_f64(&y));
    let out = b.memory.alloc(N * 4);
    let params = [px.into(), py.into(), out.into(), Param::from(N as i32)];
    b.run("compares", (5, 64), 0, &params).unwrap();
    let got = b.get_u32(out, N);
    for i in 0..N {
        let (x, y) = (x[i], y[i]);
        let tests = [
            x < y,
            x <= y,
            x > y,
            x >= y,
            x == y,
            x != y,
            !(x < y),
            !(x <= y),
            !(x > y),
            !(x >= y),
            x.is_nan(),
            x.is_finite(),
            x.is_infinite(),
            x.is_sign_negative(),
        ];
        let want = tests.iter().enumerate().fold(0, |m, (j, &t)| m | u32::from(t) << j);
        assert_eq!(got[i], want, "{x} {y}");
    }
}

fn longs(seed: u64) -> Vec<i64> {
    let mut s = seed;
    (0..N)
        .map(|_| {
            let v = mix(&mut s).cast_signed();
            match mix(&mut s) % 4 {
                0 => v % 10,
                1 => v >> (mix(&mut s) % 60),
                2 => [0, -1, 1, i64::MIN, i64::MAX, 1 << 31, -(1 << 31), 0xffff_ffff][(v & 7) as usize],
                _ => v,
            }
        })
        .collect()
}

fn permute(a: u32, b: u32, picks: u32) -> u32 {
    let all = u64::from(a) | u64::from(b) << 32;
    (0..4).fold(0, |m, i| m | ((all >> (8 * (picks >> (4 * i) & 7))) as u32 & 255) << (8 * i))
}

fn integers(x: i64, y: i64) -> [i64; 48] {
    let (ux, uy, p, q) = (x as u64, y as u64, x as i32, y as i32);
    let (up, uq) = (p as u32, q as u32);
    let wide = |v: u32| i64::from(v);
    let or0 = |ok: bool, v: i64| if ok { v } else { 0 };
    let (both, by) = (u64::from(up) | u64::from(uq) << 32, (q as u32) & 63);
    let first = |v: u64| if v == 0 { 0 } else { i64::from(v.trailing_zeros()) + 1 };
    let sum = ux as f64 + f64::from(p) + f64::from(x as f32);
    [
        x.wrapping_add(y),
        x.wrapping_sub(y),
        x.wrapping_mul(y),
        or0(q != 0, i64::from(p.checked_div(q).unwrap_or(p))),
        or0(q != 0, i64::from(p.checked_rem(q).unwrap_or(0))),
        wide(up.checked_div(uq).unwrap_or(0)),
        wide(up.checked_rem(uq).unwrap_or(0)),
        or0(y != 0, x.checked_div(y).unwrap_or(x)),
        ux.checked_rem(uy).unwrap_or(0) as i64,
        i64::from(p.min(q)),
        i64::from(p.max(q)),
        wide(up.min(uq)),
        ux.max(uy) as i64,
        i64::from(p.wrapping_abs()),
        x & y,
        x | y,
        x ^ y,
        !x,
        wide(up.count_ones()),
        wide(ux.count_ones()),
        wide(up.leading_zeros()),
        wide(ux.leading_zeros()),
        wide(up.reverse_bits()),
        ux.reverse_bits() as i64,
        first(u64::from(up)),
        first(ux),
        (i64::from(p) * i64::from(q)) >> 32,
        ((u64::from(up) * u64::from(uq)) >> 32) as i64,
        ((i128::from(x) * i128::from(y)) >> 64) as i64,
        ((u128::from(ux) * u128::from(uy)) >> 64) as i64,
        i64::from(p) * i64::from(q),
        (u64::from(up) * u64::from(uq)) as i64,
        x >> by,
        (ux >> by) as i64,
        x << by,
        i64::from(p >> (by & 31)),
        wide(up >> (by & 31)),
        wide(permute(up, uq, 0x2271)),
        wide((both << (q as u32 & 31) >> 32) as u32),
        wide((both >> uq.min(32)) as u32),
        i64::from(x as i16),
        i64::from(x as u8),
        i64::from(x as i8),
        i64::from(p.wrapping_mul(3) as u16),
        wide(up.wrapping_add(p.abs_diff(q))),
        i64::from((x as f64 * 0.001).round_ties_even() as i32),
        (x as f64 * 1.5) as i64,
        sum.to_bits() as i64,
    ]
}

#[test]
fn integers_wrap_and_shift() {
    let mut b = Bench::new(text!("scalar.sm_70"));
    let (x, y) = (longs(9), longs(10));
    let px = b.put(x.iter().map(|v| v.to_le_bytes()));
    let py = b.put(y.iter().map(|v| v.to_le_bytes()));
    let out = b.memory.alloc(N * 48 * 8);
    let params = [px.into(), py.into(), out.into(), Param::from(N as i32)];
    b.run("integers", (2, 256), 0, &params).unwrap();
    let got: Vec<i64> = b.get(out, N * 48).into_iter().map(i64::from_le_bytes).collect();
    for i in 0..N {
        let want = integers(x[i], y[i]);
        for j in 0..48 {
            // The picks of byte 1 have the sign bit set: `__byte_perm` ignores it.
            assert_eq!(got[48 * i + j], want[j], "{j} of {:#x} {:#x}", x[i], y[i]);
        }
    }
}

fn asms(x: u32, y: u32) -> [u32; 16] {
    let field = x >> 5 & 511;
    let sign = |v: u32| if v & 256 == 0 { v } else { v | !511 };
    let mut nine = if x < y { 7 } else { 9 };
    let (p, q) = (x < y, x >= y);
    nine += if q { 100 } else { 0 };
    nine += if p { 1000 } else { 0 };
    let flip = if x >> 31 == 1 { !x } else { x };
    let find = |v: u32| if v == 0 { u32::MAX } else { v.ilog2() };
    let insert = (y & !(2047 << 7)) | (x & 2047) << 7;
    [
        field,
        sign(field),
        insert,
        x ^ y ^ x.wrapping_mul(3),
        find(x),
        find(flip),
        x.checked_shl(y).unwrap_or(0),
        ((x as i32) >> y.min(31)) as u32,
        x.checked_shr(y).unwrap_or(0),
        nine,
        if (x as i32) > (y as i32) { u32::MAX } else { 0 },
        if (y as i32) >= 0 { x } else { y },
        u32::from(x == 0),
        x.rotate_left(16),
        (((u64::from(x) * u64::from(y)) >> 32) as u32).wrapping_add(5),
        (x & 0xffff) * (y & 0xffff),
    ]
}

#[test]
fn written_by_hand() {
    let mut b = Bench::new(text!("scalar.sm_70"));
    let x: Vec<u32> = longs(11).iter().map(|v| *v as u32).collect();
    let y: Vec<u32> = longs(12).iter().map(|v| *v as u32).collect();
    let (px, py) = (b.put_u32(&x), b.put_u32(&y));
    let out = b.memory.alloc(N * 16 * 4);
    let params = [px.into(), py.into(), out.into(), Param::from(N as i32)];
    b.run("asms", (2, 256), 0, &params).unwrap();
    let got = b.get_u32(out, N * 16);
    for i in 0..N {
        let want = asms(x[i], y[i]);
        for j in 0..16 {
            assert_eq!(got[16 * i + j], want[j], "{j} of {:#x} {:#x}", x[i], y[i]);
        }
    }
}
