//! Colours and dashes. Every colour of a series is at least 3 : 1 against both backgrounds, so that it serves both themes; the
//! letters of marks are white on it, at least 4.5 : 1 (`tests/it/contrast.rs`).

/// Red, green, blue.
pub(crate) type Rgb = (u8, u8, u8);

/// A color and the dashes (`stroke-dasharray`) of a series, in order.
pub const SERIES: [((u8, u8, u8), &str); 12] = [
    ((31, 119, 204), ""),
    ((209, 73, 91), "14 7"),
    ((46, 140, 60), "4 6"),
    ((138, 92, 224), "18 6 4 6"),
    ((176, 110, 24), "28 8"),
    ((27, 138, 138), "8 4"),
    ((122, 127, 135), "18 6 4 6 4 6"),
    ((192, 79, 168), "2 4"),
    ((122, 133, 30), "24 6 10 6"),
    ((165, 105, 79), "12 12"),
    ((91, 122, 168), "6 6 14 6"),
    ((214, 69, 127), "34 10"),
];

/// A letter, what it stands for and the color of its cell, in the order of [`crate::Mark`].
pub const MARKS: [(char, &str, (u8, u8, u8)); 5] = [
    ('I', "identical", (31, 122, 61)),
    ('D', "diverged", (198, 47, 59)),
    ('X', "answers differ", (143, 74, 214)),
    ('F', "failed", (168, 89, 12)),
    ('.', "not answered", (104, 109, 117)),
];

/// Axes and marks beside them: 3 : 1 against both backgrounds.
pub(crate) const RULE: Rgb = (134, 139, 146);

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Text.
    Text,
    /// Axes.
    Rule,
    /// Lines behind a curve: decoration, the figures at the axis say the same.
    Grid,
    /// The background.
    Paper,
    /// A series.
    Series(usize),
    /// A cell.
    Mark(usize),
}

impl Ink {
    /// Its color in the light theme.
    pub(crate) fn color(self) -> Rgb {
        match self {
            Self::Text => crate::theme::LIGHT.text,
            Self::Rule => RULE,
            Self::Grid => crate::theme::LIGHT.grid,
            Self::Paper => crate::theme::LIGHT.paper,
            Self::Series(k) => SERIES[k % SERIES.len()].0,
            Self::Mark(k) => MARKS[k % MARKS.len()].2,
        }
    }

    /// Its class, where a theme has other colours for it.
    pub(crate) fn class(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("ink"),
            Self::Grid => Some("grid"),
            Self::Paper => Some("paper"),
            Self::Rule | Self::Series(_) | Self::Mark(_) => None,
        }
    }

    /// Its dashes.
    pub(crate) fn dashes(self) -> &'static str {
        match self {
            Self::Series(k) => SERIES[k % SERIES.len()].1,
            _ => "",
        }
    }

    /// Every ink there is.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let series = (0..SERIES.len()).map(Self::Series);
        let marks = (0..MARKS.len()).map(Self::Mark);
        [Self::Text, Self::Rule, Self::Grid, Self::Paper].into_iter().chain(series).chain(marks)
    }
}
