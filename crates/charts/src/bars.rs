//! A value a label, from above to below.

use crate::axis::Axis;
use crate::canvas::{Canvas, FONT, Side, WIDTH};
use crate::figure::figure;
use crate::palette::Ink;
use crate::picture::{at_most, check, picture};
use crate::text::{NAME, TITLE, clean};
use crate::{Caption, Error};

/// Bars that a picture holds.
const MOST: usize = 200;
const TOP: i32 = 96;
const ROW: i32 = 40;
const THICK: i32 = 26;

/// A bar.
#[derive(Debug, Clone)]
pub struct Bar<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its length, to the right of zero or to the left of it.
    pub value: f64,
}

/// Bars from above to below, each with its name on the left and its value at its end; `unit` is what the values are.
///
/// # Errors
/// [`Error::NotFinite`], [`Error::TooMany`], [`Error::Id`].
pub fn bars(caption: &Caption<'_>, unit: &str, bars: &[Bar<'_>]) -> Result<String, Error> {
    at_most(MOST, bars.len(), "bars")?;
    for bar in bars {
        check(bar.name, std::iter::once(bar.value))?;
    }
    let height = TOP + ROW * bars.len().max(1) as i32 + 24;
    let body = Canvas::body(height, |canvas| draw(canvas, caption.title, unit, bars))?;
    picture(caption, height, &about(unit, bars), &body)
}

fn draw(canvas: &mut Canvas<'_>, title: &str, unit: &str, bars: &[Bar<'_>]) -> Result<(), Error> {
    canvas.text(title, TITLE / 2, (20, 28), Side::Right)?;
    canvas.text(unit, TITLE / 2, (20, 62), Side::Right)?;
    if bars.is_empty() {
        return canvas.text("no points", NAME, (WIDTH / 2, TOP + ROW / 2), Side::Middle);
    }
    let longest = bars.iter().map(|bar| bar.name.chars().take(NAME + 3).count()).max().unwrap_or(0) as i32;
    // Room for names, and on both sides for a value.
    let (left, right) = (40 + longest * FONT * 56 / 100 + 120, WIDTH - 140);
    let axis = Axis::even(bars.iter().map(|bar| bar.value).chain(std::iter::once(0.0)));
    let at = |value: f64| left + (axis.share(value) * f64::from(right - left) + 0.5).floor() as i32;
    let zero = at(0.0);
    for (row, bar) in (0..).zip(bars) {
        let middle = TOP + ROW * row + ROW / 2;
        let (end, loss) = (at(bar.value), bar.value < 0.0);
        let (from, to) = if loss { (end, zero) } else { (zero, end) };
        canvas.text(bar.name, NAME, (20, middle), Side::Right)?;
        let ink = Ink::Series(usize::from(loss));
        canvas.fill((from, middle - THICK / 2), (to, middle + THICK / 2), ink)?;
        let (step, side) = if loss { (-8, Side::Left) } else { (8, Side::Right) };
        canvas.text(&figure(bar.value), NAME, (end + step, middle), side)?;
    }
    canvas.path(&[(zero, TOP - 6), (zero, TOP + ROW * bars.len() as i32 + 6)], Ink::Rule, 2)
}

fn about(unit: &str, bars: &[Bar<'_>]) -> String {
    let name = |bar: &Bar<'_>| format!("{} {}", clean(bar.name, NAME), figure(bar.value));
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return "No points.".to_owned() };
    let extreme = |better: fn(f64, f64) -> bool| {
        bars.iter().fold(first, |best, bar| if better(bar.value, best.value) { bar } else { best })
    };
    format!(
        "{}. {} bars: first {}, last {}, lowest {}, highest {}.",
        clean(unit, TITLE),
        bars.len(),
        name(first),
        name(last),
        name(extreme(|a, b| a < b)),
        name(extreme(|a, b| a > b))
    )
}
