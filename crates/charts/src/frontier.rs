//! A curve through points, one of them marked.

use crate::axis::Axis;
use crate::canvas::{At, Canvas, Side};
use crate::figure::figure;
use crate::labels::{HEIGHT, Plane, curve};
use crate::palette::Ink;
use crate::picture::{at_most, check, picture};
use crate::text::{NAME, TITLE, clean};
use crate::{Axes, Caption, Error};
use std::fmt::Write;

/// Points that a picture holds.
const MOST: usize = 10_000;

/// The marked point.
#[derive(Debug, Clone, Copy)]
pub struct Highlight<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it is, on the curve or not.
    pub at: (f64, f64),
}

/// A curve through `points`, joined in their order, each a dot; the highlight is a ring with its name.
///
/// # Errors
/// [`Error::NotFinite`], [`Error::TooMany`], [`Error::Id`].
pub fn frontier(
    caption: &Caption<'_>,
    axes: &Axes<'_>,
    points: &[(f64, f64)],
    highlight: Option<Highlight<'_>>,
) -> Result<String, Error> {
    at_most(MOST, points.len(), "points")?;
    check("curve", points.iter().map(|at| at.0))?;
    check("curve", points.iter().map(|at| at.1))?;
    if let Some(mark) = highlight {
        check(mark.name, [mark.at.0, mark.at.1].into_iter())?;
    }
    let body = Canvas::body(HEIGHT, |canvas| draw(canvas, caption.title, axes, points, highlight))?;
    picture(caption, HEIGHT, &about(axes, points, highlight), &body)
}

fn draw(
    canvas: &mut Canvas<'_>,
    title: &str,
    axes: &Axes<'_>,
    points: &[(f64, f64)],
    highlight: Option<Highlight<'_>>,
) -> Result<(), Error> {
    let plane = Plane::beside(std::iter::empty());
    let all = || points.iter().copied().chain(highlight.map(|mark| mark.at));
    let (x, y) = (Axis::even(all().map(|at| at.0)), Axis::even(all().map(|at| at.1)));
    plane.frame(canvas, title, axes.y, &y)?;
    plane.name_below(canvas, axes.x)?;
    for (value, mark) in &x.marks {
        plane.below(canvas, x.share(*value), mark)?;
    }
    if all().next().is_none() {
        return plane.nothing(canvas);
    }
    let place = |at: (f64, f64)| plane.at(x.share(at.0), y.share(at.1));
    let places: Vec<At> = points.iter().map(|at| place(*at)).collect();
    curve(canvas, &places, Ink::Series(0))?;
    for at in places.iter().filter(|_| places.len() > 1) {
        canvas.dot(*at, 4, Ink::Series(0))?;
    }
    if let Some(mark) = highlight {
        let at = place(mark.at);
        canvas.ring(at, 13, Ink::Rule)?;
        canvas.dot(at, 7, Ink::Series(1))?;
        // Towards the side with more room, and above the curve.
        let right = at.0 < i32::midpoint(plane.left, plane.right);
        let (step, side) = if right { (22, Side::Right) } else { (-22, Side::Left) };
        let above = if at.1 > plane.top + 40 { -24 } else { 24 };
        canvas.text(mark.name, NAME, (at.0 + step, at.1 + above), side)?;
    }
    Ok(())
}

fn about(axes: &Axes<'_>, points: &[(f64, f64)], highlight: Option<Highlight<'_>>) -> String {
    let point = |at: (f64, f64)| format!("{} at {}", figure(at.1), figure(at.0));
    let mut text = match (points.first(), points.last()) {
        (Some(first), Some(last)) => format!(
            "{} against {}: {} points, from {} to {}.",
            clean(axes.y, TITLE),
            clean(axes.x, TITLE),
            points.len(),
            point(*first),
            point(*last)
        ),
        _ => "No points.".to_owned(),
    };
    if let Some(mark) = highlight {
        let _ = write!(text, " {}: {}.", clean(mark.name, NAME), point(mark.at));
    }
    text
}
