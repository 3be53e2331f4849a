//! The problem and the state of a recorded outcome, without any search.

use crate::book::{Book, Marginal, Terms};
use crate::decide::terms;
use crate::netting;
use crate::problem::{Model, Variable};
use crate::{Error, Policy, Rules};
use samebits_ledger::{law_of, open_day};
use samebits_qp::{Problem, State};
use samebits_snapshot::record::{Account, Active, Event, Inputs, Law, Netted, Outcome, RowKind, Side};

/// A recorded decision as its problem again.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The account after the day has opened.
    pub opened: Account,
    /// What opened it.
    pub opening: Vec<Event>,
    /// The law of the account.
    pub law: Law,
    /// The parameters.
    pub policy: Policy,
    /// Version of the rules.
    pub rules: Rules,
    /// Rates that the decision was made on.
    pub marginal: Marginal,
    /// The account in weights, every conflict on its recorded side.
    pub book: Book,
    /// The problem, without relaxed limits and tightened caps.
    pub model: Model,
}

impl Seen {
    /// The terms that the book was made under.
    pub fn terms<'a>(&'a self, inputs: &'a Inputs) -> Terms<'a> {
        Terms { marginal: self.marginal, ..terms(inputs, &self.opened, &self.law, &self.policy, self.rules) }
    }
}

/// The decision of `outcome` on `inputs` under `rules` as its problem again.
///
/// # Errors
/// Inputs that contradict each other, unknown rules, an outcome that does not fit the inputs.
pub fn see(inputs: &Inputs, rules: &str, outcome: &Outcome) -> Result<Seen, Error> {
    chosen(inputs, rules, &outcome.sides, outcome.netted.as_ref())
}

/// The problem of `inputs` with every conflict on its side, on the recorded piece of the tax.
pub(crate) fn chosen(
    inputs: &Inputs,
    rules: &str,
    sides: &[Side],
    netted: Option<&Netted>,
) -> Result<Seen, Error> {
    let rules: Rules = rules.parse()?;
    let policy = Policy::new(&inputs.params)?;
    let (opened, opening) = open_day(&inputs.account, &inputs.market, &policy.flows)?;
    let n = inputs.market.securities.len();
    if sides.len() != n {
        return Err(Error::Shape { what: "outcome.sides", found: sides.len(), expected: n });
    }
    let law = law_of(&opened, &inputs.market)?;
    let plain = terms(inputs, &opened, law, &policy, rules);
    let mut gains = Vec::new();
    let mut own = plain;
    if let Some(netted) = netted {
        own = netting::under(&plain, netting::marginal_of(&opened, law, &netted.piece)?);
        // Without an optimum on any piece the decision dropped their limits.
        if netted.tried.iter().any(|(_, objective)| objective.is_some()) {
            let open = Book::open(&plain)?;
            let pieces = netting::reachable(&opened, law, &open, &policy)?;
            let found = pieces.into_iter().find(|piece| piece.name == netted.piece);
            let unknown = || Error::UnknownPiece { law: law.id.clone(), piece: netted.piece.clone() };
            let piece = found.ok_or_else(unknown)?;
            own = netting::under(&plain, piece.marginal);
            gains = piece.rows;
        }
    }
    let mut book = Book::open(&own)?;
    for conflict in book.conflicts(&own) {
        let bought = rules > Rules::First && sides[conflict.first()] == Side::Buy;
        book.take_side(&conflict, if bought { Side::Buy } else { Side::Sell }, &own);
    }
    let model = Model::new(inputs, &own, &book, &gains)?;
    let (marginal, law) = (own.marginal, law.clone());
    Ok(Seen { opened, opening, law, policy, rules, marginal, book, model })
}

/// The problem of `inputs` with every conflict on the side that `outcome` records, and the state that it records.
/// Relaxed limits and a tightened cap are not put in; a cap that a soft limit led to is.
///
/// # Errors
/// Inputs that contradict each other, unknown rules, and a state that does not fit the inputs.
pub fn restore(inputs: &Inputs, rules: &str, outcome: &Outcome) -> Result<(Problem, State), Error> {
    let seen = see(inputs, rules, outcome)?;
    let state = seen.state(&outcome.active)?;
    let mut problem = seen.model.problem;
    if seen.policy.tracking_error_soft.is_some() {
        let row = outcome.rows.iter().find(|row| row.kind == RowKind::TrackingError);
        problem.risk_cap = row.and_then(|row| row.upper);
    }
    Ok((problem, state))
}

impl Seen {
    /// The state of the problem that `active` records.
    ///
    /// # Errors
    /// [`Error::Shape`] for one of another problem.
    pub fn state(&self, active: &Active) -> Result<State, Error> {
        let Self { opened, book, model, .. } = self;
        let n = book.lots.len();
        let Active { bounds, buys, sells, shorts, covers, rows } = active;
        let shorting = if self.policy.short_gross_max.is_some() { n } else { 0 };
        for (what, found, expected) in [
            ("outcome.active.bounds", bounds.len(), n),
            ("outcome.active.buys", buys.len(), n),
            ("outcome.active.sells", sells.len(), opened.lots.len()),
            ("outcome.active.shorts", shorts.len(), shorting),
            ("outcome.active.covers", covers.len(), opened.shorts.len()),
        ] {
            if found != expected {
                return Err(Error::Shape { what, found, expected });
            }
        }
        let expected = model.problem.rows.len();
        if rows.len() < expected {
            return Err(Error::Shape { what: "outcome.active.rows", found: rows.len(), expected });
        }
        let code = |variable: &Variable| match *variable {
            Variable::Buy { security } => buys[security],
            Variable::Sell { security, rank } => sells[book.lots[security][rank].index],
            Variable::Short { security } => shorts[security],
            Variable::Cover { security, rank } => covers[book.shorts[security][rank].index],
        };
        // A code below zero is none that a state has: `State::check` names it.
        let trades =
            model.variables.iter().map(|variable| u8::try_from(code(variable)).unwrap_or(u8::MAX)).collect();
        Ok(State { trades, bounds: bounds.clone(), rows: rows[..expected].to_vec() })
    }
}
