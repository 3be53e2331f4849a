//! Protects clause A5: factors, reciprocals, solutions and failures are those of the plain loop on every instruction
//! set.

use crate::hostile::{assert_same, numbers, plain};
use proptest::prelude::*;
use samebits_canon::{Cholesky, Error, Isa, fma, gram};

/// The bits of the failure: `NaN != NaN` would hide an equal one.
fn failure(error: &Error) -> (usize, Option<u64>) {
    match *error {
        Error::NotPositive { column, pivot } => (column, (!pivot.is_nan()).then_some(pivot.to_bits())),
        ref other => panic!("{other}"),
    }
}

fn plain_solve(factor: &Cholesky, b: &mut [f64]) {
    let (l, r, n) = (factor.l(), factor.reciprocals(), factor.n());
    for i in 0..n {
        b[i] = (0..i).fold(b[i], |s, k| fma(-l[i * n + k], b[k], s)) * r[i];
    }
    for i in (0..n).rev() {
        b[i] = (i + 1..n).rev().fold(b[i], |s, k| fma(-l[k * n + i], b[k], s)) * r[i];
    }
}

fn check(a: &[f64], n: usize) {
    let expected = Cholesky::reference(a, n);
    let right = plain(7, n);
    for isa in Isa::available() {
        match (Cholesky::new(isa, a, n), &expected) {
            (Ok(found), Ok(wanted)) => {
                assert_same(isa.name(), found.l(), wanted.l());
                assert_same(isa.name(), found.reciprocals(), wanted.reciprocals());
                let largest = found.reciprocals().iter().fold(0.0, |a, &b| samebits_canon::max(a, b));
                assert_eq!(Cholesky::check(isa, a, n).map(f64::to_bits), Ok(f64::to_bits(largest)));
                let (mut x, mut y, mut z) = (right.clone(), right.clone(), right.clone());
                found.solve(&mut x);
                wanted.solve(&mut y);
                plain_solve(wanted, &mut z);
                assert_same(isa.name(), &x, &z);
                assert_same("reference", &y, &z);
            }
            (Err(found), Err(wanted)) => assert_eq!(failure(&found), failure(wanted), "{}", isa.name()),
            (found, wanted) => panic!("{}: {:?} and {:?}", isa.name(), found.err(), wanted.as_ref().err()),
        }
    }
}

/// `X' X + 0.1 I`; positive definite.
fn positive(seed: u64, n: usize) -> Vec<f64> {
    let mut a = gram::reference(&plain(seed, (n / 2 + 1) * n), n);
    for entry in a.iter_mut().step_by(n + 1) {
        *entry += 0.1;
    }
    a
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn factors_and_solutions(n in 1_usize..90, seed in any::<u64>(), exponent in -1000_i64..1000) {
        let scale = f64::from_bits(((1023 + exponent) as u64) << 52);
        let a: Vec<f64> = positive(seed, n).into_iter().map(|x| x * scale).collect();
        check(&a, n);
    }

    #[test]
    fn failures(n in 1_usize..90, seed in any::<u64>(), at in any::<prop::sample::Index>()) {
        let mut a = positive(seed, n);
        a[at.index(n) * (n + 1)] = -1e-3;
        check(&a, n);
        check(&numbers(seed, n * n), n);
    }
}

/// Every order around the edges of a block.
#[test]
fn every_small_order() {
    for n in 1..=60 {
        check(&positive(n as u64, n), n);
    }
}

/// The upper triangle is not read.
#[test]
fn only_the_lower_triangle_is_read() {
    let n = 37;
    let full = positive(3, n);
    let lower: Vec<f64> =
        full.iter().enumerate().map(|(at, &x)| if at % n > at / n { f64::NAN } else { x }).collect();
    for isa in Isa::available() {
        let (a, b) = (Cholesky::new(isa, &full, n).unwrap(), Cholesky::new(isa, &lower, n).unwrap());
        assert_same(isa.name(), a.l(), b.l());
    }
}
