//! Small problems that together come to every path of a kernel.

use super::court::Trial;
use crate::scene::{FORMS, strange, tracking, with_entries, with_factors};
use crate::stand::By;
use samebits_testkit::{Draw, Form};

/// A few trials for a sample.
pub(crate) fn few(module: &str) -> Vec<Trial> {
    if module == "cholesky" {
        return trials(module);
    }
    let by = if module == "ipm" { By::Raw } else { By::ActiveSet };
    let sized =
        [(26, Form::TaxLotsDense), (37, Form::TaxLotsCap), (41, Form::Factor), (52, Form::TaxLotsCap)];
    let mut problems: Vec<_> = sized.into_iter().map(|(n, form)| tracking(n, 3, form)).collect();
    problems.extend(strange(0..6));
    problems.into_iter().map(|problem| Trial::Batch(by, vec![problem])).collect()
}

/// Trials for a module.
pub(crate) fn trials(module: &str) -> Vec<Trial> {
    let one = |by, problem| Trial::Batch(by, vec![problem]);
    if module == "cholesky" {
        let spoiled = [(40, 0.0), (21, f64::INFINITY)].map(|own| Trial::Factor(48, Some(own)));
        return [Trial::SelfTest, Trial::Factor(340, None)].into_iter().chain(spoiled).collect();
    }
    let by = if module == "ipm" { By::Raw } else { By::ActiveSet };
    let mut all = Vec::new();
    for (k, form) in FORMS.into_iter().enumerate() {
        for n in [12, 26, 37, 52] {
            all.push(one(by, tracking(n + k, 3, form)));
        }
    }
    all.push(one(by, tracking(70, 4, Form::TaxLotsDense)));
    all.push(one(by, tracking(83, 5, Form::Factor)));
    all.push(one(by, tracking(97, 6, Form::TaxLotsCap)));
    all.extend(strange(0..8).into_iter().map(|problem| one(by, problem)));
    let wide = with_entries(tracking(30, 2, Form::TaxLotsCap), |_, _, entry| entry * (1.0 + 1e-12));
    all.push(one(by, wide));
    let wide = with_entries(tracking(55, 2, Form::TaxLotsDense), |_, _, entry| entry * (1.0 + 1e-12));
    all.push(one(by, wide));
    let mut draw = Draw::new(1);
    for (n, k) in [(20, 1), (25, 20), (70, 6)] {
        all.push(one(by, with_factors(tracking(n, 8, Form::TaxLotsCap), k, &mut draw)));
    }
    // Several problems of one block, one after another, of one covariance and of two.
    let (a, b) = (tracking(14, 1, Form::TaxLotsDense), tracking(19, 2, Form::TaxLotsCap));
    all.push(Trial::Batch(by, vec![b.clone(), a.clone(), b, a]));
    if module == "active_set" {
        for (k, form) in FORMS.into_iter().enumerate() {
            all.push(one(By::Ipm, tracking(16 + k, 9, form)));
        }
    }
    all
}
