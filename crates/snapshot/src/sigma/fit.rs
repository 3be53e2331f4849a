//! The update of low rank that leads from one covariance to the next, by least squares. It decides how small a residual
//! is, never what is read: what it finds is stored.

use super::previous::Update;
use crate::record::Matrix32;

/// Rounds of scale and diagonal against directions, and steps of the subspace iteration in each.
const ROUNDS: usize = 5;
const STEPS: usize = 4;

/// Updates with two, one and no vector, for the caller to try. `directions` are those that are known to span the change,
/// at most two; without any they are looked for.
pub(super) fn updates(target: &Matrix32, base: &Matrix32, directions: &[Vec<f32>]) -> Vec<Update> {
    let change = Change::new(target, base);
    let plain = change.fit(&[]).map(|found| Change::update(&found, Vec::new()));
    let known: Vec<Vec<f64>> = directions.iter().take(2).map(|v| wide(v)).collect();
    let whole = known.iter().all(|v| v.len() == change.side && v.iter().all(|x| x.is_finite()));
    let span = if whole && !known.is_empty() { orthonormal(known) } else { change.search() };
    let mut found: Vec<Update> = Vec::new();
    for axes in [change.axes(&span), span.first().map(|first| vec![first.clone()])].into_iter().flatten() {
        // The scalars of the vectors as they will be stored.
        let stored: Vec<Vec<f32>> = axes.iter().map(|v| v.iter().map(|x| *x as f32).collect()).collect();
        let again: Vec<Vec<f64>> = stored.iter().map(|v| wide(v)).collect();
        if let Some(fit) = change.fit(&squares(&again)) {
            found.push(Change::update(&fit, stored));
        }
    }
    found.extend(plain);
    found
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// A symmetric matrix of rank two: `(x y' + y x') / 2`.
type Pair<'a> = (&'a [f64], &'a [f64]);

fn squares(vectors: &[Vec<f64>]) -> Vec<Pair<'_>> {
    vectors.iter().map(|v| (&v[..], &v[..])).collect()
}

struct Change {
    side: usize,
    base: Vec<f64>,
    /// Target minus base.
    by: Vec<f64>,
}

impl Change {
    fn new(target: &Matrix32, base: &Matrix32) -> Self {
        let by = target.values.iter().zip(&base.values).map(|(t, b)| f64::from(*t) - f64::from(*b));
        Self { side: base.rows, by: by.collect(), base: wide(&base.values) }
    }

    /// `(scale - 1, diagonal, weight of each pair)` with the least squares; `None` when they are not determined.
    fn fit(&self, pairs: &[Pair<'_>]) -> Option<Vec<f64>> {
        let count = pairs.len() + 2;
        let mut system = vec![vec![0.0; count + 1]; count];
        let diagonal = |of: &[f64]| of.iter().step_by(self.side + 1).fold(0.0, |sum, x| sum + x);
        system[0][0] = dot(&self.base, &self.base);
        system[0][1] = diagonal(&self.base);
        system[1][1] = self.side as f64;
        system[0][count] = dot(&self.base, &self.by);
        system[1][count] = diagonal(&self.by);
        for (at, (x, y)) in pairs.iter().enumerate() {
            system[0][at + 2] = dot(x, &self.times(&self.base, y));
            system[1][at + 2] = dot(x, y);
            system[at + 2][count] = dot(x, &self.times(&self.by, y));
            for (other, (u, v)) in pairs.iter().enumerate().skip(at) {
                system[at + 2][other + 2] = 0.5 * (dot(x, u) * dot(y, v) + dot(x, v) * dot(y, u));
            }
        }
        for i in 0..count {
            for j in 0..i {
                system[i][j] = system[j][i];
            }
        }
        solve(system)
    }

    fn update(fit: &[f64], vectors: Vec<Vec<f32>>) -> Update {
        let vectors = fit[2..].iter().copied().zip(vectors).collect();
        Update { scale: 1.0 + fit[0], diagonal: fit[1], vectors }
    }

    fn times(&self, matrix: &[f64], v: &[f64]) -> Vec<f64> {
        matrix.chunks_exact(self.side).map(|row| dot(row, v)).collect()
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
        let (mut scale, mut shift) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            for _ in 0..STEPS {
                let apply = |v: &Vec<f64>| {
                    let (by, base) = (self.times(&self.by, v), self.times(&self.base, v));
                    let parts = by.iter().zip(&base).zip(v);
                    parts.map(|((by, base), x)| by - scale * base - shift * x).collect()
                };
                span = orthonormal(span.iter().map(apply).collect());
            }
            match self.fit(&products(&span)) {
                Some(fit) => (scale, shift) = (fit[0], fit[1]),
                None => break,
            }
        }
        span
    }

    /// The directions within `span` along which the change is a sum of squares.
    fn axes(&self, span: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        let [first, second] = span else { return None };
        let fit = self.fit(&products(span))?;
        // As a form on the span: [[p, q], [q, r]].
        let (p, q, r) = (fit[2], fit[3] / 2.0, fit[4]);
        let root = ((p - r) * (p - r) + 4.0 * q * q).sqrt();
        let value = (p + r + if p >= r { root } else { -root }) / 2.0;
        // The eigenvector of the value that is farther from `r`, then the one across.
        let (x, y) = (value - r, q);
        let length = (x * x + y * y).sqrt();
        if !(length > 0.0) {
            return Some(span.to_vec());
        }
        let (x, y) = (x / length, y / length);
        let turned = |x: f64, y: f64| first.iter().zip(second).map(|(a, b)| x * a + y * b).collect();
        Some(vec![turned(x, y), turned(-y, x)])
    }
}

fn products(span: &[Vec<f64>]) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for (at, x) in span.iter().enumerate() {
        pairs.extend(span[at..].iter().map(|y| (&x[..], &y[..])));
    }
    pairs
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
