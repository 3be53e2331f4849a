//! Pictures as SVG: titles, labels and numbers in, text out (`docs/charts.md`).
//!
//! | module | holds |
//! |---|---|
//! | `lines` | several named lines over days or other labels |
//! | `bars` | a value a label |
//! | `loglog` | curves over sizes, both axes logarithmic |
//! | `frontier` | a curve through points, one of them marked |
//! | `board` | days by accounts, a lettered cell each |
//! | `palette`, `theme` | colours, dashes; the rules of a style sheet |
//! | `axis`, `figure`, `text`, `labels`, `canvas`, `picture` | what they share |
//!
//! Every picture is the same bytes on any machine: positions are additions, multiplications and divisions of the numbers
//! given, whole in the end, and logarithms are ours. It has a role, a title and a sentence with its figures; no line or cell
//! is told by its colour alone. Text is foreign: it is cut, control and direction marks are shown as replacement marks, and
//! the rest is escaped.
//!
//! ```
//! use samebits_charts::{Caption, Form, Line, lines};
//!
//! let caption = Caption { id: "value", title: "Value of 100", about: None, form: Form::File };
//! let days = ["2016-05-02", "2016-05-03"];
//! let svg = lines(&caption, "percent", &days, &[Line { name: "account", points: vec![100.0, 101.5] }])?;
//! assert!(svg.starts_with("<svg ") && svg.contains("role=\"img\""));
//! # Ok::<(), samebits_charts::Error>(())
//! ```
//!
//! It knows no record, no store and no clock, and writes no file.

mod axis;
mod bars;
mod board;
mod canvas;
mod error;
mod figure;
mod frontier;
mod labels;
mod lines;
mod loglog;
mod palette;
mod picture;
mod text;
mod theme;

pub use bars::{Bar, bars};
pub use board::{Board, Mark, board};
pub use error::Error;
pub use frontier::{Highlight, frontier};
pub use lines::{Line, lines};
pub use loglog::{Curve, loglog};
pub use picture::{Axes, Caption, Form};
pub use theme::{CSS, STYLE};

/// Colours, for whoever checks their contrast.
pub mod colors {
    pub use crate::palette::{MARKS, SERIES};
    pub use crate::theme::{DARK, LIGHT, Theme};
}
