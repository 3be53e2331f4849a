//! Clause A5 with carried right-hand sides, in memory that is kept.
//!
//! The lower triangle lies column by column; below the matrix follow the carried rows, so that the factorisation itself
//! solves `L y = b` for each of them. Blocks of [`BLOCK`] columns are finished left to right: inside a block each group of
//! 8 columns first takes the products with the block's earlier columns, then its own 8 x 8 corner, then the rows below;
//! the columns after the block then take its products in register tiles of 24 x 8. Each entry meets its `k` in ascending
//! order whichever way the tiles are cut, so neither the block nor the tiles nor the threads can be seen in a result.

mod block;
pub(crate) mod kernels;

use crate::{Error, Isa};
use kernels::{GROUP, TILE};

/// Columns finished before the rest of the matrix takes their products.
const BLOCK: usize = 96;
/// The same for matrices from [`LARGE`] on: fewer passes over what no cache holds. Both are multiples of [`TILE`].
const LARGE_BLOCK: usize = 192;
const LARGE: usize = 1500;
/// Matrices below this order are not worth more than one thread.
const PARALLEL_FROM: usize = 640;

/// A symmetric positive definite system with carried right-hand sides.
///
/// Shape it, write every column, factor it; then combine, solve, and shape it again. Memory only grows.
#[derive(Debug)]
pub struct System {
    isa: Isa,
    threads: usize,
    n: usize,
    carried: usize,
    /// `n` rounded up to whole groups.
    columns: usize,
    /// Length of a column: the matrix and the carried rows, rounded up to whole tiles.
    height: usize,
    entries: Vec<f64>,
    reciprocal: Vec<f64>,
    /// Rows of the block, a tile's height to a panel, and again a group to a panel.
    tall: Vec<f64>,
    wide: Vec<f64>,
}

impl Default for System {
    /// Portable kernels, one thread.
    fn default() -> Self {
        Self::new(Isa::Portable, 1)
    }
}

impl System {
    /// An empty system whose kernels use `isa` and at most `threads` threads; neither moves a bit.
    pub fn new(isa: Isa, threads: usize) -> Self {
        Self {
            isa,
            threads: threads.max(1),
            n: 0,
            carried: 0,
            columns: 0,
            height: 0,
            entries: Vec::new(),
            reciprocal: Vec::new(),
            tall: Vec::new(),
            wide: Vec::new(),
        }
    }

    /// Kernels use `isa` from now on; moves no bit.
    pub fn set_isa(&mut self, isa: Isa) {
        self.isa = isa;
    }

    /// Lays out `n` unknowns and `carried` right-hand sides. What the columns hold is unspecified until they are written.
    pub fn shape(&mut self, n: usize, carried: usize) {
        self.n = n;
        self.carried = carried;
        self.columns = n.next_multiple_of(GROUP);
        self.height = (self.columns + carried).next_multiple_of(TILE);
        grow(&mut self.entries, self.columns * self.height);
        grow(&mut self.reciprocal, self.columns);
        let block = self.block();
        grow(&mut self.tall, self.height * block);
        grow(&mut self.wide, self.columns * block);
    }

    /// Order of the matrix.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Number of right-hand sides.
    pub fn carried(&self) -> usize {
        self.carried
    }

    /// Column `j` to be written: (entries `j .. n` of the lower triangle, entry `j` of each right-hand side).
    ///
    /// # Panics
    /// When `j` is not a column.
    pub fn column_mut(&mut self, j: usize) -> (&mut [f64], &mut [f64]) {
        assert!(j < self.n, "system: column {j} of {}", self.n);
        let column = &mut self.entries[j * self.height..(j + 1) * self.height];
        let (matrix, rest) = column.split_at_mut(self.columns);
        (&mut matrix[j..self.n], &mut rest[..self.carried])
    }

    /// Writes the lower triangle of the row-major `a`, in squares, so that reads and writes stay close in memory.
    ///
    /// # Panics
    /// When `a` is not `n x n`.
    pub fn write(&mut self, a: &[f64]) {
        const SQUARE: usize = 32;
        let (n, height) = (self.n, self.height);
        assert_eq!(a.len(), n * n, "system: the matrix is not n x n");
        for top in (0..n).step_by(SQUARE) {
            for left in (0..=top).step_by(SQUARE) {
                for j in left..n.min(left + SQUARE) {
                    for i in j.max(top)..n.min(top + SQUARE) {
                        self.entries[j * height + i] = a[i * n + j];
                    }
                }
            }
        }
    }

