//! What the rows of a record are made from.

use crate::Error;
use parquet::data_type::ByteArray;
use samebits_canon::dot;
use samebits_ledger::apply;
use samebits_snapshot::record::{Account, Event, Market, RiskModel, Run, Trade};
use samebits_snapshot::{Digest, account_id};
use samebits_units::{Date, Money, Price, Qty, rate};
use std::rc::Rc;
use std::sync::Arc;

/// Markets and risk models of a day that are kept; accounts of a day share one or few.
const DAYS: usize = 8;

/// Where a record stands: columns that every table has.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) run_id: Digest,
    pub(crate) account: ByteArray,
    pub(crate) as_of: Date,
    /// What took its place.
    pub(crate) superseded_by: Option<Digest>,
    /// For people.
    pub(crate) name: String,
}

/// A market and a risk model, as every record that refers to them reads them.
pub(crate) struct Day {
    market: Arc<Market>,
    risk: Arc<RiskModel>,
    pub(crate) tickers: Vec<ByteArray>,
    /// Sector of each security.
    pub(crate) sectors: Vec<ByteArray>,
    exposures: Vec<Exposure>,
}

/// Something that a portfolio is exposed to.
struct Exposure {
    kind: &'static str,
    name: ByteArray,
    /// One number a security.
    of_security: Vec<f64>,
    benchmark: f64,
}

/// The days that were read last.
#[derive(Default)]
pub(crate) struct Days(Vec<Rc<Day>>);

impl Days {
    /// The day of a Run.
    pub(crate) fn of(&mut self, place: &Place, run: &Run) -> Result<Rc<Day>, Error> {
        let (market, risk) = (&run.inputs.market, &run.inputs.risk);
        let same = |day: &&Rc<Day>| Arc::ptr_eq(&day.market, market) && Arc::ptr_eq(&day.risk, risk);
        if let Some(day) = self.0.iter().find(same) {
            return Ok(Rc::clone(day));
        }
        let day = Rc::new(Day::new(place, market, risk)?);
        if self.0.len() == DAYS {
            self.0.remove(0);
        }
        self.0.push(Rc::clone(&day));
        Ok(day)
    }
}

impl Day {
    fn new(place: &Place, market: &Arc<Market>, risk: &Arc<RiskModel>) -> Result<Self, Error> {
        let n = market.securities.len();
        let loadings = &risk.loadings;
        for (what, found, expected) in [
            ("prices", market.prices.len(), n),
            ("benchmark weights", market.benchmark.weights.len(), n),
            ("rows of loadings", loadings.rows, n),
            ("columns of loadings", loadings.cols, risk.factors.len()),
            ("loadings", loadings.values.len(), loadings.rows.saturating_mul(loadings.cols)),
        ] {
            place.length(what, found, expected)?;
        }
        let names: Vec<ByteArray> = market.sectors.iter().map(|name| name.as_str().into()).collect();
        let sector_of = |index: u32| {
            names.get(index as usize).cloned().ok_or_else(|| place.outside("sector", index, names.len()))
        };
        let exposure = |kind, name: &ByteArray, of_security: Vec<f64>| {
            let benchmark = dot(&of_security, &market.benchmark.weights);
            Exposure { kind, name: name.clone(), of_security, benchmark }
        };
        let column = |k| (0..n).map(|i| f64::from(loadings.values[i * loadings.cols + k])).collect();
        let factors =
            (0..).zip(&risk.factors).map(|(k, name)| exposure("factor", &name.as_str().into(), column(k)));
        let inside = |k| {
            let is = |sector: u32| f64::from(u8::from(sector as usize == k));
            market.securities.iter().map(|security| is(security.sector)).collect()
        };
        let sectors = (0..).zip(&names).map(|(k, name)| exposure("sector", name, inside(k)));
        Ok(Self {
            market: Arc::clone(market),
            risk: Arc::clone(risk),
            tickers: market.securities.iter().map(|security| security.ticker.as_str().into()).collect(),
            sectors: market
                .securities
                .iter()
                .map(|security| sector_of(security.sector))
                .collect::<Result<_, _>>()?,
            exposures: factors.chain(sectors).collect(),
        })
    }
}

impl Place {
    pub(crate) fn length(&self, what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
        if found == expected {
            return Ok(());
        }
        Err(Error::Length { run: self.name.clone(), what, found, expected })
    }

    pub(crate) fn outside(&self, what: &'static str, index: impl Into<u64>, known: usize) -> Error {
        Error::Outside { run: self.name.clone(), what, index: index.into(), known }
    }

