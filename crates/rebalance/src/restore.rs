//! The problem and the state of a recorded outcome, without any search.

use crate::book::Book;
use crate::decide::{RULES, RULES_1};
use crate::problem::{Model, Variable};
use crate::{Error, KNOWN_RULES, Policy};
use samebits_ledger::{Flows, open_day};
use samebits_qp::{Problem, State};
use samebits_snapshot::record::{Active, Inputs, Outcome, Side};

/// The problem of `inputs` with every conflict on the side that `outcome` records, and the state that it records.
/// Relaxed limits and a tightened cap are not put in.
///
/// # Errors
/// Inputs that contradict each other, unknown rules, and a state that does not fit the inputs.
pub fn restore(inputs: &Inputs, rules: &str, outcome: &Outcome) -> Result<(Problem, State), Error> {
    let policy = Policy::new(&inputs.params)?;
    let (opened, _) = open_day(&inputs.account, &inputs.market, &Flows::default())?;
    let n = inputs.market.securities.len();
    let Active { bounds, buys, sells, rows, .. } = &outcome.active;
    for (what, found, expected) in [
        ("outcome.sides", outcome.sides.len(), n),
        ("outcome.active.bounds", bounds.len(), n),
        ("outcome.active.buys", buys.len(), n),
        ("outcome.active.sells", sells.len(), inputs.account.lots.len()),
    ] {
        if found != expected {
            return Err(Error::Shape { what, found, expected });
        }
    }
    let book = match rules {
        RULES_1 => Book::new(&opened, &inputs.market, &policy)?,
        RULES => {
            let mut book = Book::open(&opened, &inputs.market, &policy)?;
            for conflict in book.conflicts(&inputs.market, &policy) {
                let bought = outcome.sides[conflict.buyable[0]] == Side::Buy;
                book.take_side(&conflict, if bought { Side::Buy } else { Side::Sell }, &policy);
            }
            book
        }
        other => return Err(Error::UnknownRules { wanted: other.to_owned(), known: KNOWN_RULES.join(", ") }),
    };
    let model = Model::new(inputs, &opened.realised, &book, &policy)?;
    let expected = model.problem.rows.len();
    if rows.len() < expected {
        return Err(Error::Shape { what: "outcome.active.rows", found: rows.len(), expected });
    }
    let code = |variable: &Variable| match *variable {
        Variable::Buy { security } => buys[security],
        Variable::Sell { security, rank } => sells[book.lots[security][rank].index],
    };
    // A code below zero is none that a state has: `State::check` names it.
    let trades =
        model.variables.iter().map(|variable| u8::try_from(code(variable)).unwrap_or(u8::MAX)).collect();
    let state = State { trades, bounds: bounds.clone(), rows: rows[..expected].to_vec() };
    Ok((model.problem, state))
}
