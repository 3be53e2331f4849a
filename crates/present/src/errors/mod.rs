//! A page for every error: a code that stays, a line that names it, and what to do next.
//!
//! Each file beside this one lists the variants of one type of error; a test compares it with the source of that type.

mod analytics;
mod attest;
mod canon;
mod device;
mod drift;
mod execution;
mod executor;
mod gate;
mod instances;
mod instrument;
mod ledger;
mod live;
mod panel;
mod qp;
mod rebalance;
mod replay;
mod report;
mod riskmodel;
mod snapshot;
mod store;
pub mod system;
mod tape;
mod tax;
mod units;

use std::error::Error;

/// A page of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// For instance `store.not-found`; it stays when texts change.
    pub code: &'static str,
    /// What happened, in a line.
    pub title: &'static str,
    /// What it means and what to do next.
    pub help: &'static str,
}

/// The pages of one type of error.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The part of a code before the point.
    pub name: &'static str,
    /// What its errors are about.
    pub about: &'static str,
    /// The file that declares the type, from the root of the repository; empty for errors of the system.
    pub source: &'static str,
    /// Name of the type in that file.
    pub enumeration: &'static str,
    /// Each variant with its page.
    pub pages: &'static [(&'static str, Page)],
    /// Variants that hold another error, which has the page.
    pub inner: &'static [&'static str],
}

/// All families, in the order of `samebits explain`.
pub const FAMILIES: &[&Family] = &[
    &store::FAMILY,
    &snapshot::FAMILY,
    &replay::FAMILY,
    &drift::FAMILY,
    &rebalance::FAMILY,
    &qp::FAMILY,
    &ledger::FAMILY,
    &tax::FAMILY,
    &units::FAMILY,
    &canon::FAMILY,
    &riskmodel::FAMILY,
    &panel::FAMILY,
    &execution::FAMILY,
    &executor::FAMILY,
    &instrument::FAMILY,
    &device::FAMILY,
    &attest::FAMILY,
    &gate::FAMILY,
    &tape::FAMILY,
    &live::FAMILY,
    &instances::FAMILY,
    &report::FAMILY,
    &analytics::FAMILY,
    &system::FAMILY,
];

/// The page with this code.
pub fn page(code: &str) -> Option<&'static Page> {
    let all = FAMILIES.iter().flat_map(|family| family.pages);
    all.map(|(_, page)| page).find(|page| page.code == code)
}

/// The page of an error, or of the first of its sources that has one. What has none is told by the page
/// `system.refused`: the message is all there is.
pub fn page_of(error: &(dyn Error + 'static)) -> &'static Page {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(page) = FINDERS.iter().find_map(|find| find(error)) {
            return page;
        }
        link = error.source();
    }
    &system::REFUSED
}

/// Finds the page of an error of one type.
type Find = fn(&(dyn Error + 'static)) -> Option<&'static Page>;

const FINDERS: &[Find] = &[
    |error| error.downcast_ref().and_then(store::page),
    |error| error.downcast_ref().and_then(snapshot::page),
    |error| error.downcast_ref().and_then(replay::page),
    |error| error.downcast_ref().and_then(drift::page),
    |error| error.downcast_ref().and_then(rebalance::page),
    |error| error.downcast_ref().and_then(qp::page),
    |error| error.downcast_ref().and_then(ledger::page),
    |error| error.downcast_ref().and_then(tax::page),
    |error| error.downcast_ref().and_then(units::page),
    |error| error.downcast_ref().and_then(canon::page),
    |error| error.downcast_ref().and_then(riskmodel::page),
    |error| error.downcast_ref().and_then(panel::page),
    |error| error.downcast_ref().and_then(execution::page),
    |error| error.downcast_ref().and_then(instrument::page),
    |error| error.downcast_ref().and_then(device::page),
    |error| error.downcast_ref().and_then(|error: &samebits_executor::Error| executor::page(&error.problem)),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(attest::page),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(gate::page),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(tape::page),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(live::page),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(instances::page),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(report::page),
    #[cfg(feature = "tools")]
    |error| error.downcast_ref().and_then(analytics::page),
    |error| error.downcast_ref().map(system::page),
];

/// The pages of an enumeration of errors, and a function `page` that finds the one of an error.
macro_rules! catalogue {
    (
        $(#[$when:meta])?
        $family:literal, $about:literal, $type:ty, $source:literal, $enumeration:literal;
        $($variant:ident = $code:literal, $title:literal, $help:literal;)*
        $([told by] $($inner:ident $fields:tt => $module:ident($error:ident);)*)?
    ) => {
        pub(super) const FAMILY: super::Family = super::Family {
            name: $family,
            about: $about,
            source: $source,
            enumeration: $enumeration,
            pages: &[$((stringify!($variant), super::Page {
                code: concat!($family, ".", $code),
                title: $title,
                help: $help,
            })),*],
            inner: &[$($(stringify!($inner)),*)?],
        };

        $(#[$when])?
        pub(super) fn page(error: &$type) -> Option<&'static super::Page> {
            type Type = $type;
            match error {
                $(Type::$variant { .. } => super::page(concat!($family, ".", $code)),)*
                $($(Type::$inner $fields => crate::errors::$module::page($error),)*)?
                _ => None,
            }
        }
    };
}
use catalogue;
