//! The kernels for x86-64 with AVX-512F: 32 registers of 8 doubles.
#![allow(
    unsafe_code,
    reason = "calls into functions compiled for features that were detected, and vector loads"
)]

use std::arch::x86_64::{
    __m512d, _mm512_fmadd_pd, _mm512_fnmadd_pd, _mm512_loadu_pd, _mm512_mul_pd, _mm512_set1_pd,
    _mm512_setzero_pd, _mm512_storeu_pd,
};

use super::compiled::compiled_for;
use crate::kernel::{self, BadPivot, Kernels};
use crate::system::kernels::{self, Corner, GROUP, SystemKernels, TILE};

/// Doubles in a register.
const WIDTH: usize = 8;
/// Registers in a row of the tile.
const VECTORS: usize = 3;
const LANES: usize = WIDTH * VECTORS;
const ROWS: usize = 8;

compiled_for!("avx512f", std::arch::is_x86_feature_detected!("avx512f"), LANES, ROWS);

/// The register tile of clause A4; see [`kernel::Tile`].
///
/// 24 of 32 registers hold sums, 3 hold `b`; per step 24 fused operations on 11 loads: bound by arithmetic.
#[target_feature(enable = "avx512f")]
fn tile<const SUBTRACT: bool>(a: &[f64], first: usize, b: &[f64], out: &mut [f64]) {
    let (out, rest) = out.as_chunks_mut::<WIDTH>();
    assert!(out.len() == ROWS * VECTORS && rest.is_empty(), "tile: shape of the result");
    assert!(a.len() == b.len() && first + ROWS <= LANES, "tile: shape of the panels");
    let mut sums = [[_mm512_setzero_pd(); VECTORS]; ROWS];
    for (row, values) in sums.iter_mut().zip(out.chunks_exact(VECTORS)) {
        for (sum, value) in row.iter_mut().zip(values) {
            *sum = load(value);
        }
    }
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        let (b, _) = b.as_chunks::<WIDTH>();
        let b = [load(&b[0]), load(&b[1]), load(&b[2])];
        for (row, &a) in sums.iter_mut().zip(&a[first..first + ROWS]) {
            let a = _mm512_set1_pd(a);
            for (sum, b) in row.iter_mut().zip(b) {
                *sum = if SUBTRACT { _mm512_fnmadd_pd(a, b, *sum) } else { _mm512_fmadd_pd(a, b, *sum) };
            }
        }
    }
    for (row, values) in sums.iter().zip(out.chunks_exact_mut(VECTORS)) {
        for (sum, value) in row.iter().zip(values) {
            store(value, *sum);
        }
    }
}

/// The tile of a system; see [`SystemKernels::tile`]. 24 of 32 registers hold sums; per step 24 fused operations on 11 loads.
#[target_feature(enable = "avx512f")]
fn tall_tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize) {
    let mut sums = [[_mm512_setzero_pd(); VECTORS]; GROUP];
    for (j, sums) in sums.iter_mut().enumerate() {
        let column = c[j * height..j * height + TILE].as_chunks::<WIDTH>().0;
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum = load(value);
        }
    }
    for (a, b) in tall.as_chunks::<TILE>().0.iter().zip(wide.as_chunks::<GROUP>().0) {
        let (a, _) = a.as_chunks::<WIDTH>();
        let a = [load(&a[0]), load(&a[1]), load(&a[2])];
        for (sums, &b) in sums.iter_mut().zip(b) {
            let b = _mm512_set1_pd(b);
            for (sum, a) in sums.iter_mut().zip(a) {
                *sum = _mm512_fnmadd_pd(a, b, *sum);
            }
        }
    }
    for (j, sums) in sums.iter().enumerate() {
        let column = c[j * height..j * height + TILE].as_chunks_mut::<WIDTH>().0;
        for (value, sum) in column.iter_mut().zip(sums) {
            store(value, *sum);
        }
    }
}

/// See [`kernels::below`]; two runs of 8 rows at a time, so that one's operations cover the other's latency.
#[target_feature(enable = "avx512f")]
fn rows_below(own: &mut [f64], height: usize, row: usize, corner: &Corner) {
    let mut at = row;
    while at + 2 * WIDTH <= height {
        runs_below::<2>(own, height, at, corner);
        at += 2 * WIDTH;
    }
    if at < height {
        runs_below::<1>(own, height, at, corner);
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn runs_below<const RUNS: usize>(own: &mut [f64], height: usize, row: usize, corner: &Corner) {
    let mut x = [[_mm512_setzero_pd(); RUNS]; GROUP];
    for j in 0..GROUP {
        let column = own[j * height + row..j * height + row + RUNS * WIDTH].as_chunks_mut::<WIDTH>().0;
        let mut sums = [_mm512_setzero_pd(); RUNS];
        for (sum, value) in sums.iter_mut().zip(column.iter()) {
            *sum = load(value);
        }
        for (x, &l) in x.iter().zip(&corner.l[j]).take(j) {
            let l = _mm512_set1_pd(l);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = _mm512_fnmadd_pd(*x, l, *sum);
            }
        }
        let reciprocal = _mm512_set1_pd(corner.reciprocal[j]);
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum = _mm512_mul_pd(*sum, reciprocal);
            store(value, *sum);
        }
        x[j] = sums;
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(from: &[f64; WIDTH]) -> __m512d {
    // SAFETY: the reference covers the bytes that are read; the load needs no alignment.
    unsafe { _mm512_loadu_pd(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(to: &mut [f64; WIDTH], value: __m512d) {
    // SAFETY: the reference covers the bytes that are written; the store needs no alignment.
    unsafe { _mm512_storeu_pd(to.as_mut_ptr(), value) }
}
