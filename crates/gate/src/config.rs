//! The rules of a symbol, and strategies, as a scenario writes them.

use crate::strategies::QuoteMaker;
use samebits_executor::{
    Allocation, Crossed, Depth, FeedClock, Fees, Instrument, Latency, Market, OnArrival, Phase, QueueModel,
    Reading, Rounding, Rules, Script, SelfTrade, Slippage, Step, Strategy, Through, Tier, Triggered,
};
use serde::Deserialize;

/// A symbol and its rules.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SymbolSpec {
    pub(crate) name: String,
    tick: Option<String>,
    lot: Option<String>,
    pub(crate) market: Option<String>,
    price_step: Option<i64>,
    lot_step: Option<i64>,
    min_lots: Option<i64>,
    max_lots: Option<i64>,
    /// Minor units in a tick times a lot: `num/den`.
    value: Option<String>,
    fee_rounding: Option<String>,
    queue: Option<String>,
    allocation: Option<String>,
    through: Option<String>,
    triggered: Option<String>,
    depth: Option<String>,
    on_arrival: Option<String>,
    self_trade: Option<String>,
    slippage: Option<String>,
    fees: Vec<TierSpec>,
    fee_per_lot: Option<i64>,
    fee_minimum: Option<i64>,
    latency: LatencySpec,
    in_order: Option<bool>,
    feed_clock: Option<String>,
    price_band_bps: Option<i64>,
    protection_bps: Option<i64>,
    position_limit: Option<i64>,
    crossed: Option<String>,
    join_window_ns: Option<i64>,
    phase: Option<String>,
}

/// A fee tier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierSpec {
    from: i64,
    maker: i64,
    taker: i64,
}

/// Latency by leg, as text: `500`, `series:previous:0/10,200/30`, `drawn:7:10,20,30`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LatencySpec {
    feed: Option<String>,
    submit: Option<String>,
    cancel: Option<String>,
    replace: Option<String>,
    report: Option<String>,
}

/// A strategy: a script, or one of ours by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StrategySpec {
    pub(crate) name: String,
    script: Option<String>,
    quote: Option<QuoteSpec>,
}

/// Parameters of the quote maker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuoteSpec {
    symbol: String,
    lots: i64,
    every_ns: i64,
    /// Ticks behind the best price.
    behind: i64,
    position_limit: i64,
}

/// One of several named values.
fn named<T>(what: &str, text: Option<&String>, default: T, all: &[(&str, T)]) -> Result<T, String>
where
    T: Clone,
{
    let Some(text) = text else { return Ok(default) };
    let found = all.iter().find(|(name, _)| name == text);
    found.map(|(_, value)| value.clone()).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        format!("{what} `{text}`: expected one of {}", known.join(", "))
    })
}

fn integer(what: &str, text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{what}: `{text}` is not an integer"))
}

fn fraction(what: &str, text: &str) -> Result<(i64, i64), String> {
    let (up, down) = text.split_once('/').ok_or_else(|| format!("{what} `{text}`: expected a/b"))?;
    let parts = (integer(what, up)?, integer(what, down)?);
    if parts.1 > 0 {
        Ok(parts)
    } else {
        Err(format!("{what} `{text}`: the part below the line must be positive"))
    }
}

fn latency(text: Option<&String>) -> Result<Latency, String> {
    let what = "latency";
    let Some(text) = text else { return Ok(Latency::default()) };
    let list = |text: &str| -> Result<Vec<i64>, String> {
        text.split(',').map(|item| integer(what, item)).collect()
    };
    match text.split(':').collect::<Vec<_>>().as_slice() {
        [ns] => integer(what, ns).map(Latency::Constant),
        ["series", reading, points] => {
            let all = [("previous", Reading::Previous), ("next", Reading::Next), ("linear", Reading::Linear)];
            let reading = named(what, Some(&(*reading).to_owned()), Reading::Previous, &all)?;
            let points: Vec<(i64, i64)> =
                points.split(',').map(|point| fraction(what, point)).collect::<Result<_, _>>()?;
            Ok(Latency::Series { points, reading })
        }
        ["drawn", key, quantiles] => {
            let key = integer(what, key)? as u64;
            Ok(Latency::Drawn { quantiles: list(quantiles)?, key })
        }
        _ => Err(format!("{what} `{text}`: expected ns, series:READING:T/NS,.. or drawn:KEY:NS,..")),
    }
}

