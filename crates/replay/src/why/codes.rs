//! Reason codes: one primary code a trade, by its largest marginal term.

use super::Term;
use samebits_rebalance::Part;
use samebits_snapshot::record::{RowKind, TradeSide};
use serde::Serialize;

/// Why a trade was made. A closed list; equal terms go to the earlier code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// A loss was realised in the short-term bucket.
    HarvestSt,
    /// A loss was realised in the long-term bucket.
    HarvestLt,
    /// Bought in the place of a harvested name.
    Replace,
    /// The marginal risk, or the expected return, of the name.
    RebalanceRisk,
    /// The price of a factor limit.
    FactorLimit,
    /// The price of a sector limit.
    SectorLimit,
    /// The price of a weight bound, of the turnover limit or of a limit on gross positions.
    Cap,
    /// There was more cash than the limits allow.
    CashIn,
    /// Cash had to be raised.
    CashOut,
    /// The name is excluded.
    ExitExcluded,
    /// The price of a gain budget.
    GainBudget,
    /// The price of the tracking-error cap, hard or soft.
    TeCap,
    /// A short position was bought back.
    Cover,
    /// A borrow was recalled. No record holds recalls, so no trade has this code.
    BorrowRecall,
    /// Bought on the first decision after the name's lock ended.
    UnlockReturn,
    /// The continuous optimum does not have the trade.
    Rounding,
}

impl Code {
    /// Every code, in the order of the list.
    pub const ALL: [Self; 16] = [
        Self::HarvestSt,
        Self::HarvestLt,
        Self::Replace,
        Self::RebalanceRisk,
        Self::FactorLimit,
        Self::SectorLimit,
        Self::Cap,
        Self::CashIn,
        Self::CashOut,
        Self::ExitExcluded,
        Self::GainBudget,
        Self::TeCap,
        Self::Cover,
        Self::BorrowRecall,
        Self::UnlockReturn,
        Self::Rounding,
    ];

    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HarvestSt => "HARVEST_ST",
            Self::HarvestLt => "HARVEST_LT",
            Self::Replace => "REPLACE",
            Self::RebalanceRisk => "REBALANCE_RISK",
            Self::FactorLimit => "FACTOR_LIMIT",
            Self::SectorLimit => "SECTOR_LIMIT",
            Self::Cap => "CAP",
            Self::CashIn => "CASH_IN",
            Self::CashOut => "CASH_OUT",
            Self::ExitExcluded => "EXIT_EXCLUDED",
            Self::GainBudget => "GAIN_BUDGET",
            Self::TeCap => "TE_CAP",
            Self::Cover => "COVER",
            Self::BorrowRecall => "BORROW_RECALL",
            Self::UnlockReturn => "UNLOCK_RETURN",
            Self::Rounding => "ROUNDING",
        }
    }
}

/// The primary reason of a trade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The code.
    pub code: Code,
    /// Of [`Code::Replace`]: the harvested name.
    pub of: Option<String>,
    /// The term that decided; empty where none did.
    pub term: String,
    /// Its value, basis points of net asset value per 1 % traded.
    pub bp: f64,
}

impl Reason {
    /// The code, with the name that it refers to.
    pub fn text(&self) -> String {
        self.of
            .as_ref()
            .map_or_else(|| self.code.name().to_owned(), |of| format!("{}({of})", self.code.name()))
    }
}

/// What the codes depend on besides the terms.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each of its own")]
pub(crate) struct Facts {
    pub(crate) side: TradeSide,
    /// The lot's result counts as long-term.
    pub(crate) long_bucket: bool,
    pub(crate) excluded: bool,
    /// The continuous optimum trades the name in this direction.
    pub(crate) at_optimum: bool,
    /// Cash had to be invested: a contribution, or more than the limit before trading.
    pub(crate) cash_in: bool,
    /// Cash had to be raised: a withdrawal, or less than the limit before trading.
    pub(crate) cash_out: bool,
    /// A lock of the group ended since the decision before.
    pub(crate) unlocked: bool,
    /// The harvested name that the purchase replaces.
    pub(crate) replaces: Option<String>,
}

