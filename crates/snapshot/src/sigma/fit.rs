//! The update of low rank that leads from one covariance to the next, by least squares. It decides how small a residual
//! is, never what is read: what it finds is stored.

use super::previous::Update;
use crate::record::Matrix32;

/// Most rounds of scale and diagonal against directions; near 30 are needed where the directions are those of the base.
const ROUNDS: usize = 60;
/// Change of scale from round to round below which nothing is gained any more.
const SETTLED: f64 = 1e-13;

/// Updates with two, one and no vector, for the caller to try. `directions` are those that are known to span the change,
/// at most two; without any they are looked for.
pub(super) fn updates(target: &Matrix32, base: &Matrix32, directions: &[Vec<f32>]) -> Vec<Update> {
    let change = Change::new(target, base);
    let known: Vec<Vec<f64>> = directions.iter().take(2).map(|v| wide(v)).collect();
    let whole = known.iter().all(|v| v.len() == change.side && v.iter().all(|x| x.is_finite()));
    let span = if whole && !known.is_empty() { orthonormal(known) } else { change.search() };
    let axes = change.axes(span);
    let mut found: Vec<Update> = Vec::new();
    for count in [2, 1, 0] {
        // The scalars of the vectors as they will be stored.
        let Some(axes) = axes.get(..count) else { continue };
        let stored: Vec<Vec<f32>> = axes.iter().map(|v| v.iter().map(|x| *x as f32).collect()).collect();
        let again = change.spanned(stored.iter().map(|v| wide(v)).collect());
        let squares: Vec<(usize, usize)> = (0..count).map(|at| (at, at)).collect();
        if let Some(fit) = change.fit(&again, &squares) {
            let vectors = fit[2..].iter().copied().zip(stored).collect();
            found.push(Update { scale: 1.0 + fit[0], diagonal: fit[1], vectors });
        }
    }
    found
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// What leads from one matrix to another.
struct Change {
    side: usize,
    base: Vec<f64>,
    /// Target minus base.
    by: Vec<f64>,
    /// The equations of scale and diagonal, each with its right-hand side.
    plain: [[f64; 3]; 2],
}

/// Vectors, and what the two matrices make of them.
struct Spanned {
    vectors: Vec<Vec<f64>>,
    base: Vec<Vec<f64>>,
    by: Vec<Vec<f64>>,
}

/// The three symmetric matrices of two vectors: `(x y' + y x') / 2`, by their positions.
const PAIRS: [(usize, usize); 3] = [(0, 0), (0, 1), (1, 1)];

impl Change {
    fn new(target: &Matrix32, base: &Matrix32) -> Self {
        let by = target.values.iter().zip(&base.values).map(|(t, b)| f64::from(*t) - f64::from(*b));
        let (by, base, side) = (by.collect::<Vec<f64>>(), wide(&base.values), base.rows);
        let diagonal = |of: &[f64]| of.iter().step_by(side + 1).fold(0.0, |sum, x| sum + x);
        let trace = diagonal(&base);
        let plain = [[dot(&base, &base), trace, dot(&base, &by)], [trace, side as f64, diagonal(&by)]];
        Self { side, base, by, plain }
    }

    fn spanned(&self, vectors: Vec<Vec<f64>>) -> Spanned {
        let times = |matrix: &[f64]| {
            let times = |v: &Vec<f64>| matrix.chunks_exact(self.side).map(|row| dot(row, v)).collect();
            vectors.iter().map(times).collect()
        };
        Spanned { base: times(&self.base), by: times(&self.by), vectors }
    }

    /// `(scale - 1, diagonal, weight of each pair)` with the least squares; `None` when they are not determined.
    fn fit(&self, span: &Spanned, pairs: &[(usize, usize)]) -> Option<Vec<f64>> {
        let count = pairs.len() + 2;
        let mut system = vec![vec![0.0; count + 1]; count];
        for (row, [first, second, right]) in system.iter_mut().zip(self.plain) {
            (row[0], row[1], row[count]) = (first, second, right);
        }
        let Spanned { vectors, base, by } = span;
        let product = |x: usize, y: usize| dot(&vectors[x], &vectors[y]);
        for (at, &(x, y)) in pairs.iter().enumerate() {
            system[0][at + 2] = dot(&vectors[x], &base[y]);
            system[1][at + 2] = product(x, y);
            system[at + 2][count] = dot(&vectors[x], &by[y]);
            for (other, &(u, v)) in pairs.iter().enumerate().skip(at) {
                let sum = product(x, u) * product(y, v) + product(x, v) * product(y, u);
                system[at + 2][other + 2] = 0.5 * sum;
            }
        }
        for i in 0..count {
            for j in 0..i {
                system[i][j] = system[j][i];
            }
        }
        solve(system)
    }

    /// Two directions that span most of what a scale and a diagonal leave over.
    fn search(&self) -> Vec<Vec<f64>> {
        let mut state = 1_u64;
        let mut start = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        };
        let start = (0..2).map(|_| (0..self.side).map(|_| start()).collect()).collect();
        let mut span = orthonormal(start);
        let mut scale = f64::INFINITY;
        for _ in 0..ROUNDS {
            let known = self.spanned(span);
            let fit = if known.vectors.len() == 2 { self.fit(&known, &PAIRS) } else { None };
            let Some(fit) = fit else { return known.vectors };
            if (fit[0] - scale).abs() < SETTLED {
                return known.vectors;
            }
            scale = fit[0];
            let left = |at: usize| {
                let parts = known.by[at].iter().zip(&known.base[at]).zip(&known.vectors[at]);
                parts.map(|((by, base), x)| by - fit[0] * base - fit[1] * x).collect()
            };
            span = orthonormal((0..2).map(left).collect());
        }
        span
    }

    /// The directions within `span` along which the change is a sum of squares.
    fn axes(&self, span: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        if span.len() != 2 {
            return span;
        }
        let known = self.spanned(span);
        let Some(fit) = self.fit(&known, &PAIRS) else { return known.vectors };
        // As a form on the span: [[p, q], [q, r]].
        let (p, q, r) = (fit[2], 0.5 * fit[3], fit[4]);
        let root = ((p - r) * (p - r) + 4.0 * q * q).sqrt();
        let value = 0.5 * (p + r + if p >= r { root } else { -root });
        // The eigenvector of the value that is farther from `r`, then the one across.
        let (x, y) = (value - r, q);
        let length = (x * x + y * y).sqrt();
        if !(length > 0.0) {
            return known.vectors;
        }
        let (x, y) = (x / length, y / length);
        let [first, second] = [&known.vectors[0], &known.vectors[1]];
        let turned = |x: f64, y: f64| first.iter().zip(second).map(|(a, b)| x * a + y * b).collect();
        vec![turned(x, y), turned(-y, x)]
    }
}

