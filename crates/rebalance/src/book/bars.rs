//! What may not be bought, and what may not be sold short.

use super::Terms;
use crate::Error;
use std::collections::BTreeSet;

/// Why a security may not be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoBuy {
    /// A wash-sale lock of its group.
    Locked,
    /// The parameters `exclude` and `exclude_sectors`.
    Excluded,
    /// The parameter `no_buy`.
    Listed,
    /// A lot of its group is worth harvesting.
    Harvest,
    /// Shares of its group are owed: a purchase would be a position long and short at once.
    Short,
}

pub(super) fn bars(terms: &Terms<'_>) -> Result<Vec<Option<NoBuy>>, Error> {
    let market = terms.market;
    let locked: BTreeSet<u32> = locked_groups(terms, false);
    let owed: BTreeSet<u32> =
        terms.account.shorts.iter().map(|lot| terms.group(lot.security as usize)).collect();
    let of_group = |group: u32| match (locked.contains(&group), owed.contains(&group)) {
        (true, _) => Some(NoBuy::Locked),
        (_, true) => Some(NoBuy::Short),
        _ => None,
    };
    let mut bars: Vec<Option<NoBuy>> =
        market.securities.iter().map(|security| of_group(security.identity_group)).collect();
    for (name, list, bar) in
        [("no_buy", &terms.policy.no_buy, NoBuy::Listed), ("exclude", &terms.policy.exclude, NoBuy::Excluded)]
    {
        for at in named(terms, name, list)? {
            bars[at] = Some(bar);
        }
    }
    for sector in &terms.policy.exclude_sectors {
        let found = market.sectors.iter().position(|name| name == sector);
        let unknown = || Error::UnknownSector { sector: sector.clone(), as_of: market.as_of };
        let sector = found.ok_or_else(unknown)?;
        for (bar, security) in bars.iter_mut().zip(&market.securities) {
            if security.sector as usize == sector {
                *bar = Some(NoBuy::Excluded);
            }
        }
    }
    Ok(bars)
}

/// Names whose group is held long, is under a lock after a short closed at a loss, or that the policy lists; all of them
/// without a limit on short positions. In a group of several names no short position is begun: one of them could be bought
/// on the same day, which would be a position long and short at once.
pub(super) fn no_short(terms: &Terms<'_>) -> Result<Vec<bool>, Error> {
    let n = terms.market.securities.len();
    if terms.policy.short_gross_max.is_none() {
        return Ok(vec![true; n]);
    }
    let mut barred = locked_groups(terms, true);
    barred.extend(terms.account.lots.iter().map(|lot| terms.group(lot.security as usize)));
    let owed: BTreeSet<u32> =
        terms.account.shorts.iter().map(|lot| terms.group(lot.security as usize)).collect();
    let mut seen = BTreeSet::new();
    for i in 0..n {
        let group = terms.group(i);
        if !seen.insert(group) && !owed.contains(&group) {
            barred.insert(group);
        }
    }
    let mut no_short: Vec<bool> = (0..n).map(|i| barred.contains(&terms.group(i))).collect();
    for at in named(terms, "no_short", &terms.policy.no_short)? {
        no_short[at] = true;
    }
    Ok(no_short)
}

fn locked_groups(terms: &Terms<'_>, short: bool) -> BTreeSet<u32> {
    let in_force =
        |lock: &&samebits_snapshot::record::Lock| lock.short == short && terms.market.as_of <= lock.last;
    terms.account.locks.iter().filter(in_force).map(|lock| lock.group).collect()
}

fn named(terms: &Terms<'_>, name: &'static str, list: &[String]) -> Result<Vec<usize>, Error> {
    let one = |ticker: &String| {
        let found = terms.market.securities.iter().position(|security| security.ticker == *ticker);
        let as_of = terms.market.as_of;
        found.ok_or_else(|| Error::UnknownTicker { name, ticker: ticker.clone(), as_of })
    };
    list.iter().map(one).collect()
}
