//! Protects clauses A4 and A5 in a system: factor, carried rows, their products and combinations, both substitutions and
//! the products of a matrix and a vector are those of the plain loops, on every instruction set and number of threads.

use crate::hostile::{assert_same, numbers, plain};
use proptest::prelude::*;
use samebits_canon::{
    Cholesky, Error, Isa, System, add_columns, chain, fma, gram, matvec, matvec_on, matvec_symmetric,
    matvec_transposed, weighted_gram,
};

/// `X' X + 0.1 I`.
fn positive(seed: u64, n: usize) -> Vec<f64> {
    let mut a = gram::reference(&plain(seed, (n / 2 + 1) * n), n);
    for entry in a.iter_mut().step_by(n + 1) {
        *entry += 0.1;
    }
    a
}

fn fill(system: &mut System, a: &[f64], n: usize, b: &[f64], carried: usize) {
    system.shape(n, carried);
    for j in 0..n {
        let (lower, right) = system.column_mut(j);
        for (entry, i) in lower.iter_mut().zip(j..n) {
            *entry = a[i * n + j];
        }
        for (r, entry) in right.iter_mut().enumerate() {
            *entry = b[r * n + j];
        }
    }
}

/// Everything that a system answers, in one row of numbers.
fn answers(system: &mut System, coefficients: &[f64], right: &[f64]) -> Result<Vec<f64>, Error> {
    system.factor()?;
    let (n, carried) = (system.n(), system.carried());
    let mut all = Vec::new();
    for j in 0..n {
        let (lower, solved) = system.column(j);
        all.extend_from_slice(lower);
        all.extend_from_slice(solved);
    }
    all.extend_from_slice(system.reciprocals());
    let mut products = vec![f64::NAN; carried * carried];
    system.carried_gram(&mut products);
    let (mut combined, mut forward, mut backward) = (vec![f64::NAN; n], right.to_vec(), right.to_vec());
    system.combine(coefficients, &mut combined);
    system.forward(&mut forward);
    system.backward(&mut backward);
    for part in [products, combined, forward, backward] {
        all.extend(part);
    }
    Ok(all)
}

/// The same from the plain loops.
fn expected(a: &[f64], n: usize, b: &[f64], coefficients: &[f64], right: &[f64]) -> Result<Vec<f64>, Error> {
    let carried = coefficients.len();
    let factor = Cholesky::reference(a, n)?;
    let (l, r) = (factor.l(), factor.reciprocals());
    let forward = |b: &[f64]| {
        let mut y = b.to_vec();
        for i in 0..n {
            y[i] = (0..i).fold(y[i], |s, k| fma(-l[i * n + k], y[k], s)) * r[i];
        }
        y
    };
    let solved: Vec<Vec<f64>> = (0..carried).map(|q| forward(&b[q * n..(q + 1) * n])).collect();
    let mut all = Vec::new();
    for j in 0..n {
        all.extend((j..n).map(|i| l[i * n + j]));
        all.extend(solved.iter().map(|y| y[j]));
    }
    all.extend_from_slice(r);
    for p in &solved {
        all.extend(solved.iter().map(|q| chain(0.0, p, q)));
    }
    all.extend((0..n).map(|j| (0..carried).fold(0.0, |s, q| fma(coefficients[q], solved[q][j], s))));
    all.extend(forward(right));
    let mut x = right.to_vec();
    for i in (0..n).rev() {
        x[i] = (i + 1..n).rev().fold(x[i], |s, k| fma(-l[k * n + i], x[k], s)) * r[i];
    }
    all.extend(x);
    Ok(all)
}

