//! The frame of every page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

/// The style sheet; the same in pages and in exported files.
pub(crate) const STYLE: &str = include_str!("../assets/page.css");
/// What the pages do where scripts run: nothing that they cannot do without.
pub(crate) const SCRIPT: &str = include_str!("../assets/page.js");
/// The mark in the browser's tab.
pub(crate) const ICON: &str = include_str!("../assets/icon.svg");

/// Where a page is in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Runs,
    Fleet,
    Gate,
    Drift,
    Help,
    None,
}

const PLACES: [(Place, &str, &str); 5] = [
    (Place::Runs, "/runs", "Runs"),
    (Place::Fleet, "/fleet", "Fleet"),
    (Place::Gate, "/gate", "Gate"),
    (Place::Drift, "/drift", "Drift"),
    (Place::Help, "/help", "Help"),
];

/// The policy of what loads nothing and has this one style of its own.
pub(crate) fn allowed(style: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

/// A page of the server.
pub(crate) fn page(title: &str, place: Place, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (meta(title))
                link rel="stylesheet" href="/page.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                script src="/page.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the page" }
                header.top {
                    a.mark href="/runs" { "samebits" }
                    nav aria-label="Pages" {
                        ul {
                            @for (own, address, name) in PLACES {
                                li { a href=(address) aria-current=[(own == place).then_some("page")] { (name) } }
                            }
                        }
                    }
                }
                main id="main" tabindex="-1" { (main) }
                footer { p { "Read only: nothing here changes the store." } }
            }
        }
    }
}

/// A page without navigation; it goes on to `next` by itself.
pub(crate) fn bare(title: &str, next: Option<&str>, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (meta(title))
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                @if let Some(next) = next { meta http-equiv="refresh" content=(format!("0;url={next}")); }
            }
            body { main { h1 { (title) } (main) } }
        }
    }
}

/// One file that needs no other: its policy allows its own style and nothing else.
pub(crate) fn file(title: &str, main: &Markup) -> Markup {
    let style = format!("{STYLE}{}", samebits_charts::CSS);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta http-equiv="Content-Security-Policy" content=(allowed(&style));
                (meta(title))
                style { (PreEscaped(style)) }
            }
            body { main id="main" { (main) } }
        }
    }
}

fn meta(title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { (title) @if title != "samebits" { " - samebits" } }
    }
}
