//! What the tests share.

use samebits_panel::{Error, Panel};
use samebits_units::{Date, Price};
use std::path::{Path, PathBuf};

pub(crate) fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(folder)
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(fixtures("market").join(name)).expect("a fixture")
}

pub(crate) fn sp100() -> Panel {
    Panel::load(&fixtures("prices")).expect("the fixture loads")
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

pub(crate) fn check(error: Option<&Error>, expected: &str) {
    let found = error.map_or_else(|| "no error".to_owned(), ToString::to_string);
    assert_eq!(found, expected);
}