fn check(a: &[f64], n: usize, carried: usize, seed: u64) {
    let b = plain(seed ^ 1, carried * n);
    let (coefficients, right) = (plain(seed ^ 2, carried), plain(seed ^ 3, n));
    let wanted = expected(a, n, &b, &coefficients, &right);
    for isa in Isa::available() {
        for threads in [1, 2, 7] {
            let mut system = System::new(isa, threads);
            // Memory of a larger system, full of what must not be seen.
            fill(&mut system, &vec![f64::NAN; (n + 9) * (n + 9)], n + 9, &vec![f64::NAN; (n + 9) * 3], 3);
            fill(&mut system, a, n, &b, carried);
            match (answers(&mut system, &coefficients, &right), &wanted) {
                (Ok(found), Ok(wanted)) => assert_same(isa.name(), &found, wanted),
                (Err(found), Err(wanted)) => {
                    assert_eq!(found.to_string(), wanted.to_string(), "{} {threads}", isa.name());
                }
                (found, wanted) => {
                    panic!("{}: {:?} and {:?}", isa.name(), found.err(), wanted.as_ref().err())
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn systems(n in 1_usize..120, carried in 0_usize..40, seed in any::<u64>()) {
        check(&positive(seed, n), n, carried, seed);
    }

    #[test]
    fn failures(n in 1_usize..120, seed in any::<u64>(), at in any::<prop::sample::Index>()) {
        let mut a = positive(seed, n);
        a[at.index(n) * (n + 1)] = -1e-3;
        check(&a, n, 2, seed);
        check(&numbers(seed, n * n), n, 2, seed);
    }

    #[test]
    fn products(n in 1_usize..150, width in 1_usize..40, seed in any::<u64>(), hostile in any::<bool>()) {
        let draw = |seed, length| if hostile { numbers(seed, length) } else { plain(seed, length) };
        let tall = draw(seed, n * width);
        let (x, narrow, start) = (draw(seed ^ 1, n), draw(seed ^ 2, width), draw(seed ^ 3, n));
        let mut square = draw(seed ^ 4, n * n);
        for i in 0..n {
            for j in 0..i {
                square[j * n + i] = square[i * n + j];
            }
        }
        let list: Vec<usize> = (0..n).filter(|i| (seed >> (i % 61)) & 1 == 1).collect();
        let steps: Vec<f64> = list.iter().map(|&i| x[i]).collect();
        for isa in Isa::available() {
            let (mut found, mut wanted) = (vec![f64::NAN; n], vec![0.0; n]);
            matvec_symmetric(isa, &square, &x, &mut found);
            matvec(&square, &x, &mut wanted);
            assert_same("symmetric", &found, &wanted);
            matvec_on(isa, &tall, &narrow, &mut found);
            matvec(&tall, &narrow, &mut wanted);
            assert_same("rows", &found, &wanted);
            found.copy_from_slice(&start);
            add_columns(isa, &square, &list, &steps, &mut found);
            for (i, wanted) in wanted.iter_mut().enumerate() {
                *wanted = list.iter().zip(&steps).fold(start[i], |s, (&j, &x)| fma(square[j * n + i], x, s));
            }
            assert_same("columns", &found, &wanted);
            let mut found = vec![f64::NAN; width];
            matvec_transposed(isa, &tall, &x, &mut found);
            let column = |p: usize| (0..n).fold(0.0, |s, i| fma(tall[i * width + p], x[i], s));
            assert_same("transposed", &found, &(0..width).map(column).collect::<Vec<_>>());
            let mut found = vec![f64::NAN; width * width];
            weighted_gram(isa, &tall, &x, width, &mut found);
            let entry = |at: usize| {
                let (p, q) = (at / width, at % width);
                (0..n).fold(0.0, |s, i| fma(tall[i * width + p] * x[i], tall[i * width + q], s))
            };
            assert_same("weighted", &found, &(0..width * width).map(entry).collect::<Vec<_>>());
        }
    }
}

/// Every order around the edges of a group, a tile and a block, and one large enough for threads.
#[test]
fn every_edge() {
    for n in (1..=60).chain([71, 72, 73, 95, 96, 97, 104, 191, 192, 193, 200]) {
        check(&positive(n as u64, n), n, n % 11, n as u64);
    }
    check(&positive(7, 700), 700, 3, 7);
}

/// From 1500 on the blocks are wider: the leading part of the factor is the factor of the leading part.
#[test]
fn wide_blocks() {
    let (narrow, wide) = (1499, 1525);
    // Diagonally dominant: definite without a product of n cubed.
    let entry = |i: usize, j: usize| {
        if i == j { 2.0 + i as f64 / 1e3 } else { 1.0 / ((i * 7 + j * 3) % 1500 + 1500) as f64 }
    };
    let isa = Isa::detect();
    let factored = |n: usize, threads: usize| {
        let mut system = System::new(isa, threads);
        system.shape(n, 0);
        for j in 0..n {
            for (i, out) in (j..n).zip(system.column_mut(j).0) {
                *out = entry(i, j);
            }
        }
        system.factor().unwrap();
        system
    };
    let expected = factored(narrow, 1);
    for threads in [1, 7] {
        let found = factored(wide, threads);
        for j in 0..narrow {
            let pairs = found.column(j).0.iter().zip(expected.column(j).0);
            assert!(pairs.clone().all(|(a, b)| a.to_bits() == b.to_bits()), "column {j}, {threads} threads");
        }
    }
}
