//! The search over harvest sides (rules 2): which conflicts are bought and which have their losses sold.

use crate::Error;
use crate::book::{Book, GroupConflict, Terms};
use crate::problem::{Model, Variable};
use samebits_qp::sides::{self, Conflict, Side as Choice, search};
use samebits_qp::{Settings, Solver};
use samebits_snapshot::record::{Harvest, Side};

/// Puts every conflict of `book`, which has them open, on the side that the search finds for `model`, the problem with
/// all of them open. The search starts from the `known` sides of another book of the day, where there is one.
///
/// # Errors
/// What the solver says of a malformed problem.
pub(crate) fn choose(
    book: &mut Book,
    model: &Model,
    terms: &Terms<'_>,
    known: Option<&Book>,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Harvest, Error> {
    let groups = book.conflicts(terms);
    let conflicts: Vec<Conflict> = groups.iter().map(|group| in_trades(group, model)).collect();
    let mut sessions = vec![sides::session(solver, &model.problem, settings)?];
    let start: Option<Vec<Choice>> =
        known.map(|known| groups.iter().map(|group| side_in(known, group)).collect());
    let found = search(&mut sessions, &model.problem, &conflicts, start.as_deref(), solver.isa())?;
    drop(sessions);
    for (group, choice) in groups.iter().zip(&found.sides) {
        let side = if *choice == Choice::Sell { Side::Sell } else { Side::Buy };
        book.take_side(group, side, terms);
    }
    Ok(Harvest {
        conflicts: conflicts.len() as u32,
        bought: found.sides.iter().filter(|side| **side == Choice::Buy).count() as u32,
        solves: found.solves,
        passes: found.passes,
        no_buy: found.no_buy,
        objective: found.objective,
        lower_bound: found.lower_bound,
    })
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
