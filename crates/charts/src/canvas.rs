//! Shapes on a page of whole units, written by `plotters`' SVG backend.

use crate::Error;
use crate::palette::{Ink, Rgb};
use crate::text::clean;
use plotters::prelude::{Color, DrawingBackend, IntoFont, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::TextStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::fmt::Display;

/// Width of every picture, in units of its view box.
pub(crate) const WIDTH: i32 = 1200;
/// Height of a text, in units.
pub(crate) const FONT: i32 = 24;

/// A place: units from the left and from the top.
pub(crate) type At = (i32, i32);

/// Where a text stands from its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Right,
    Left,
    Middle,
}

/// What is drawn on.
pub(crate) struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

impl Canvas<'_> {
    /// What `draw` draws on a page of [`WIDTH`] by `height`: elements without the root.
    pub(crate) fn body(
        height: i32,
        draw: impl FnOnce(&mut Canvas<'_>) -> Result<(), Error>,
    ) -> Result<String, Error> {
        let mut text = String::new();
        let mut canvas =
            Canvas { backend: SVGBackend::with_string(&mut text, (WIDTH as u32, height as u32)) };
        draw(&mut canvas)?;
        canvas.backend.present().map_err(fault)?;
        drop(canvas);
        let inner = text.split_once('\n').and_then(|(_, rest)| rest.strip_suffix("</svg>\n"));
        let inner = inner.ok_or_else(|| Error::Drawing("no root element".to_owned()))?;
        Ok(themed(inner))
    }

    /// A line through `points`.
    pub(crate) fn path(&mut self, points: &[At], ink: Ink, width: u32) -> Result<(), Error> {
        self.backend.draw_path(points.iter().copied(), &style(ink, false, width)).map_err(fault)
    }

    /// A filled box between two corners.
    pub(crate) fn fill(&mut self, from: At, to: At, ink: Ink) -> Result<(), Error> {
        self.backend.draw_rect(from, to, &style(ink, true, 1), true).map_err(fault)
    }

    /// A filled disc.
    pub(crate) fn dot(&mut self, at: At, radius: u32, ink: Ink) -> Result<(), Error> {
        self.backend.draw_circle(at, radius, &style(ink, true, 1), true).map_err(fault)
    }

    /// A ring.
    pub(crate) fn ring(&mut self, at: At, radius: u32, ink: Ink) -> Result<(), Error> {
        self.backend.draw_circle(at, radius, &style(ink, false, 3), false).map_err(fault)
    }

    /// At most `limit` characters of `text`, beside `at`.
    pub(crate) fn text(&mut self, text: &str, limit: usize, at: At, side: Side) -> Result<(), Error> {
        let h = match side {
            Side::Right => HPos::Left,
            Side::Left => HPos::Right,
            Side::Middle => HPos::Center,
        };
        // The backend divides the size by 1.24.
        let color = rgb(Ink::Text.color());
        let style = TextStyle::from(("sans-serif", f64::from(FONT) * 1.24).into_font())
            .color(&color)
            .pos(Pos::new(h, VPos::Center));
        self.backend.draw_text(&clean(text, limit), &style, at).map_err(fault)
    }
}

fn style(ink: Ink, filled: bool, stroke_width: u32) -> ShapeStyle {
    ShapeStyle { color: rgb(ink.color()).to_rgba(), filled, stroke_width }
}

fn rgb((r, g, b): Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

fn fault(error: impl Display) -> Error {
    Error::Drawing(error.to_string())
}

/// `#RRGGBB`.
pub(crate) fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// The backend writes a color where we mean an ink: its class and dashes are put beside it. Quotes are escaped in text, so
/// that an attribute is found in tags only. What is the same in every element stands at the root.
fn themed(body: &str) -> String {
    let mut body = joined(&body.replace(" opacity=\"1\"", ""));
    body = body.replace(" font-family=\"sans-serif\"", "").replace(&format!(" font-size=\"{FONT}\""), "");
    for ink in Ink::all() {
        let color = hex(ink.color());
        let class = ink.class().map_or_else(String::new, |class| format!(" class=\"{class}\""));
        let dashes = match ink.dashes() {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        body = body.replace(&format!(" fill=\"{color}\""), &format!("{class} fill=\"{color}\""));
        body = body.replace(&format!(" stroke=\"{color}\""), &format!("{class} stroke=\"{color}\"{dashes}"));
    }
    body
}

/// The backend writes a text on a line of its own: it goes between its tags.
fn joined(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for line in body.replace("\n</text>", "</text>").lines() {
        if line.ends_with("</text>") {
            out.pop();
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