    /// Column `j`: as written, or after [`System::factor`] (column of `L`, entry `j` of each `L^-1 b`).
    ///
    /// # Panics
    /// When `j` is not a column.
    pub fn column(&self, j: usize) -> (&[f64], &[f64]) {
        assert!(j < self.n, "system: column {j} of {}", self.n);
        let column = &self.entries[j * self.height..(j + 1) * self.height];
        (&column[j..self.n], &column[self.columns..self.columns + self.carried])
    }

    /// One reciprocal for each pivot, after [`System::factor`].
    pub fn reciprocals(&self) -> &[f64] {
        &self.reciprocal[..self.n]
    }

    /// Factors in place (clauses A5.1 to A5.4 for the matrix and its right-hand sides).
    ///
    /// Bits: equal for every [`Isa`] and number of threads. Cost: `n^3 / 6 + carried n^2 / 2` fused operations.
    ///
    /// # Errors
    /// [`Error::NotPositive`] with the column whose pivot is not a positive finite number.
    pub fn factor(&mut self) -> Result<(), Error> {
        self.pad();
        let threads = if self.n < PARALLEL_FROM { 1 } else { self.threads };
        let kernels = self.isa.kernels();
        let widest = self.block();
        for first in (0..self.columns).step_by(widest) {
            let width = widest.min(self.columns - first);
            let mut block = block::Block {
                kernels,
                first,
                width,
                columns: self.columns,
                height: self.height,
                entries: &mut self.entries,
                tall: &mut self.tall,
                wide: &mut self.wide,
            };
            block.finish(&mut self.reciprocal)?;
            block.subtract_from_rest(threads);
        }
        Ok(())
    }

    fn block(&self) -> usize {
        if self.n < LARGE { BLOCK } else { LARGE_BLOCK }
    }

    /// Unit columns beyond the matrix, zeros in the rows beyond it.
    fn pad(&mut self) {
        let (n, columns, height, carried) = (self.n, self.columns, self.height, self.carried);
        for (j, column) in self.entries.chunks_exact_mut(height.max(1)).take(columns).enumerate() {
            if j < n {
                column[n..columns].fill(0.0);
                column[columns + carried..].fill(0.0);
            } else {
                column[j..].fill(0.0);
                column[j] = 1.0;
            }
        }
    }

    /// `gram[r][s] = y_r' y_s` of the solved right-hand sides (`carried x carried`): a chain over the unknowns each.
    ///
    /// # Panics
    /// When `gram` has another shape.
    pub fn carried_gram(&self, gram: &mut [f64]) {
        assert_eq!(gram.len(), self.carried * self.carried, "system: shape of the products");
        gram.fill(0.0);
        let kernels = self.isa.kernels();
        for j in 0..self.n {
            (kernels.system.outer)(self.column(j).1, 1.0, gram);
        }
    }

    /// `out[j]` = chain over the right-hand sides of `coefficients[r] y_r[j]`, from 0.
    ///
    /// # Panics
    /// When the lengths differ from the right-hand sides and the unknowns.
    pub fn combine(&self, coefficients: &[f64], out: &mut [f64]) {
        assert!(coefficients.len() == self.carried && out.len() == self.n, "system: shape of a combination");
        let start = self.columns;
        let rows = self.entries.get(start..).unwrap_or_default();
        (self.isa.kernels().system.combine)(rows, self.height, coefficients, out);
    }

    /// `L y = b` in place, `k` ascending (clause A5.4).
    ///
    /// # Panics
    /// When `b` has not length `n`.
    pub fn forward(&self, b: &mut [f64]) {
        assert_eq!(b.len(), self.n, "system: length of the right-hand side");
        (self.isa.kernels().system.forward)(&self.entries, self.height, &self.reciprocal, b);
    }

    /// `L' x = y` in place, `k` descending (clause A5.5).
    ///
    /// # Panics
    /// When `y` has not length `n`.
    pub fn backward(&self, y: &mut [f64]) {
        assert_eq!(y.len(), self.n, "system: length of the right-hand side");
        (self.isa.kernels().system.backward)(&self.entries, self.height, &self.reciprocal, y);
    }
}

fn grow(memory: &mut Vec<f64>, length: usize) {
    if memory.len() < length {
        *memory = Vec::new();
        *memory = vec![0.0; length];
    }
}
