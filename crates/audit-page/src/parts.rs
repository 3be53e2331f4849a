//! What pages are made of.

use crate::text::said;
use maud::{Markup, html};
use samebits_present::{Shown, standings};
use samebits_replay::Verdict;
use samebits_replay::fleet::Standing;
use samebits_snapshot::Digest;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// A word or two: on one line.
    Text,
    /// A number: to the right.
    Number,
    /// A sentence: on as many lines as it takes.
    Prose,
}

impl Column {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Number => Some("n"),
            Self::Prose => Some("p"),
        }
    }
}

/// A table that scrolls by itself when the window is narrow. `header`: names and what the columns hold.
pub(crate) fn table(caption: &str, header: &[(&str, Column)], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for (name, column) in header { th scope="col" class=[column.class()] { (name) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, (cell, (_, column))) in row.iter().zip(header).enumerate() {
                                @if at == 0 { th scope="row" class=[column.class()] { (cell) } }
                                @else { td class=[column.class()] { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Names and their values.
pub(crate) fn facts<'a>(pairs: impl IntoIterator<Item = (&'a str, Markup)>) -> Markup {
    html! { dl.facts { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// An id, its first digits in sight and all of it to copy.
pub(crate) fn digest(id: &Digest) -> Markup {
    let all = id.to_string();
    html! { code.id { (all) } }
}

/// The first digits of an id.
pub(crate) fn short(id: &Digest) -> Markup {
    html! { code { (id.short()) } }
}

/// Plain text as a cell.
pub(crate) fn cell(text: impl std::fmt::Display) -> Markup {
    html! { (text.to_string()) }
}

/// A string of a record as a cell.
pub(crate) fn data(text: &str) -> Markup {
    said(text)
}

/// Letter, word and class of a verdict: no colour says anything alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) letter: &'static str,
    pub(crate) word: &'static str,
    pub(crate) class: &'static str,
}

/// What is known of a Run.
pub(crate) fn standing(standing: &Standing) -> Mark {
    let (letter, class) = match standing {
        Standing::Open => ("-", "open"),
        Standing::Identical => ("I", "good"),
        Standing::Diverged { .. } => ("D", "bad"),
        Standing::Disagree { .. } => ("X", "bad"),
        Standing::Failed { .. } => ("F", "warn"),
    };
    Mark { letter, word: standings::word(standing), class }
}

/// How a replay compares.
pub(crate) fn verdict(verdict: Verdict) -> Mark {
    let (letter, class) = match verdict {
        Verdict::Identical => ("I", "good"),
        Verdict::Equivalent => ("E", "warn"),
        Verdict::Diverged => ("D", "bad"),
    };
    Mark { letter, word: verdict.name(), class }
}

/// A verdict in a line of text.
pub(crate) fn chip(mark: Mark) -> Markup {
    html! { span class=(format!("chip {}", mark.class)) { (mark.word) } }
}

/// The address of the page of a Run.
pub(crate) fn place(subject: &Shown) -> String {
    format!("/run/{}", subject.manifest.run_id)
}

/// A signed number of basis points; what is nothing has no sign.
pub(crate) fn bp(value: f64) -> String {
    let text = format!("{value:+.4}");
    if text.trim_start_matches(['+', '-']).bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        text.trim_start_matches(['+', '-']).to_owned()
    } else {
        text
    }
}

/// Nanoseconds as milliseconds.
pub(crate) fn milliseconds(nanoseconds: u64) -> String {
    format!("{:.2} ms", nanoseconds as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_sign() {
        for (value, wanted) in
            [(0.0, "0.0000"), (-0.0, "0.0000"), (-1e-9, "0.0000"), (1.25, "+1.2500"), (-0.731, "-0.7310")]
        {
            assert_eq!(bp(value), wanted);
        }
    }
}
