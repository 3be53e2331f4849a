//! The search over harvest sides (rules 2 and 3): which conflicts are bought and which have their losses sold.

use crate::book::{Book, GroupConflict, Terms};
use crate::problem::{Model, Variable};
use crate::{Error, Rules};
use samebits_canon::Isa;
use samebits_qp::sides::{self, Conflict, Searched, Side as Choice, Start, search};
use samebits_qp::{AT_ZERO, Risk, Settings, Solver, State};
use samebits_snapshot::record::{Harvest, RiskModel, Side, Value};
use std::collections::BTreeMap;

/// A problem with its conflicts.
pub(crate) struct Open<'a> {
    pub(crate) groups: Vec<GroupConflict>,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) model: &'a Model,
}

/// What is known before a search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known<'a> {
    /// Another book of the day, with its sides.
    pub(crate) book: Option<&'a Book>,
    /// Curvature of the bound.
    pub(crate) delta: Option<Vec<f64>>,
    /// An optimum with a larger objective is not wanted.
    pub(crate) cutoff: Option<f64>,
    /// A state near the optimum.
    pub(crate) state: Option<State>,
}

impl<'a> Open<'a> {
    /// The conflicts of `book`, which has them open, in the trades of `model`.
    pub(crate) fn new(book: &Book, model: &'a Model, terms: &Terms<'_>) -> Self {
        let groups = book.conflicts(terms);
        let conflicts = groups.iter().map(|group| in_trades(group, model)).collect();
        Self { groups, conflicts, model }
    }

    /// Puts every conflict of `book` on the side that the search finds. It starts from the sides of another book of
    /// the day, where one is `known`, then from the sell side, and gives up when neither has an optimum that is wanted.
    ///
    /// # Errors
    /// What the solver says of a malformed problem.
    pub(crate) fn choose(
        &self,
        book: &mut Book,
        terms: &Terms<'_>,
        known: Known<'_>,
        solver: &dyn Solver,
        settings: &Settings,
    ) -> Result<(Harvest, Searched), Error> {
        let problem = &self.model.problem;
        let mut sessions = vec![sides::session(solver, problem, settings)?];
        let Known { book: known, delta, cutoff, state } = known;
        let again = known.is_some();
        let sides: Option<Vec<Choice>> =
            known.map(|known| self.groups.iter().map(|group| side_in(known, group)).collect());
        let harvest = sides.as_ref().is_some_and(|sides| sides.contains(&Choice::Buy));
        let start = Start { sides, delta, from_optimum: again, cutoff, state };
        let mut found = search(&mut sessions, problem, &self.conflicts, start.clone(), solver.isa())?;
        if found.objective.is_none() && again && harvest {
            // Not with those sides: with every loss harvested, perhaps.
            let start = Start { sides: None, ..start };
            found = search(&mut sessions, problem, &self.conflicts, start, solver.isa())?;
        }
        drop(sessions);
        for (group, choice) in self.groups.iter().zip(&found.sides) {
            let side = if *choice == Choice::Sell { Side::Sell } else { Side::Buy };
            book.take_side(group, side, terms);
        }
        let harvest = Harvest {
            conflicts: self.conflicts.len() as u32,
            bought: found.sides.iter().filter(|side| **side == Choice::Buy).count() as u32,
            solves: found.solves,
            passes: found.passes,
            no_buy: found.no_buy,
            objective: found.objective,
            lower_bound: found.lower_bound,
        };
        Ok((harvest, found))
    }
}

/// The state of one problem of the day in the trades and rows of another one: what it does not have is at zero, or not held.
pub fn carried(state: &State, from: (&Book, &Model), to: (&Book, &Model)) -> State {
    let names = |(book, model): (&Book, &Model)| -> Vec<(usize, u8, usize)> {
        let name = |variable: &Variable| match *variable {
            Variable::Buy { security } => (security, 0, 0),
            Variable::Sell { security, rank } => (security, 1, book.lots[security][rank].index),
            Variable::Short { security } => (security, 2, 0),
            Variable::Cover { security, rank } => (security, 3, book.shorts[security][rank].index),
        };
        model.variables.iter().map(name).collect()
    };
    let places: BTreeMap<_, u8> = names(from).into_iter().zip(state.trades.iter().copied()).collect();
    let rows: BTreeMap<_, i8> =
        from.1.rows.iter().map(|tag| (tag.kind, &tag.name)).zip(state.rows.iter().copied()).collect();
    State {
        trades: names(to).iter().map(|name| places.get(name).copied().unwrap_or(AT_ZERO)).collect(),
        bounds: state.bounds.clone(),
        rows: to.1.rows.iter().map(|tag| rows.get(&(tag.kind, &tag.name)).copied().unwrap_or(0)).collect(),
    }
}

/// The part of `Sigma` that may be borrowed in the bound of a search (rules 3). Shrinkage towards a multiple of the
/// identity leaves at least `intensity x mean variance` of it; a thousandth less for the rounding to `f32`, shown to be
/// admissible by one factorisation. `None` where the risk model does not say, or says what is not so.
pub(crate) fn curvature(isa: Isa, terms: &Terms<'_>, risk: &RiskModel, model: &Model) -> Option<Vec<f64>> {
    let sigma = match &*model.problem.risk {
        Risk::Dense(sigma) if terms.rules >= Rules::Third => sigma,
        _ => return None,
    };
    let intensity = match risk.recipe.settings.get("shrinkage_intensity").map(|setting| &setting.value) {
        Some(Value::Real(intensity)) => *intensity,
        _ => return None,
    };
    let n = sigma.nrows();
    let mean = sigma.diag().iter().fold(0.0, |sum, variance| sum + variance) / n as f64;
    let delta = 0.999 * (intensity * mean);
    sides::is_curvature(isa, &model.problem.risk, delta).then(|| vec![delta; n])
}

/// The side that the group has in another book; the sell side where it is no conflict there.
fn side_in(known: &Book, group: &GroupConflict) -> Choice {
    if known.sides[group.first()] == Side::Buy { Choice::Buy } else { Choice::Sell }
}

fn in_trades(group: &GroupConflict, model: &Model) -> Conflict {
    let mut conflict = Conflict { buys: Vec::new(), sells: Vec::new() };
    for (t, variable) in model.variables.iter().enumerate() {
        match *variable {
            Variable::Buy { security } if group.buyable.contains(&security) => conflict.buys.push(t),
            Variable::Short { security } if group.shortable.contains(&security) => conflict.buys.push(t),
            Variable::Sell { security, rank } if group.lots.contains(&(security, rank)) => {
                conflict.sells.push(t);
            }
            Variable::Cover { security, rank } if group.shorts.contains(&(security, rank)) => {
                conflict.sells.push(t);
            }
            _ => {}
        }
    }
    conflict
}