/// The primary reason of a trade with these `terms`; `kinds` are those of the problem's rows.
pub(crate) fn primary(terms: &[Term], kinds: &[RowKind], facts: &Facts) -> Reason {
    let plain = |code| Reason { code, of: None, term: String::new(), bp: 0.0 };
    if !facts.at_optimum {
        return plain(Code::Rounding);
    }
    let mut best: Option<Reason> = None;
    for (code, term) in merged(terms, kinds, facts) {
        let ahead = |known: &Reason| term.bp < known.bp || (term.bp <= known.bp && code < known.code);
        if term.bp < 0.0 && best.as_ref().is_none_or(ahead) {
            let of = (code == Code::Replace).then(|| facts.replaces.clone()).flatten();
            best = Some(Reason { code, of, term: term.what, bp: term.bp });
        }
    }
    let best = best.unwrap_or_else(|| plain(Code::Rounding));
    if facts.side == TradeSide::Cover { Reason { code: Code::Cover, of: None, ..best } } else { best }
}

/// The terms with their codes; the tax of the lot and the prices of its piece of the year's tax are one term.
fn merged(terms: &[Term], kinds: &[RowKind], facts: &Facts) -> Vec<(Code, Term)> {
    let mut all: Vec<(Code, Term)> = Vec::new();
    for term in terms {
        let Some(code) = term.part.and_then(|part| code(part, kinds, facts)) else { continue };
        let tax = |code: Code| matches!(code, Code::HarvestSt | Code::HarvestLt);
        match all.iter_mut().find(|(known, _)| tax(code) && *known == code) {
            Some((_, known)) => known.bp += term.bp,
            None => all.push((code, term.clone())),
        }
    }
    all
}

/// The code of a term; none of a cost, which speaks against every trade.
fn code(part: Part, kinds: &[RowKind], facts: &Facts) -> Option<Code> {
    let harvest = if facts.long_bucket { Code::HarvestLt } else { Code::HarvestSt };
    Some(match part {
        Part::Tax => harvest,
        Part::Cost | Part::Borrow => return None,
        Part::Risk | Part::Reward => risk(facts),
        Part::Cap => Code::TeCap,
        Part::Bound if facts.excluded => Code::ExitExcluded,
        Part::Bound => Code::Cap,
        Part::Row(r) => match kinds.get(r)? {
            RowKind::Budget if facts.cash_in && facts.side == TradeSide::Buy => Code::CashIn,
            RowKind::Budget if facts.cash_out && !facts.side.pays() => Code::CashOut,
            // Otherwise cash is what another trade left or needs: the trade answers to that one.
            RowKind::Budget => risk(facts),
            RowKind::Factor => Code::FactorLimit,
            RowKind::Sector => Code::SectorLimit,
            RowKind::GainBudget => Code::GainBudget,
            RowKind::TrackingError => Code::TeCap,
            RowKind::Turnover | RowKind::LongGross | RowKind::ShortGross => Code::Cap,
            RowKind::Netting => harvest,
        },
    })
}

