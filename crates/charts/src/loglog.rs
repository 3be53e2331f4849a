//! Curves over sizes, both axes logarithmic: a power is a straight line.

use crate::axis::Axis;
use crate::canvas::{At, Canvas};
use crate::figure::{LARGEST, figure};
use crate::labels::{HEIGHT, Plane, curve};
use crate::palette::{Ink, SERIES};
use crate::picture::{at_most, check, picture};
use crate::text::{NAME, TITLE, clean};
use crate::{Axes, Caption, Error};

/// Points that a curve holds.
const MOST: usize = 10_000;

/// A curve.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    /// Its name.
    pub name: &'a str,
    /// Points in the order in which they are joined, both numbers positive.
    pub points: Vec<(f64, f64)>,
}

/// Curves over logarithmic axes; one without points is left out.
///
/// # Errors
/// [`Error::NotPositive`], [`Error::NotFinite`], [`Error::TooMany`], [`Error::Id`].
pub fn loglog(caption: &Caption<'_>, axes: &Axes<'_>, curves: &[Curve<'_>]) -> Result<String, Error> {
    at_most(SERIES.len(), curves.len(), "curves")?;
    for curve in curves {
        at_most(MOST, curve.points.len(), "points")?;
        let both = || curve.points.iter().flat_map(|(x, y)| [*x, *y]);
        check(curve.name, both())?;
        let least = 1.0 / LARGEST;
        if let Some((index, value)) = both().enumerate().find(|(_, value)| *value < least) {
            let series = clean(curve.name, TITLE);
            return Err(Error::NotPositive { series, index: index / 2, value, limit: least });
        }
    }
    let body = Canvas::body(HEIGHT, |canvas| draw(canvas, caption.title, axes, curves))?;
    picture(caption, HEIGHT, &about(axes, curves), &body)
}

fn draw(canvas: &mut Canvas<'_>, title: &str, axes: &Axes<'_>, curves: &[Curve<'_>]) -> Result<(), Error> {
    let plane = Plane::beside(curves.iter().map(|curve| curve.name));
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let (x, y) = (Axis::logarithmic(all().map(|at| at.0)), Axis::logarithmic(all().map(|at| at.1)));
    plane.frame(canvas, title, axes.y, &y)?;
    plane.name_below(canvas, axes.x)?;
    for (value, mark) in &x.marks {
        plane.below(canvas, x.share(*value), mark)?;
    }
    if all().next().is_none() {
        return plane.nothing(canvas);
    }
    let mut ends: Vec<(&str, At)> = Vec::new();
    for (k, one) in curves.iter().enumerate() {
        let points = one.points.iter();
        let points: Vec<At> = points.map(|at| plane.at(x.share(at.0), y.share(at.1))).collect();
        curve(canvas, &points, Ink::Series(k))?;
        for point in points.iter().filter(|_| points.len() > 1) {
            canvas.dot(*point, 5, Ink::Series(k))?;
        }
        // A curve without points keeps its place among the colours.
        ends.push((one.name, points.last().copied().unwrap_or(plane.at(1.0, 0.0))));
    }
    plane.names(canvas, &ends)
}

fn about(axes: &Axes<'_>, curves: &[Curve<'_>]) -> String {
    let sentence = |curve: &Curve<'_>| {
        let name = clean(curve.name, NAME);
        let point = |at: &(f64, f64)| format!("{} at {}", figure(at.1), figure(at.0));
        match (curve.points.first(), curve.points.last()) {
            (Some(first), Some(last)) if curve.points.len() > 1 => {
                format!("{name}: from {} to {}.", point(first), point(last))
            }
            (Some(only), _) => format!("{name}: {}.", point(only)),
            _ => format!("{name}: no points."),
        }
    };
    let sentences: Vec<String> = curves.iter().map(sentence).collect();
    let axes = format!("{} against {}, both logarithmic.", clean(axes.y, TITLE), clean(axes.x, TITLE));
    if sentences.is_empty() { "No points.".to_owned() } else { format!("{axes} {}", sentences.join(" ")) }
}
