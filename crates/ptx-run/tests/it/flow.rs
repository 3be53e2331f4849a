//! Divergence, calls, barriers, operations of a warp, atomics.

use samebits_canon::fma;
use samebits_ptx_run::{Error, Options, Param};

use crate::{Bench, ORDERS, text};

const TEXTS: [&str; 2] = [text!("flow.sm_70"), text!("flow.sm_90")];

#[test]
fn divergent_loops_end_when_each_lane_is_done() {
    for text in TEXTS {
        let mut b = Bench::new(text);
        let n = 500;
        let input: Vec<u32> = (1..=n).collect();
        let (from, to) = (b.put_u32(&input), b.memory.alloc(4 * n as usize));
        b.run("collatz", (8, 64), 0, &[from.into(), to.into(), n.into()]).unwrap();
        let got = b.get_u32(to, n as usize);
        for (v, &steps) in input.iter().zip(&got) {
            let (mut v, mut want) = (*v, 0);
            while v != 1 {
                v = if v % 2 == 1 { 3 * v + 1 } else { v / 2 };
                want += 1;
            }
            assert_eq!(steps, want);
        }
    }
}

fn poly(x: f64, n: usize) -> f64 {
    (0..n).fold(0.0, |s, i| fma(s, x, i as f64))
}

#[test]
fn functions_called_by_some_lanes() {
    for text in TEXTS {
        let mut b = Bench::new(text);
        let x: Vec<f64> = (0..70).map(|i| f64::from(i) * 0.013 - 0.3).collect();
        let (px, pf) = (b.put_f64(&x), b.memory.alloc(280));
        b.run("calls", (1, 70), 0, &[px.into(), pf.into()]).unwrap();
        let got = b.get_f64(px, 70);
        let facts = b.get_u32(pf, 70);
        for i in 0..70 {
            let want = match i % 3 {
                1 => (poly(x[i], i % 5) + 1.0) + (i % 5 + 1) as f64,
                2 => poly(x[i], i),
                _ => x[i],
            };
            assert_eq!(got[i].to_bits(), want.to_bits(), "{i}");
            assert_eq!(facts[i], (1..=(i as u32 % 11)).product::<u32>());
        }
    }
}

#[test]
fn branches_of_a_table() {
    for text in TEXTS {
        let mut b = Bench::new(text);
        let out = b.memory.alloc(4 * 96);
        b.run("table", (1, 96), 0, &[out.into()]).unwrap();
        for (i, got) in b.get_u32(out, 96).into_iter().enumerate() {
            let i = i as u32;
            let want = [11, i * i, i.count_ones(), i.wrapping_sub(100), i * 7, i << 3, i | 64, !i, 0]
                [i as usize % 9];
            assert_eq!(got, want, "{i}");
        }
    }
}

#[test]
fn local_arrays_belong_to_a_thread() {
    for text in TEXTS {
        let mut b = Bench::new(text);
        let index: Vec<u32> = (0..41).map(|i| i * 7 + 3).collect();
        let (pi, out) = (b.put_u32(&index), b.memory.alloc(8 * 64));
        b.run("local", (1, 64), 0, &[pi.into(), out.into(), 40_i32.into()]).unwrap();
        for (t, got) in b.get_f64(out, 64).into_iter().enumerate() {
            let mut a: Vec<f64> = (0..16).map(|i| f64::from(i) * 1.5 + t as f64).collect();
            for w in index.windows(2) {
                a[w[0] as usize & 15] += a[w[1] as usize & 15];
            }
            let want = (0..16).fold(0.0, |s, i| s + a[(i * 5) & 15]);
            assert_eq!(got.to_bits(), want.to_bits());
        }
    }
}

#[test]
fn operations_of_a_warp() {
    for (text, newer) in TEXTS.into_iter().zip([false, true]) {
        for order in ORDERS {
            let mut b = Bench::ordered(text, order);
            let out = b.memory.alloc(4 * 96 * 16);
            b.run("warps", (1, 96), 0, &[out.into()]).unwrap();
            let got = b.get_u32(out, 96 * 16);
            for t in 0..96_u32 {
                let (l, base) = (t % 32, t / 32 * 32);
                let ballot = (0..32).fold(0, |m, i| m | u32::from(i * 7 % 5 < 2) << i);
                let down = if (l & 7) + 5 > 7 { t } else { t + 5 };
                let same = (0..32).fold(0, |m, i| m | u32::from(i / 5 == l / 5) << i);
                let low: u32 = (0..32).map(|i| base + i).sum();
                let want = [
                    ballot,
                    0,
                    1,
                    base + l * 3 % 32,
                    if l < 3 { t } else { t - 3 },
                    down,
                    base + (l ^ 9),
                    u32::MAX,
                    if l < 16 { base + (l + 1) % 16 + 100 } else { 0 },
                    if newer { low } else { 0 },
                    if newer { base.wrapping_sub(20) } else { 0 },
                    if newer { same } else { 0 },
                    (1 << l) - 1,
                    32,
                    3,
                    t / 32,
                ];
                assert_eq!(got[t as usize * 16..][..16], want, "{t}");
            }
        }
    }
}