/// Vectors of length one, each at right angles to those before; what is nothing then is left out.
fn orthonormal(vectors: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for mut vector in vectors {
        // Twice: the first time leaves rounding over.
        for _ in 0..2 {
            for other in &kept {
                let along = dot(&vector, other);
                vector.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
            }
        }
        let length = dot(&vector, &vector).sqrt();
        if length > 0.0 && length.is_finite() {
            for x in &mut vector {
                *x /= length;
            }
            kept.push(vector);
        }
    }
    kept
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Four sums, so that they do not wait for each other.
    let mut sums = [0.0; 4];
    let (a, b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = a.remainder().iter().zip(b.remainder()).fold(0.0, |sum, (x, y)| sum + x * y);
    for (x, y) in a.zip(b) {
        for k in 0..4 {
            sums[k] += x[k] * y[k];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Solves rows of coefficients followed by their right-hand side.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let count = rows.len();
    for column in 0..count {
        let pivot =
            (column..count).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let head = rows[column].clone();
        if !(head[column].abs() > 0.0) {
            return None;
        }
        for (at, row) in rows.iter_mut().enumerate() {
            if at != column {
                let factor = row[column] / head[column];
                row.iter_mut().zip(&head).for_each(|(x, y)| *x -= factor * y);
            }
        }
    }
    let found: Vec<f64> = rows.iter().enumerate().map(|(at, row)| row[count] / row[at]).collect();
    found.iter().all(|x| x.is_finite()).then_some(found)
}
