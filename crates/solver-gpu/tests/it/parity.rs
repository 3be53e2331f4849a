//! Bits of the device's answers against the CPU's: the forms of the measurements at all small sizes and at a few larger.

use crate::scene::{FORMS, family};
use crate::stand::{By, PLAIN};
use samebits_testkit::Form;

/// Sizes up to 64: one panel of the factorisation, every rest of a strip and of a warp.
fn small(by: By, form: Form, step: usize) {
    let problems = family((1..=64).step_by(step), form);
    // One search of a capped problem ends nowhere, on either side, and goes on as an interior point's.
    assert!(PLAIN.check_all(by, &problems) >= problems.len() - 1, "{by:?} {form:?}");
}

#[test]
fn searches_at_every_small_size() {
    for form in FORMS {
        small(By::ActiveSet, form, 1);
    }
}

#[test]
fn iterations_with_lots_at_every_small_size() {
    small(By::Raw, Form::TaxLotsDense, 1);
}

#[test]
fn iterations_with_a_cap_at_small_sizes() {
    small(By::Raw, Form::TaxLotsCap, 3);
}

#[test]
fn iterations_with_factors_at_small_sizes() {
    small(By::Raw, Form::Factor, 3);
}

#[test]
fn iterations_without_lots_at_small_sizes() {
    small(By::Raw, Form::LongOnly, 3);
}

#[test]
fn finishes_at_small_sizes() {
    for form in FORMS {
        small(By::Ipm, form, 7);
    }
}

/// Two panels with a rest, three, and more assets than a start from a sketch needs.
#[test]
fn searches_beyond_one_panel() {
    for form in FORMS {
        let problems = family([65, 97, 150, 200].into_iter(), form);
        assert_eq!(PLAIN.check_all(By::ActiveSet, &problems), problems.len(), "{form:?}");
    }
}

#[test]
fn iterations_beyond_one_panel() {
    for form in FORMS {
        let problems = family([97, 150].into_iter(), form);
        assert_eq!(PLAIN.check_all(By::Raw, &problems), problems.len(), "{form:?}");
    }
}