#[test]
fn atomics_and_variables_of_the_module() {
    for text in TEXTS {
        let mut b = Bench::new(text);
        let mut h = vec![0; 10];
        h[8] = 5;
        let ph = b.put_u32(&h);
        let (pm, pn) = (b.put([0_u64.to_le_bytes()]), b.put([0_i32.to_le_bytes()]));
        for round in 1..=2 {
            b.memory.write(ph + 32, &5_u32.to_le_bytes()).unwrap();
            b.run("atomics", (1, 128), 0, &[ph.into(), pm.into(), pn.into()]).unwrap();
            let got = b.get_u32(ph, 10);
            let mut bins = [0; 8];
            for t in 0..128 {
                bins[t % 7] += [2, 3, 5, 7, 11][t % 5];
            }
            assert_eq!(got[..8], bins);
            assert_eq!(got[8], 6);
            assert_eq!(got[9], 128 * round);
        }
        let most = (0..128_u64).map(|t| t * 1_000_003 % 997).max().unwrap();
        assert_eq!(b.get::<8>(pm, 1)[0], most.to_le_bytes());
        assert_eq!(b.get::<4>(pn, 1)[0], (-3 * 125_i32).to_le_bytes());
        let total = b.module.variable(&mut b.memory, "total").unwrap();
        assert_eq!(b.get_u32(total, 1), [256]);
    }
}

#[test]
fn barriers_of_half_a_block() {
    for order in ORDERS {
        let mut b = Bench::ordered(text!("flow.sm_70"), order);
        let out = b.memory.alloc(512);
        let stats = b.run("halves", (1, 128), 0, &[out.into()]).unwrap();
        assert_eq!(stats.barriers, 2);
        for (t, got) in b.get_u32(out, 128).into_iter().enumerate() {
            let from = t / 64 * 64 + 63 - t % 64;
            assert_eq!(got as usize, from * from);
        }
    }
}

#[test]
fn parameters_of_structures_and_dynamic_memory() {
    for text in TEXTS {
        let mut b = Bench::new(text);
        let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.7).collect();
        let (px, py) = (b.put_f64(&x), b.memory.alloc(400));
        let mut args = Vec::new();
        args.extend(px.to_le_bytes());
        args.extend(py.to_le_bytes());
        args.extend(50_u64.to_le_bytes());
        args.extend(1.25_f64.to_le_bytes());
        let result = b.run("scaled", (1, 64), 400, &[Param(args), 3.0.into()]);
        // The last line reads what others wrote, without a barrier.
        assert!(matches!(result, Err(Error::Race { .. } | Error::LaneRace { .. })), "{result:?}");
        let mut want: Vec<f64> = x.iter().rev().map(|x| x * 1.25 + 3.0).collect();
        want.swap(0, 1);
        b.options.races = false;
        let mut args = Vec::new();
        args.extend(px.to_le_bytes());
        args.extend(py.to_le_bytes());
        args.extend(50_u64.to_le_bytes());
        args.extend(1.25_f64.to_le_bytes());
        b.run("scaled", (1, 64), 400, &[Param(args), 3.0.into()]).unwrap();
        assert_eq!(b.get_f64(py, 50), want);
    }
}

#[test]
fn endless_and_trap() {
    let mut b = Bench::new(text!("flow.sm_70"));
    b.options = Options { limit: 10_000, ..Options::default() };
    let p = b.put_u32(&[3]);
    let result = b.run("forever", (1, 1), 0, &[p.into()]);
    assert!(matches!(result, Err(Error::Endless { limit: 10_000, .. })), "{result:?}");
    b.memory.write(p, &3_u32.to_le_bytes()).unwrap();
    assert!(matches!(b.run("stop", (1, 1), 0, &[p.into()]), Err(Error::Trap { .. })));
    b.memory.write(p, &2_u32.to_le_bytes()).unwrap();
    b.run("stop", (1, 1), 0, &[p.into()]).unwrap();
    assert_eq!(b.get_u32(p, 1), [4]);
}
