//! The Clarabel backend: closed forms, certificates, conflicts, bits, and reference optima.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod closed_form;
mod conflict;
mod oracle;
mod prop_certificate;
mod scene;