fn slippage(text: Option<&String>) -> Result<Slippage, String> {
    let what = "slippage";
    let Some(text) = text else { return Ok(Slippage::None) };
    let (model, value) = text.split_once(':').unwrap_or((text, ""));
    Ok(match model {
        "none" => Slippage::None,
        "ticks" => Slippage::Ticks(integer(what, value)?),
        "bps" => Slippage::Bps(integer(what, value)?),
        "impact" => Slippage::Impact { ppm: integer(what, value)? },
        "spread" => {
            let (numerator, denominator) = fraction(what, value)?;
            Slippage::Spread { numerator, denominator }
        }
        "root" => {
            let (ppm, adv) = fraction(what, value)?;
            Slippage::SquareRoot { ppm, adv }
        }
        _ => return Err(format!("{what} `{text}`: expected none, ticks, bps, impact, spread or root")),
    })
}

fn allocation(text: Option<&String>) -> Result<Allocation, String> {
    let what = "allocation";
    let Some(text) = text else { return Ok(Allocation::Fifo) };
    let parts = |text: &str| u32::try_from(integer(what, text)?).map_err(|_| format!("{what} `{text}`"));
    Ok(match text.split(':').collect::<Vec<_>>().as_slice() {
        ["fifo"] => Allocation::Fifo,
        ["pro_rata"] => Allocation::ProRata,
        ["split", fifo] => Allocation::Split { fifo_ppm: parts(fifo)? },
        ["top", top, lmm] => Allocation::Top { top_ppm: parts(top)?, lmm_ppm: parts(lmm)? },
        _ => return Err(format!("{what} `{text}`: expected fifo, pro_rata, split:PPM or top:PPM:PPM")),
    })
}

impl SymbolSpec {
    /// The instrument and its rules.
    pub(crate) fn build(&self) -> Result<(Instrument, Rules), String> {
        let market = self.market.as_deref().unwrap_or("prints");
        let market = Market::from_name(market)
            .ok_or_else(|| format!("market `{market}`: expected prints, levels or orders"))?;
        Ok((self.instrument()?, self.rules(market)?))
    }

    fn instrument(&self) -> Result<Instrument, String> {
        let mut instrument = Instrument::new(&self.name);
        let step = |text: &Option<String>| match text {
            Some(text) => Step::parse(text).map_err(|error| error.to_string()),
            None => Ok(Step::ONE),
        };
        instrument.tick = step(&self.tick)?;
        instrument.lot = step(&self.lot)?;
        instrument.price_step = self.price_step.unwrap_or(1).max(1);
        instrument.lot_step = self.lot_step.unwrap_or(1).max(1);
        let (least, most) = instrument.order_lots;
        instrument.order_lots = (self.min_lots.unwrap_or(least), self.max_lots.unwrap_or(most));
        if let Some(value) = &self.value {
            instrument.value = fraction("value", value)?;
        }
        if let Some(name) = &self.fee_rounding {
            instrument.fee_rounding =
                Rounding::from_name(name).ok_or_else(|| format!("fee_rounding `{name}` is unknown"))?;
        }
        Ok(instrument)
    }

