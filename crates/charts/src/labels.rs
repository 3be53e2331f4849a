//! The plane of a curve: a box with axes on the left and below, and names beside the ends of lines.

use crate::Error;
use crate::axis::Axis;
use crate::canvas::{At, Canvas, FONT, Side, WIDTH};
use crate::palette::Ink;
use crate::text::{NAME, TITLE};

/// Height of a picture with curves, units.
pub(crate) const HEIGHT: i32 = 640;
const TOP: i32 = 90;
const LEFT: i32 = 120;
/// Distance of two names, units.
const GAP: i32 = FONT + 6;
const BOTTOM: i32 = 90;

/// The box in which curves are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    pub(crate) left: i32,
    pub(crate) right: i32,
    pub(crate) top: i32,
    pub(crate) bottom: i32,
}

impl Plane {
    /// With room on the right for the longest of `names`.
    pub(crate) fn beside<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let longest = names.map(|name| name.chars().take(NAME + 3).count()).max().unwrap_or(0) as i32;
        // A character is 0.56 of the font's height wide, on average.
        let room = if longest == 0 { 40 } else { 90 + longest * FONT * 56 / 100 };
        Self { left: LEFT, right: WIDTH - room, top: TOP, bottom: HEIGHT - BOTTOM }
    }

    /// The place of two shares.
    pub(crate) fn at(&self, x: f64, y: f64) -> At {
        let wide = x * f64::from(self.right - self.left);
        let high = y * f64::from(self.bottom - self.top);
        (self.left + (wide + 0.5).floor() as i32, self.bottom - (high + 0.5).floor() as i32)
    }

    /// The title, the axis on the left with its unit, and the line below.
    pub(crate) fn frame(
        &self,
        canvas: &mut Canvas<'_>,
        title: &str,
        unit: &str,
        y: &Axis,
    ) -> Result<(), Error> {
        canvas.text(title, TITLE / 2, (20, 28), Side::Right)?;
        canvas.text(unit, TITLE / 2, (20, 62), Side::Right)?;
        for (value, mark) in &y.marks {
            let (_, level) = self.at(0.0, y.share(*value));
            canvas.path(&[(self.left, level), (self.right, level)], Ink::Grid, 1)?;
            canvas.text(mark, NAME, (self.left - 12, level), Side::Left)?;
        }
        let corner = (self.left, self.bottom);
        canvas.path(&[(self.left, self.top), corner, (self.right, self.bottom)], Ink::Rule, 2)
    }

    /// A mark on the lower axis.
    pub(crate) fn below(&self, canvas: &mut Canvas<'_>, x: f64, mark: &str) -> Result<(), Error> {
        let (place, bottom) = self.at(x, 0.0);
        canvas.path(&[(place, bottom), (place, bottom + 8)], Ink::Rule, 2)?;
        canvas.text(mark, NAME, (place, bottom + 28), Side::Middle)
    }

    /// The name of the lower axis.
    pub(crate) fn name_below(&self, canvas: &mut Canvas<'_>, name: &str) -> Result<(), Error> {
        canvas.text(name, TITLE / 2, (i32::midpoint(self.left, self.right), self.bottom + 64), Side::Middle)
    }

    /// Names on the right, each joined to the end of its line by the same color and dashes.
    pub(crate) fn names(&self, canvas: &mut Canvas<'_>, ends: &[(&str, At)]) -> Result<(), Error> {
        let levels = apart(&ends.iter().map(|(_, end)| end.1).collect::<Vec<_>>(), self.top, self.bottom);
        for (k, ((name, _), level)) in ends.iter().zip(levels).enumerate() {
            let from = (self.right + 8, ends[k].1.1);
            let to = (self.right + 64, level);
            canvas.path(&[from, (self.right + 22, level), to], Ink::Series(k), 3)?;
            canvas.text(name, NAME, (to.0 + 8, level), Side::Right)?;
        }
        Ok(())
    }

    /// In place of curves where there is no point.
    pub(crate) fn nothing(&self, canvas: &mut Canvas<'_>) -> Result<(), Error> {
        canvas.text("no points", NAME, self.at(0.5, 0.5), Side::Middle)
    }
}

/// `levels` moved apart to at least [`GAP`], in their order, inside `top..=bottom` as long as there is room.
fn apart(levels: &[i32], top: i32, bottom: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by_key(|&k| (levels[k], k));
    let mut moved = levels.to_vec();
    let mut least = top;
    for &k in &order {
        moved[k] = moved[k].max(least);
        least = moved[k] + GAP;
    }
    let mut most = bottom;
    for &k in order.iter().rev() {
        moved[k] = moved[k].min(most);
        most = moved[k] - GAP;
    }
    moved
}

/// A line through `points`; a dot where there is one.
pub(crate) fn curve(canvas: &mut Canvas<'_>, points: &[At], ink: Ink) -> Result<(), Error> {
    match points {
        [] => Ok(()),
        [one] => canvas.dot(*one, 7, ink),
        points => canvas.path(points, ink, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_cover_each_other() {
        for (levels, wanted) in [
            (&[100, 110, 105][..], &[100, 160, 130][..]),
            (&[500, 500], &[470, 500]),
            (&[], &[]),
            (&[90, 490], &[90, 490]),
        ] {
            assert_eq!(apart(levels, 90, 500), wanted);
        }
    }
}
