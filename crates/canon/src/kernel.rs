//! The kernels behind the clauses: one table for each instruction set, and the plain loops that fill them.
//!
//! A *panel* holds `lanes` columns of a matrix side by side: entry `[k][lane]` at `k * lanes + lane`, so that a step of
//! an ascending chain reads one run of memory for all of its outputs. Lanes past the end of the matrix hold zeros and
//! are never read back. Vectors run across *different outputs*; each output keeps its own chain, so neither `lanes` nor
//! `rows` can be seen in a result.

use crate::fma;
use crate::system::kernels::{self, SystemKernels};

/// `out[r][lane] = out[r][lane] +- a[k][first + r] * b[k][lane]`, `k` ascending, one fused operation a step.
///
/// `a` and `b` are panels with equally many steps; `out` is `rows x lanes`.
pub(crate) type Tile = fn(a: &[f64], first: usize, b: &[f64], out: &mut [f64]);

/// What an instruction set brings. Every entry has the same bits in every table.
pub(crate) struct Kernels {
    /// Columns in a panel.
    pub(crate) lanes: usize,
    /// Rows of a tile; divides `lanes`.
    pub(crate) rows: usize,
    /// The tile that adds products.
    pub(crate) add: Tile,
    /// The tile that subtracts products.
    pub(crate) subtract: Tile,
    /// See [`dot`].
    pub(crate) dot: fn(&[f64], &[f64]) -> f64,
    /// Of a system with carried right-hand sides.
    pub(crate) system: SystemKernels,
}

/// A pivot that has no square root, and its place in the block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BadPivot {
    pub(crate) at: usize,
    pub(crate) pivot: f64,
}

const PORTABLE_LANES: usize = 8;
const PORTABLE_ROWS: usize = 4;

/// What the target's baseline compiles to.
pub(crate) static PORTABLE: Kernels = Kernels {
    lanes: PORTABLE_LANES,
    rows: PORTABLE_ROWS,
    add: tile::<false>,
    subtract: tile::<true>,
    dot,
    system: SystemKernels {
        tile: kernels::tile,
        corner: kernels::corner,
        below: kernels::below,
        outer: kernels::outer,
        combine: kernels::combine,
        forward: kernels::forward,
        backward: kernels::backward,
        columns: kernels::columns,
        rows: kernels::rows,
        transposed: kernels::transposed,
        weighted: kernels::weighted,
    },
};

fn tile<const SUBTRACT: bool>(a: &[f64], first: usize, b: &[f64], out: &mut [f64]) {
    let (out, rest) = out.as_chunks_mut::<PORTABLE_LANES>();
    assert!(out.len() == PORTABLE_ROWS && rest.is_empty(), "tile: shape of the result");
    assert!(a.len() == b.len() && first + PORTABLE_ROWS <= PORTABLE_LANES, "tile: shape of the panels");
    let mut sums = [[0.0; PORTABLE_LANES]; PORTABLE_ROWS];
    sums.copy_from_slice(out);
    for (a, b) in a.as_chunks::<PORTABLE_LANES>().0.iter().zip(b.as_chunks::<PORTABLE_LANES>().0) {
        for (row, &a) in sums.iter_mut().zip(&a[first..first + PORTABLE_ROWS]) {
            let a = if SUBTRACT { -a } else { a };
            for (sum, &b) in row.iter_mut().zip(b) {
                *sum = fma(a, b, *sum);
            }
        }
    }
    out.copy_from_slice(&sums);
}

/// Lanes of a reduction (clause A3).
pub(crate) const REDUCTION_LANES: usize = 32;

/// Clause A3: the dot product in 32 lanes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_whole, a_rest) = a.as_chunks::<REDUCTION_LANES>();
    let (b_whole, b_rest) = b.as_chunks::<REDUCTION_LANES>();
    let mut lanes = [0.0; REDUCTION_LANES];
    for (a, b) in a_whole.iter().zip(b_whole) {
        for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
            *lane = fma(a, b, *lane);
        }
    }
    for ((lane, &a), &b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane = fma(a, b, *lane);
    }
    fold(lanes)
}

/// Clause A3: the lanes fold 16, 8, 4, 2, 1.
pub(crate) fn fold(mut lanes: [f64; REDUCTION_LANES]) -> f64 {
    let mut half = REDUCTION_LANES / 2;
    while half > 0 {
        for t in 0..half {
            lanes[t] += lanes[t + half];
        }
        half /= 2;
    }
    lanes[0]
}