    fn rules(&self, market: Market) -> Result<Rules, String> {
        let plain = Rules::new(market);
        let queue = match &self.queue {
            Some(name) => QueueModel::from_name(name).ok_or_else(|| format!("queue `{name}` is unknown"))?,
            None => plain.queue,
        };
        let self_trade = match &self.self_trade {
            Some(name) => {
                SelfTrade::from_name(name).ok_or_else(|| format!("self_trade `{name}` is unknown"))?
            }
            None => plain.self_trade,
        };
        Ok(Rules {
            market,
            queue,
            allocation: allocation(self.allocation.as_ref())?,
            through: named(
                "through",
                self.through.as_ref(),
                plain.through,
                &[("certain", Through::Certain), ("evidence", Through::Evidence)],
            )?,
            triggered: named(
                "triggered",
                self.triggered.as_ref(),
                plain.triggered,
                &[("print", Triggered::Print), ("at_trigger", Triggered::AtTrigger)],
            )?,
            depth: named(
                "depth",
                self.depth.as_ref(),
                plain.depth,
                &[("displayed", Depth::Displayed), ("best_only", Depth::BestOnly)],
            )?,
            on_arrival: named(
                "on_arrival",
                self.on_arrival.as_ref(),
                plain.on_arrival,
                &[("elect", OnArrival::Elect), ("reject", OnArrival::Reject)],
            )?,
            self_trade,
            slippage: slippage(self.slippage.as_ref())?,
            fees: self.fees(),
            latency: self.latencies()?,
            in_order: self.in_order.unwrap_or(true),
            feed_clock: named(
                "feed_clock",
                self.feed_clock.as_ref(),
                plain.feed_clock,
                &[
                    ("venue", FeedClock::Venue),
                    ("receive", FeedClock::Receive),
                    ("causal", FeedClock::Causal),
                ],
            )?,
            ..self.limits(plain)?
        })
    }

    fn fees(&self) -> Fees {
        let tier =
            |tier: &TierSpec| Tier { from: i128::from(tier.from), maker: tier.maker, taker: tier.taker };
        Fees {
            tiers: self.fees.iter().map(tier).collect(),
            per_lot: self.fee_per_lot.unwrap_or(0),
            order_minimum: self.fee_minimum.unwrap_or(0),
        }
    }

    fn latencies(&self) -> Result<[Latency; 5], String> {
        let legs = &self.latency;
        Ok([
            latency(legs.feed.as_ref())?,
            latency(legs.submit.as_ref())?,
            latency(legs.cancel.as_ref())?,
            latency(legs.replace.as_ref())?,
            latency(legs.report.as_ref())?,
        ])
    }

    /// Risk limits, the phase at the start, and what a crossed book is.
    fn limits(&self, plain: Rules) -> Result<Rules, String> {
        Ok(Rules {
            price_band_bps: self.price_band_bps,
            protection_bps: self.protection_bps,
            position_limit: self.position_limit,
            crossed: named(
                "crossed",
                self.crossed.as_ref(),
                plain.crossed,
                &[("error", Crossed::Error), ("allow", Crossed::Allow)],
            )?,
            join_window_ns: self.join_window_ns.unwrap_or(0),
            phase: named(
                "phase",
                self.phase.as_ref(),
                plain.phase,
                &[
                    ("open", Phase::Open),
                    ("closed", Phase::Closed),
                    ("halted", Phase::Halted),
                    ("auction", Phase::Auction),
                ],
            )?,
            ..plain
        })
    }
}

impl StrategySpec {
    /// The strategy.
    pub(crate) fn build(&self, symbols: &[String]) -> Result<Box<dyn Strategy>, String> {
        match (&self.script, &self.quote) {
            (Some(script), None) => {
                let script = Script::parse(&self.name, symbols, script);
                Ok(Box::new(script.map_err(|error| format!("strategy {}: {error}", self.name))?))
            }
            (None, Some(quote)) => Ok(Box::new(QuoteMaker::new(
                &self.name,
                &quote.symbol,
                quote.lots,
                quote.every_ns,
                quote.behind,
                quote.position_limit,
            ))),
            _ => Err(format!("strategy {}: expected a script or quote parameters", self.name)),
        }
    }
}
