//! From a number to a place on an axis.

use crate::figure::{figure, log10, ten};
use samebits_canon::{abs, max, min};

/// One axis: the place of a number as a share of its length, and its marks.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// Numbers with a mark, ascending.
    pub(crate) marks: Vec<(f64, String)>,
}

impl Axis {
    /// An even axis over all of `values`, with about five marks.
    pub(crate) fn even(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = span(values, (0.0, 1.0));
        let around = if low == high { max(abs(low) * 1e-3, 1e-9) } else { 0.0 };
        let (low, high) = (low - around, high + around);
        let step = step((high - low) / 4.0);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let count = (last - first) as usize;
        let decimals = decimals(step);
        let marks = (0..=count).map(|k| {
            let value = (first + k as f64) * step;
            let value = if abs(value) < step / 2.0 { 0.0 } else { value };
            (value, mark(value, step, decimals))
        });
        Self { low: first * step, high: last * step, logarithmic: false, marks: marks.collect() }
    }

    /// A logarithmic axis over all of `values`, marked at powers of ten, and at 2 and 5 where there are few of them.
    pub(crate) fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = span(values, (1.0, 10.0));
        let (low, high) = if low == high { (low / 2.0, high * 2.0) } else { (low, high) };
        let (first, last) = (log10(low).floor() as i32, log10(high).ceil() as i32);
        let between: &[f64] = if last - first <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let marks = (first..=last).flat_map(|power| between.iter().map(move |k| k * ten(power)));
        let marks = marks.filter(|mark| *mark >= low * 0.999 && *mark <= high * 1.001);
        Self { low, high, logarithmic: true, marks: marks.map(|mark| (mark, figure(mark))).collect() }
    }

    /// Where `value` lies: 0 at the low end, 1 at the high one.
    pub(crate) fn share(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        } else {
            (value - self.low) / (self.high - self.low)
        };
        max(0.0, min(1.0, share))
    }
}

fn span(values: impl Iterator<Item = f64>, none: (f64, f64)) -> (f64, f64) {
    let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (min(low, x), max(high, x)));
    if ends.0 > ends.1 { none } else { ends }
}

/// The least of 1, 2 and 5 times a power of ten that is not below `size`.
fn step(size: f64) -> f64 {
    let mut power = log10(size).floor() as i32 - 1;
    loop {
        for digit in [1.0, 2.0, 5.0] {
            let step = digit * ten(power);
            if step >= size {
                return step;
            }
        }
        power += 1;
    }
}

fn decimals(step: f64) -> usize {
    (0..12).find(|&decimals| step >= 0.999 * ten(-(decimals as i32))).unwrap_or(12)
}

fn mark(value: f64, step: f64, decimals: usize) -> String {
    if value != 0.0 && (step >= 1e6 || decimals > 6) {
        format!("{value:.3e}")
    } else {
        format!("{value:.decimals$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_axes() {
        let marks = |values: &[f64]| {
            let marks = Axis::even(values.iter().copied()).marks;
            marks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
        };
        for (values, wanted) in [
            (&[99.2, 103.9][..], "98 100 102 104"),
            (&[], "0.0 0.5 1.0"),
            (&[-0.4, 0.3], "-0.4 -0.2 0.0 0.2 0.4"),
            (&[5.0], "4.995 5.000 5.005"),
            (&[0.0, 1e12], "0 5.000e11 1.000e12"),
        ] {
            assert_eq!(marks(values), wanted);
        }
        let times = Axis::logarithmic([0.05, 80.0].into_iter());
        let texts: Vec<&str> = times.marks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["0.1", "1", "10"]);
        assert!((times.share(2.0) - 0.5).abs() < 1e-12, "2 is the geometric mean of 0.05 and 80");
        assert_eq!((times.share(0.05), times.share(80.0)), (0.0, 1.0));
    }
}
