//! The backends: closed forms, certificates, conflicts, bits, reference optima, hostile problems.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod closed_form;
mod conflict;
mod degenerate;
mod frozen;
mod general;
mod oracle;
mod prop_certificate;
mod robust;
mod scene;
mod sides;