    fn sum(&self) -> impl FnOnce(samebits_units::Error) -> Error {
        let run = self.name.clone();
        |source| Error::Units { run, source }
    }
}

/// A record with what is derived from it.
pub(crate) struct Record<'a> {
    pub(crate) place: &'a Place,
    pub(crate) run: &'a Run,
    pub(crate) day: Rc<Day>,
    /// The account after the day's events.
    pub(crate) after: Account,
    /// Shares of each security in it; negative when they are owed.
    pub(crate) shares: Vec<Qty>,
    /// Value of the shares at the day's prices as a fraction of net asset value before trading, one a security.
    pub(crate) weights: Vec<f64>,
}

impl<'a> Record<'a> {
    /// Derives what the tables show beyond the record's own fields.
    pub(crate) fn new(place: &'a Place, run: &'a Run, day: Rc<Day>) -> Result<Self, Error> {
        let outcome = &run.outcome;
        let after = apply(&run.inputs.account, &outcome.events)
            .map_err(|source| Error::Ledger { run: place.name.clone(), source })?;
        if account_id(&after)? != outcome.stages.account_after {
            return Err(Error::AccountAfter { run: place.name.clone() });
        }
        let n = day.tickers.len();
        // A decision that ended without an answer may have no weights.
        if !outcome.weights.is_empty() {
            place.length("target weights", outcome.weights.len(), n)?;
        }
        let shares = positions(place, &after, n)?;
        let nav = outcome.totals.nav_before;
        let weight = |(shares, price): (&Qty, &Price)| Ok(rate::fraction(price.value(*shares)?, nav));
        let weights = shares.iter().zip(&day.market.prices).map(weight).collect::<Result<_, _>>();
        let weights = weights.map_err(place.sum())?;
        Ok(Self { place, run, day, after, shares, weights })
    }

    /// Ticker of a security that the record names.
    pub(crate) fn ticker(&self, security: u32) -> Result<ByteArray, Error> {
        let tickers = &self.day.tickers;
        let ticker = tickers.get(security as usize).cloned();
        ticker.ok_or_else(|| self.place.outside("security", security, tickers.len()))
    }

    /// Close of the day of a security whose ticker was found.
    pub(crate) fn price(&self, security: u32) -> Price {
        self.day.market.prices[security as usize]
    }

    /// Kind, name, portfolio, benchmark, active: of each factor, then of each sector.
    pub(crate) fn exposures(&self) -> impl Iterator<Item = (&'static str, ByteArray, [f64; 3])> {
        self.day.exposures.iter().map(|exposure| {
            let portfolio = dot(&exposure.of_security, &self.weights);
            let values = [portfolio, exposure.benchmark, portfolio - exposure.benchmark];
            (exposure.kind, exposure.name.clone(), values)
        })
    }

    /// Loss of a closing trade that was disallowed on the day of the trade; `None` when the events do not say it: several
    /// trades closed parts of the lot.
    pub(crate) fn disallowed(&self, trade: &Trade) -> Result<Option<Money>, Error> {
        let outcome = &self.run.outcome;
        let of_lot = |other: &&Trade| !opens(other) && other.lot == trade.lot;
        if outcome.trades.iter().filter(of_lot).count() > 1 {
            return Ok(None);
        }
        let losses = outcome.events.iter().filter_map(|event| match *event {
            Event::WashDefer { sold_lot: lot, sold: day, loss, .. }
            | Event::WashOutside { sold_lot: lot, sold: day, loss, .. }
            | Event::ShortDefer { closed_lot: lot, closed: day, loss, .. } => {
                (lot == trade.lot && day == self.place.as_of).then_some(loss)
            }
            _ => None,
        });
        Money::total(losses).map(Some).map_err(self.place.sum())
    }
}

/// Whether a trade opens a lot.
pub(crate) fn opens(trade: &Trade) -> bool {
    use samebits_snapshot::record::TradeSide::{Buy, Short};
    matches!(trade.side, Buy | Short)
}

/// Shares of each security, negative when owed.
fn positions(place: &Place, account: &Account, n: usize) -> Result<Vec<Qty>, Error> {
    let mut shares = vec![Qty::ZERO; n];
    let held = account.lots.iter().map(|lot| (lot.security, Ok(lot.quantity)));
    let owed = account.shorts.iter().map(|lot| (lot.security, lot.quantity.negated()));
    for (security, quantity) in held.chain(owed) {
        let position =
            shares.get_mut(security as usize).ok_or_else(|| place.outside("security", security, n))?;
        *position = quantity.and_then(|quantity| position.plus(quantity)).map_err(place.sum())?;
    }
    Ok(shares)
}