/// What the wanted position of the name goes back to.
fn risk(facts: &Facts) -> Code {
    match facts {
        Facts { side: TradeSide::Buy, unlocked: true, .. } => Code::UnlockReturn,
        Facts { side: TradeSide::Buy, replaces: Some(_), .. } => Code::Replace,
        _ => Code::RebalanceRisk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [RowKind; 9] = [
        RowKind::Budget,
        RowKind::Factor,
        RowKind::Sector,
        RowKind::Turnover,
        RowKind::GainBudget,
        RowKind::TrackingError,
        RowKind::LongGross,
        RowKind::ShortGross,
        RowKind::Netting,
    ];

    fn term(part: Part, bp: f64) -> Term {
        Term { what: format!("{part:?}"), bp, part: Some(part) }
    }

    fn facts(side: TradeSide) -> Facts {
        Facts {
            side,
            long_bucket: false,
            excluded: false,
            at_optimum: true,
            cash_in: false,
            cash_out: false,
            unlocked: false,
            replaces: None,
        }
    }

    /// A term alone, in the situation that its code asks for; a smaller one of another code changes nothing.
    #[test]
    fn every_code_that_can_occur() {
        let (buy, sell) = (facts(TradeSide::Buy), facts(TradeSide::Sell));
        let cases = [
            (Code::HarvestSt, Part::Tax, sell.clone()),
            (Code::HarvestLt, Part::Tax, Facts { long_bucket: true, ..sell.clone() }),
            (Code::HarvestSt, Part::Row(8), sell.clone()),
            (Code::Replace, Part::Risk, Facts { replaces: Some("X".into()), ..buy.clone() }),
            (Code::RebalanceRisk, Part::Risk, buy.clone()),
            (Code::RebalanceRisk, Part::Reward, facts(TradeSide::Short)),
            (Code::RebalanceRisk, Part::Row(0), sell.clone()),
            (Code::FactorLimit, Part::Row(1), buy.clone()),
            (Code::SectorLimit, Part::Row(2), buy.clone()),
            (Code::Cap, Part::Bound, sell.clone()),
            (Code::Cap, Part::Row(6), sell.clone()),
            (Code::CashIn, Part::Row(0), Facts { cash_in: true, ..buy.clone() }),
            (Code::CashOut, Part::Row(0), Facts { cash_out: true, ..sell.clone() }),
            (Code::ExitExcluded, Part::Bound, Facts { excluded: true, ..sell.clone() }),
            (Code::GainBudget, Part::Row(4), sell.clone()),
            (Code::TeCap, Part::Cap, buy.clone()),
            (Code::Cover, Part::Risk, facts(TradeSide::Cover)),
            (Code::UnlockReturn, Part::Risk, Facts { unlocked: true, ..buy.clone() }),
            (Code::Rounding, Part::Risk, Facts { at_optimum: false, ..buy.clone() }),
        ];
        for (code, part, facts) in &cases {
            let other = if *part == Part::Cap { Part::Row(2) } else { Part::Cap };
            let terms = [term(other, -1.0), term(*part, -2.0), term(Part::Cost, 3.0)];
            assert_eq!(primary(&terms, &KINDS, facts).code, *code, "{part:?} {facts:?}");
        }
        let seen: std::collections::BTreeSet<Code> = cases.iter().map(|case| case.0).collect();
        let never: Vec<Code> = Code::ALL.into_iter().filter(|code| !seen.contains(code)).collect();
        assert_eq!(never, [Code::BorrowRecall]);
    }

    #[test]
    fn equal_terms_go_to_the_earlier_code_and_tax_is_one_term() {
        let sell = facts(TradeSide::Sell);
        let tie = [term(Part::Cap, -1.0), term(Part::Row(2), -1.0), term(Part::Risk, -1.0)];
        assert_eq!(primary(&tie, &KINDS, &sell).code, Code::RebalanceRisk);
        // What the piece of the tax takes away from the loss is taken from it before it is compared.
        let piece = [term(Part::Tax, -5.0), term(Part::Row(8), 4.5), term(Part::Risk, -1.0)];
        assert_eq!(primary(&piece, &KINDS, &sell).code, Code::RebalanceRisk);
        // Terms against the trade never decide, however large.
        let against = [term(Part::Tax, 9.0), term(Part::Row(1), -0.1)];
        assert_eq!(primary(&against, &KINDS, &sell).code, Code::FactorLimit);
        assert_eq!(primary(&[term(Part::Risk, 1.0)], &KINDS, &sell).code, Code::Rounding);
    }

    #[test]
    fn the_list_is_closed_and_in_order() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(Code::ALL.windows(2).all(|pair| pair[0].name() != pair[1].name()));
    }
}
