//! Why a conflict is on its side: the objective with the other one.

use super::view::View;
use crate::Error;
use samebits_qp::{State, Status};
use samebits_rebalance::{Book, Model, carried};
use samebits_snapshot::record::Side;
use serde::Serialize;

/// A conflict and both of its sides. Objectives are those that the search over sides compares: no soft limit, no rounding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideAnswer {
    /// Names of the conflict.
    pub names: Vec<String>,
    /// `buy` or `sell`: the recorded side.
    pub side: &'static str,
    /// Objective with the recorded side, basis points of net asset value.
    pub objective_bp: Option<f64>,
    /// Objective with the other side, every other conflict as recorded; absent when that has no optimum.
    pub other_bp: Option<f64>,
    /// What the other side would cost, basis points.
    pub difference_bp: Option<f64>,
}

/// The conflicts of the Run.
pub(crate) struct Sides<'a, 'v> {
    view: &'v View<'a>,
    /// The recorded state: every problem here is near its own.
    state: Option<State>,
    chosen: Option<f64>,
    open: Book,
    conflicts: Vec<samebits_rebalance::GroupConflict>,
}

impl<'a, 'v> Sides<'a, 'v> {
    pub(crate) fn new(view: &'v View<'a>) -> Result<Self, Error> {
        let terms = view.seen.terms(&view.run.inputs);
        let open = Book::open(&terms)?;
        let conflicts = open.conflicts(&terms);
        let state = view.seen.state(&view.run.outcome.active).ok();
        let recorded = &view.seen.model;
        let chosen = if conflicts.is_empty() { None } else { objective(view, recorded, state.as_ref())? };
        Ok(Self { view, state, chosen, open, conflicts })
    }

    /// The answer for security `i`; `None` when it is in no conflict.
    pub(crate) fn of(&self, i: usize) -> Result<Option<SideAnswer>, Error> {
        let view = self.view;
        let mine = |k: &usize| {
            let conflict = &self.conflicts[*k];
            let held = conflict.lots.iter().chain(&conflict.shorts).any(|(security, _)| *security == i);
            held || conflict.buyable.contains(&i) || conflict.shortable.contains(&i)
        };
        let Some(wanted) = (0..self.conflicts.len()).find(mine) else { return Ok(None) };
        let terms = view.seen.terms(&view.run.inputs);
        let recorded = |k: usize| match view.seen.book.sides[self.conflicts[k].first()] {
            Side::Buy => Side::Buy,
            Side::Sell | Side::Free => Side::Sell,
        };
        let mut book = self.open.clone();
        for (k, conflict) in self.conflicts.iter().enumerate() {
            let side = match (k == wanted, recorded(k)) {
                (true, Side::Buy) => Side::Sell,
                (true, _) => Side::Buy,
                (false, side) => side,
            };
            book.take_side(conflict, side, &terms);
        }
        let model = Model::new(&view.run.inputs, &terms, &book, &view.gains)?;
        let near = self
            .state
            .as_ref()
            .map(|state| carried(state, (&view.seen.book, &view.seen.model), (&book, &model)));
        let other = objective(view, &model, near.as_ref())?;
        let conflict = &self.conflicts[wanted];
        let mut names: Vec<usize> = conflict.buyable.iter().chain(&conflict.shortable).copied().collect();
        names.extend(conflict.lots.iter().chain(&conflict.shorts).map(|(security, _)| *security));
        names.sort_unstable();
        names.dedup();
        let difference = self.chosen.zip(other).map(|(chosen, other)| other - chosen);
        let bp = |value: f64| value * 1e4;
        Ok(Some(SideAnswer {
            names: names.into_iter().map(|name| view.ticker(name).to_owned()).collect(),
            side: if recorded(wanted) == Side::Buy { "buy" } else { "sell" },
            objective_bp: self.chosen.map(bp),
            other_bp: other.map(bp),
            difference_bp: difference.map(bp),
        }))
    }
}

fn objective(view: &View<'_>, model: &Model, from: Option<&State>) -> Result<Option<f64>, Error> {
    let solved = match from {
        Some(from) => view.solver.solve_from(&model.problem, &view.settings, from),
        None => view.solver.solve(&model.problem, &view.settings),
    };
    let solved = solved.map_err(samebits_rebalance::Error::from)?;
    Ok((solved.status == Status::Optimal).then_some(solved.objective))
}
