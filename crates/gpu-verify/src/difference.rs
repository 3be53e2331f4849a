//! Two solutions, bit by bit.

use samebits_qp::Solution;

/// What differs first between two solutions; `None` when no bit of them does.
///
/// Status and path, iterations, states, weights, trades, multipliers, certificate, objective and margins are looked at.
pub fn difference(a: &Solution, b: &Solution) -> Option<String> {
    if a.status != b.status || a.path != b.path {
        return Some(format!("{:?} by {:?}, {:?} by {:?}", a.status, a.path, b.status, b.path));
    }
    if a.iterations != b.iterations {
        return Some(format!("{} and {} iterations", a.iterations, b.iterations));
    }
    if a.finish.as_ref().map(|f| &f.state) != b.finish.as_ref().map(|f| &f.state) {
        return Some("states".to_owned());
    }
    let (few_a, few_b) = (few(a), few(b));
    let (m, k) = (&a.multipliers, &b.multipliers);
    [
        ("weights", &a.weights, &b.weights),
        ("trades", &a.trades, &b.trades),
        ("multipliers of rows", &m.rows, &k.rows),
        ("multipliers of bounds", &m.bounds, &k.bounds),
        ("multipliers of trades", &m.trades, &k.trades),
        ("certificate, objective, cap, margins", &few_a, &few_b),
    ]
    .into_iter()
    .find_map(|(what, a, b)| first(what, a, b))
}

fn few(solution: &Solution) -> Vec<f64> {
    let c = solution.certificate;
    let mut all =
        vec![c.primal, c.dual, c.complementarity, c.gap, solution.objective, solution.multipliers.cap];
    all.extend(solution.finish.iter().flat_map(|finish| [finish.primal_margin, finish.dual_margin]));
    all
}

fn first(what: &str, a: &[f64], b: &[f64]) -> Option<String> {
    if a.len() != b.len() {
        return Some(format!("{what}: {} and {} numbers", a.len(), b.len()));
    }
    let pairs = a.iter().zip(b).enumerate();
    pairs
        .filter(|(_, (a, b))| a.to_bits() != b.to_bits())
        .map(|(i, (a, b))| format!("{what}[{i}]: {a:e} and {b:e}"))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use samebits_canon::Isa;
    use samebits_qp::{Settings, Solver};
    use samebits_solver_cpu::ActiveSet;
    use samebits_testkit::{Form, Tracking};

    type Change = fn(&mut Solution);

    #[test]
    fn each_part_is_looked_at() {
        let problem = Tracking::new(8, 1).problem(Form::TaxLotsDense, 0.0);
        let settings = Settings::new(1e-9, 200);
        let own = ActiveSet::new(Isa::detect(), 1).solve(&problem, &settings).unwrap();
        assert_eq!(difference(&own, &own), None);
        let changes: [(&str, Change); 12] = [
            ("Infeasible", |s| s.status = samebits_qp::Status::Infeasible),
            ("iterations", |s| s.iterations += 1),
            ("states", |s| s.finish.as_mut().unwrap().state.trades[0] ^= 1),
            ("weights[3]", |s| flip(&mut s.weights[3])),
            ("trades[0]", |s| s.trades[0] = -s.trades[0]),
            ("of rows[1]", |s| flip(&mut s.multipliers.rows[1])),
            ("of bounds[7]", |s| flip(&mut s.multipliers.bounds[7])),
            ("of trades[2]", |s| flip(&mut s.multipliers.trades[2])),
            ("margins[5]", |s| flip(&mut s.multipliers.cap)),
            ("margins[1]", |s| flip(&mut s.certificate.dual)),
            ("margins[7]", |s| flip(&mut s.finish.as_mut().unwrap().dual_margin)),
            ("numbers", |s| s.weights.truncate(2)),
        ];
        for (part, change) in changes {
            let mut other = own.clone();
            change(&mut other);
            let found = difference(&own, &other).unwrap_or_default();
            assert!(found.contains(part), "{part}: {found}");
        }
    }

    fn flip(x: &mut f64) {
        *x = f64::from_bits(x.to_bits() ^ 1);
    }
}
