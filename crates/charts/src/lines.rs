//! Several named lines over days or other labels.

use crate::axis::Axis;
use crate::canvas::{At, Canvas};
use crate::figure::figure;
use crate::labels::{HEIGHT, Plane, curve};
use crate::palette::{Ink, SERIES};
use crate::picture::{at_most, check, picture};
use crate::text::{NAME, TITLE, clean};
use crate::{Caption, Error};

/// Labels that a picture holds.
const MOST: usize = 20_000;

/// A line.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// A value for each label.
    pub points: Vec<f64>,
}

/// Lines over `labels`, from left to right; `unit` is what the values are.
///
/// # Errors
/// [`Error::Length`], [`Error::NotFinite`], [`Error::TooMany`], [`Error::Id`].
pub fn lines<L: AsRef<str>>(
    caption: &Caption<'_>,
    unit: &str,
    labels: &[L],
    lines: &[Line<'_>],
) -> Result<String, Error> {
    at_most(MOST, labels.len(), "labels")?;
    at_most(SERIES.len(), lines.len(), "lines")?;
    for line in lines {
        let (found, expected) = (line.points.len(), labels.len());
        if found != expected {
            return Err(Error::Length { series: clean(line.name, TITLE), found, expected });
        }
        check(line.name, line.points.iter().copied())?;
    }
    let body = Canvas::body(HEIGHT, |canvas| draw(canvas, caption.title, unit, labels, lines))?;
    picture(caption, HEIGHT, &about(unit, labels, lines), &body)
}

fn draw<L: AsRef<str>>(
    canvas: &mut Canvas<'_>,
    title: &str,
    unit: &str,
    labels: &[L],
    lines: &[Line<'_>],
) -> Result<(), Error> {
    let plane = Plane::beside(lines.iter().map(|line| line.name));
    let y = Axis::even(lines.iter().flat_map(|line| line.points.iter().copied()));
    plane.frame(canvas, title, unit, &y)?;
    let last = labels.len().saturating_sub(1);
    let share = |k: usize| if last == 0 { 0.5 } else { k as f64 / last as f64 };
    let mut shown: Vec<usize> = (0..=4).map(|part| part * last / 4).collect();
    shown.dedup();
    for k in shown.into_iter().filter(|k| *k < labels.len()) {
        plane.below(canvas, share(k), labels[k].as_ref())?;
    }
    if labels.is_empty() || lines.is_empty() {
        return plane.nothing(canvas);
    }
    let mut ends: Vec<(&str, At)> = Vec::new();
    for (k, line) in lines.iter().enumerate() {
        let points = line.points.iter().enumerate();
        let points: Vec<At> = points.map(|(at, value)| plane.at(share(at), y.share(*value))).collect();
        curve(canvas, &points, Ink::Series(k))?;
        ends.extend(points.last().map(|end| (line.name, *end)));
    }
    plane.names(canvas, &ends)
}

fn about<L: AsRef<str>>(unit: &str, labels: &[L], lines: &[Line<'_>]) -> String {
    if labels.is_empty() || lines.is_empty() {
        return "No points.".to_owned();
    }
    let name = |k: usize| clean(labels[k].as_ref(), NAME);
    let sentence = |line: &Line<'_>| {
        let point = |k: usize| format!("{} ({})", figure(line.points[k]), name(k));
        let extreme = |better: fn(f64, f64) -> bool| {
            (1..line.points.len())
                .fold(0, |best, k| if better(line.points[k], line.points[best]) { k } else { best })
        };
        let (lowest, highest) = (extreme(|a, b| a < b), extreme(|a, b| a > b));
        format!(
            "{}: first {}, last {}, lowest {}, highest {}.",
            clean(line.name, NAME),
            point(0),
            point(line.points.len() - 1),
            point(lowest),
            point(highest)
        )
    };
    let sentences: Vec<String> = lines.iter().map(sentence).collect();
    format!("{}. {}", clean(unit, TITLE), sentences.join(" "))
}
