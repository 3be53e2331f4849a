//! Protects clause A3 and A4: matrix products and dot products have the bits of the plain loop on every instruction set.

use crate::hostile::{assert_same, numbers, plain};
use proptest::prelude::*;
use samebits_canon::{Isa, add_product, chain, dot, dot_on, fma, gram, subtract_product};

fn check_gram(x: &[f64], n: usize) {
    let expected = gram::reference(x, n);
    for isa in Isa::available() {
        let found = gram::gram(isa, x, n);
        assert_same(isa.name(), &found, &expected);
        for i in 0..n {
            for j in 0..i {
                assert!(
                    found[i * n + j].is_nan() || found[i * n + j].to_bits() == found[j * n + i].to_bits()
                );
            }
        }
    }
}

fn check_product(a: &[f64], b: &[f64], c: &[f64], inner: usize, n: usize) {
    let m = a.len() / inner;
    let entry = |i: usize, j: usize, sign: f64| {
        (0..inner).fold(c[i * n + j], |s, k| fma(sign * a[i * inner + k], b[k * n + j], s))
    };
    let all = |sign: f64| -> Vec<f64> { (0..m * n).map(|at| entry(at / n, at % n, sign)).collect() };
    for isa in Isa::available() {
        let mut found = c.to_vec();
        add_product(isa, &mut found, a, b, inner, n);
        assert_same(isa.name(), &found, &all(1.0));
        let mut found = c.to_vec();
        subtract_product(isa, &mut found, a, b, inner, n);
        assert_same(isa.name(), &found, &all(-1.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn gram_equals_its_plain_loop(rows in 0_usize..300, n in 1_usize..80, seed in any::<u64>()) {
        check_gram(&numbers(seed, rows * n), n);
    }

    #[test]
    fn products_equal_their_plain_loop(
        m in 0_usize..60, inner in 1_usize..40, n in 1_usize..60, seed in any::<u64>(),
    ) {
        let all = numbers(seed, m * inner + inner * n + m * n);
        let (a, rest) = all.split_at(m * inner);
        let (b, c) = rest.split_at(inner * n);
        check_product(a, b, c, inner, n);
    }

    #[test]
    fn dots_are_equal_on_every_instruction_set(length in 0_usize..200, seed in any::<u64>()) {
        let all = numbers(seed, 2 * length);
        let (a, b) = all.split_at(length);
        for isa in Isa::available() {
            assert_same(isa.name(), &[dot_on(isa, a, b)], &[dot(a, b)]);
        }
    }
}

/// Every shape around the edges of a tile, where a wrong lane would show.
#[test]
fn gram_at_every_small_order() {
    for n in 1..=50 {
        check_gram(&plain(n as u64, 7 * n), n);
    }
}

/// Where rows are packed in longer runs: each entry is what the same two columns give by themselves.
#[test]
fn gram_of_many_columns_has_the_entries_of_few() {
    let (rows, n, few) = (515, 1030, 9);
    let x = plain(3, rows * n);
    let ends: Vec<usize> = (0..few).chain(n - few..n).collect();
    let part: Vec<f64> = x.chunks_exact(n).flat_map(|row| ends.iter().map(|at| row[*at])).collect();
    for isa in Isa::available() {
        let (whole, part) = (gram::gram(isa, &x, n), gram::gram(isa, &part, ends.len()));
        for (i, row) in ends.iter().enumerate() {
            for (j, column) in ends.iter().enumerate() {
                assert_eq!(whole[row * n + column].to_bits(), part[i * ends.len() + j].to_bits());
            }
        }
    }
}

/// The order is visible: the descending chain has other bits, so a kernel that reorders fails the tests above.
#[test]
fn another_order_has_other_bits() {
    let (a, b) = (plain(1, 64), plain(2, 64));
    let descending = a.iter().rev().zip(b.iter().rev()).fold(0.0, |s, (&x, &y)| fma(x, y, s));
    assert_ne!(chain(0.0, &a, &b).to_bits(), f64::to_bits(descending));
    let unfused = a.iter().zip(&b).fold(0.0, |s, (&x, &y)| s + x * y);
    assert_ne!(chain(0.0, &a, &b).to_bits(), f64::to_bits(unfused));
}
