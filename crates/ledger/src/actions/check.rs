//! What a corporate action must be like, and its undoing.

use crate::Error;
use samebits_snapshot::record::{Action, ActionKind, Market};
use samebits_units::{Bps, Price};
use std::collections::BTreeSet;

/// Ends the id of a reversal; a dividend of a negative amount is one.
const REVERSED: &str = "/reversed";

const ALL: Bps = Bps::from_hundredths(1_000_000);

/// Looks at every action before the first one is applied.
pub(crate) fn all(market: &Market) -> Result<(), Error> {
    let mut ids = BTreeSet::new();
    for action in &market.actions {
        let problem = if action.id.is_empty() {
            Some("the id is empty")
        } else if !ids.insert(&action.id) {
            Some("the id is there twice")
        } else {
            problem(action, market)
        };
        if let Some(problem) = problem {
            return Err(Error::Action { id: action.id.clone(), problem });
        }
    }
    Ok(())
}

fn problem(action: &Action, market: &Market) -> Option<&'static str> {
    let known = market.securities.len().min(market.prices.len());
    if action.security as usize >= known {
        return Some("the security is outside the universe");
    }
    let into = |into: Option<u32>| match into {
        Some(into) if into as usize >= known => Some("the other security is outside the universe"),
        Some(into) if into == action.security => Some("the other security is the same one"),
        _ => None,
    };
    let negative = |amount: Price| amount.is_negative().then_some("an amount is negative");
    let ratio = |new: u32, old: u32| (new == 0 || old == 0).then_some("the ratio has a zero");
    match &action.kind {
        ActionKind::Split { new, old } => ratio(*new, *old),
        ActionKind::Dividend { .. } if action.id.ends_with(REVERSED) => None,
        ActionKind::Dividend { amount, .. } | ActionKind::ReturnOfCapital { amount } => negative(*amount),
        ActionKind::SpinOff { into: child, new, old, basis, value } => {
            let part = (*basis < Bps::ZERO || *basis > ALL).then_some("the part of the basis is not 0 to 1");
            into(*child).or_else(|| ratio(*new, *old)).or(part).or_else(|| negative(*value))
        }
        ActionKind::Merger { into: other, new: 0, cash, value, .. } => {
            let nothing = cash.is_zero().then_some("neither shares nor cash are received");
            let shares = other.map(|_| "the ratio has a zero");
            negative(*cash).or_else(|| negative(*value)).or(shares).or(nothing)
        }
        ActionKind::Merger { into: other, new, old, cash, value } => into(*other)
            .or_else(|| ratio(*new, *old))
            .or_else(|| negative(*cash))
            .or_else(|| negative(*value)),
        ActionKind::SymbolChange { to, .. } => {
            let ticker = &market.securities[action.security as usize].ticker;
            (ticker != to).then_some("the market has another ticker than the new one")
        }
    }
}

/// The action that takes `action` back, under its id and `/reversed`, for a day on which the account has the position that
/// the action met or left: a correction is a reversal and a new action, never an edit.
///
/// A split comes back with `new` and `old` exchanged: exact when no millionth of a share was cut off and no fraction paid
/// out (always for whole multiples). A dividend comes back as the negative amount: exact for the same shares. A change of
/// ticker comes back with the tickers exchanged.
///
/// # Errors
/// [`Error::Action`] for a return of capital, a spin-off and a merger: gains that they realised and lots that have been
/// sold since cannot be told from the action; and for a reversal itself.
pub fn reverse(action: &Action) -> Result<Action, Error> {
    let refuse = |problem| Err(Error::Action { id: action.id.clone(), problem });
    if action.id.ends_with(REVERSED) {
        return refuse("it is a reversal already");
    }
    let kind = match &action.kind {
        ActionKind::Split { new, old } => ActionKind::Split { new: *old, old: *new },
        ActionKind::Dividend { amount, special } => {
            ActionKind::Dividend { amount: amount.negated()?, special: *special }
        }
        ActionKind::SymbolChange { from, to } => {
            ActionKind::SymbolChange { from: to.clone(), to: from.clone() }
        }
        ActionKind::ReturnOfCapital { .. } | ActionKind::SpinOff { .. } | ActionKind::Merger { .. } => {
            return refuse("it cannot be reversed exactly");
        }
    };
    Ok(Action { id: format!("{}{REVERSED}", action.id), security: action.security, kind })
}
