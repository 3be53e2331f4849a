//! Two solutions, bit by bit.

use samebits_qp::{Error, Solution};

/// What differs first; `None` when nothing does.
pub(crate) fn difference(a: &Solution, b: &Solution) -> Option<String> {
    let numbers = |s: &Solution| {
        let c = s.certificate;
        let few = vec![c.primal, c.dual, c.complementarity, c.gap, s.objective, s.multipliers.cap];
        let margins = s.finish.as_ref().map_or(vec![], |f| vec![f.primal_margin, f.dual_margin]);
        [
            ("weights", s.weights.clone()),
            ("trades", s.trades.clone()),
            ("multipliers of rows", s.multipliers.rows.clone()),
            ("multipliers of bounds", s.multipliers.bounds.clone()),
            ("multipliers of trades", s.multipliers.trades.clone()),
            ("certificate, objective, cap", few),
            ("margins", margins),
        ]
    };
    if a.status != b.status || a.path != b.path {
        return Some(format!("{:?} by {:?}, {:?} by {:?}", a.status, a.path, b.status, b.path));
    }
    if a.iterations != b.iterations {
        return Some(format!("{} and {} iterations", a.iterations, b.iterations));
    }
    if a.finish.as_ref().map(|f| &f.state) != b.finish.as_ref().map(|f| &f.state) {
        return Some("states".to_owned());
    }
    for ((what, a), (_, b)) in numbers(a).into_iter().zip(numbers(b)) {
        if a.len() != b.len() {
            return Some(format!("length of {what}"));
        }
        if let Some(i) = (0..a.len()).find(|&i| a[i].to_bits() != b[i].to_bits()) {
            return Some(format!("{what}[{i}]: {:e} and {:e}", a[i], b[i]));
        }
    }
    None
}

/// What differs first of two results; errors by all that they say.
pub(crate) fn results_differ(a: &Result<Solution, Error>, b: &Result<Solution, Error>) -> Option<String> {
    if let (Ok(a), Ok(b)) = (a, b) {
        return difference(a, b);
    }
    let (a, b) = (said(a), said(b));
    (a != b).then(|| format!("{a} and {b}"))
}

fn said(result: &Result<Solution, Error>) -> String {
    match result {
        Ok(solution) => format!("{:?}", solution.status),
        Err(error) => format!("{error:?}"),
    }
}
