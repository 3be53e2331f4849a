//! Mehrotra's predictor and corrector until the residuals are small or nothing moves any more.

use super::model::Model;
use super::newton::Newton;
use super::point::{Point, Residuals};
use super::risk::Covariance;
use samebits_canon::{max, min};
use samebits_qp::Error;

/// Share of the way to the nearest limit.
const NEAR: f64 = 0.995;
/// Iterations without a better point after which no better one is expected.
const PATIENCE: u32 = 12;

/// How an iteration ended.
pub(super) struct Outcome {
    /// The best point met.
    pub(super) best: Point,
    pub(super) iterations: u32,
    /// The iteration limit came first.
    pub(super) limited: bool,
}

/// Iterates from the standard start; `look` sees each point and its merit, and ends the iteration with `true`.
pub(super) fn iterate(
    model: &Model<'_>,
    tolerance: f64,
    max_iterations: u32,
    look: &mut dyn FnMut(&Point, &Residuals) -> bool,
) -> Result<Outcome, Error> {
    let mut covariance = Covariance::new(model.problem);
    let mut newton = Newton::new(model)?;
    let mut point = Point::new(model, &mut covariance);
    let mut found = Residuals::new(model);
    let mut best = point.clone();
    let (mut best_merit, mut stalled, mut iterations) = (f64::INFINITY, 0, 0);
    loop {
        found.evaluate(model, &point, &mut covariance);
        found.primal = max(found.primal, point.sides.residuals(&found.values));
        let merit = merit(model, &found);
        if merit < best_merit {
            stalled = if merit < 0.9 * best_merit { 0 } else { stalled + 1 };
            best_merit = merit;
            best.clone_from(&point);
        } else {
            stalled += 1;
        }
        if best_merit <= tolerance || stalled > PATIENCE || !(merit < f64::INFINITY) || look(&point, &found) {
            return Ok(Outcome { best, iterations, limited: false });
        }
        if iterations == max_iterations {
            return Ok(Outcome { best, iterations, limited: true });
        }
        iterations += 1;
        if !advance(model, &mut newton, &mut point, &found) {
            return Ok(Outcome { best, iterations, limited: false });
        }
    }
}

/// One iteration; false when there is no step.
fn advance(model: &Model<'_>, newton: &mut Newton, point: &mut Point, found: &Residuals) -> bool {
    if !newton.predict(model, found, &mut point.sides) || !newton.is_finite() {
        return false;
    }
    let sides = point.sides.len();
    if sides > 0 {
        let mu = found.gap / sides as f64;
        let reach = min(1.0, point.sides.longest());
        let ratio = max(point.sides.gap_after(reach) / found.gap, 0.0);
        newton.correct(model, found, &mut point.sides, ratio * ratio * ratio * mu);
        if !newton.is_finite() {
            return false;
        }
    }
    let a = min(1.0, NEAR * point.sides.longest());
    newton.advance(point, a);
    a > 0.0
}

/// The largest residual relative to the problem's scales.
fn merit(model: &Model<'_>, found: &Residuals) -> f64 {
    let relative =
        [found.primal / model.extent, found.dual / model.slope, found.gap / (model.extent * model.slope)];
    if relative.iter().any(|x| x.is_nan()) { f64::INFINITY } else { relative.into_iter().fold(0.0, max) }
}
