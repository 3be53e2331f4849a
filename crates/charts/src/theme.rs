//! Light and dark. The attributes of a picture are the light theme; a style sheet makes the dark one of them.

use crate::palette::Rgb;

/// Colours that differ by theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The background.
    pub paper: Rgb,
    /// Text: at least 4.5 : 1 against it.
    pub text: Rgb,
    /// Lines behind a curve: decoration.
    pub grid: Rgb,
}

/// The light theme, in the attributes of every picture.
pub const LIGHT: Theme = Theme { paper: (255, 255, 255), text: (26, 29, 33), grid: (222, 224, 228) };
/// The dark theme, as [`CSS`] has it.
pub const DARK: Theme = Theme { paper: (20, 23, 28), text: (230, 232, 235), grid: (52, 57, 65) };

/// The rules of both forms, for the style sheet of a page with pictures of [`crate::Form::Inline`].
pub const CSS: &str = "\
.samebits-chart{display:block;max-width:100%;height:auto}\
@media (prefers-color-scheme:dark){\
.samebits-chart .paper{fill:#14171c}\
.samebits-chart .ink{fill:#e6e8eb}\
.samebits-chart .grid{stroke:#343941}}";

/// The text of the one `<style>` element in pictures of [`crate::Form::File`]: a server can allow it by its hash.
pub const STYLE: &str = CSS;
