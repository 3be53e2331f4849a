//! A batched Cholesky kernel with matrix tiles, asynchronous copies and numbered barriers, against the plain loop.

use samebits_canon::fma;
use samebits_ptx_run::Class;

use crate::{Bench, ORDERS, mix, text};

const KERNEL: &str = "_Z4cholILb1ELi4EEvPdiiy";
const SHARED: u32 = (3 * 64 * 24 + 64 * 72 + 64) * 8;

/// The place of a column among eight, as the tiles want it.
fn place(k: usize) -> usize {
    (k & !7) | (k & 3) << 1 | (k >> 2 & 1)
}

fn plain(a: &mut [f64], n: usize) {
    for j in 0..n {
        let d = (0..j).fold(a[j * n + j], |d, k| fma(-a[j * n + k], a[j * n + k], d));
        let l = d.sqrt();
        let r = 1.0 / l;
        a[j * n + j] = l;
        for i in j + 1..n {
            let s = (0..j).fold(a[i * n + j], |s, k| fma(-a[i * n + k], a[j * n + k], s));
            a[i * n + j] = s * r;
        }
    }
}

fn check(n: usize, batch: usize, order: usize) {
    let mut bench = Bench::ordered(text!("cholesky.sm_80"), ORDERS[order]);
    let (ld, mut seed) = (n + 8, n as u64);
    let mut matrices = Vec::new();
    let mut device = vec![0.0; batch * n * ld];
    for m in 0..batch {
        let factors: Vec<f64> = (0..n * 5).map(|_| (mix(&mut seed) >> 11) as f64 / 9e15 - 0.5).collect();
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                let dot: f64 = (0..5).fold(0.0, |s, f| fma(factors[i * 5 + f], factors[j * 5 + f], s));
                a[i * n + j] = if i == j { dot + 0.02 } else { dot };
                device[(m * n + i) * ld + place(j)] = a[i * n + j];
            }
        }
        matrices.push(a);
    }
    let p = bench.put_f64(&device);
    let params = [p.into(), (n as i32).into(), (ld as i32).into(), ((n * ld) as u64).into()];
    let stats = bench.run(KERNEL, (batch as u32, 128), SHARED, &params).unwrap();
    assert!(stats.of(Class::Matrix) > 0);
    let got = bench.get_f64(p, batch * n * ld);
    for (m, a) in matrices.iter_mut().enumerate() {
        plain(a, n);
        for i in 0..n {
            for j in 0..=i {
                let (got, want) = (got[(m * n + i) * ld + place(j)], a[i * n + j]);
                assert_eq!(got.to_bits(), want.to_bits(), "matrix {m}, row {i}, column {j}");
            }
        }
    }
}

#[test]
fn factors_equal_the_plain_loop_in_every_order() {
    for order in 0..ORDERS.len() {
        check(48, 2, order);
        check(144, 1, order);
    }
}
