//! Seeded faults: every one must turn red every scenario that claims it.

use crate::Error;
use crate::outcome::run;
use crate::scenario::Scenario;
use samebits_executor::mutant;

/// A fault and who saw it.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Its id in the source.
    pub id: &'static str,
    /// Its class.
    pub class: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Scenarios that claim it.
    pub claimed: Vec<String>,
    /// Scenarios that turned red, among those that claim it.
    pub caught: Vec<String>,
    /// Scenarios that claim it and stayed green.
    pub missed: Vec<String>,
    /// Scenarios in which its place ran.
    pub reached: usize,
}

impl Fault {
    /// Whether someone claims it and everyone who does has seen it.
    pub fn is_caught(&self) -> bool {
        !self.claimed.is_empty() && self.caught.len() == self.claimed.len()
    }

    /// As it is printed.
    pub fn verdict(&self) -> String {
        if self.is_caught() {
            "caught".to_owned()
        } else if self.reached == 0 {
            "NOT REACHED".to_owned()
        } else if self.claimed.is_empty() {
            "UNCLAIMED".to_owned()
        } else {
            format!("SURVIVED {}", self.missed.join(", "))
        }
    }
}

/// What seeding all faults gave.
#[derive(Debug, Clone)]
pub struct Report {
    /// Every fault.
    pub faults: Vec<Fault>,
    /// Claims of faults that are not there: scenario and id.
    pub unknown: Vec<(String, String)>,
}

/// Seeds every fault, one at a time, and replays the scenarios that claim it, or all if none does.
///
/// # Errors
/// Scenarios that are not green without a fault.
pub fn seed_all(scenarios: &[Scenario]) -> Result<Report, Error> {
    mutant::choose(None);
    for scenario in scenarios {
        let outcome = run(scenario)?;
        if outcome.verdict.is_red() {
            return Err(scenario.bad(format!("it is {} without any fault", outcome.verdict.name())));
        }
    }
    let faults = LIST.iter().map(|(id, class, what)| seed(scenarios, id, class, what)).collect();
    let known = |id: &String| LIST.iter().any(|fault| fault.0 == id);
    let unknown = scenarios
        .iter()
        .flat_map(|scenario| scenario.kills().iter().map(|id| (scenario.name.clone(), id.clone())))
        .filter(|(_, id)| !known(id))
        .collect();
    Ok(Report { faults, unknown })
}

fn seed(scenarios: &[Scenario], id: &'static str, class: &'static str, what: &'static str) -> Fault {
    let claims = |scenario: &&Scenario| scenario.kills().iter().any(|claimed| claimed == id);
    let claimed: Vec<&Scenario> = scenarios.iter().filter(claims).collect();
    // Without a claim every tape is tried: frozen Runs do not go through the places of the faults.
    let tapes = || scenarios.iter().filter(|scenario| scenario.run_file().is_none()).collect();
    let chosen: Vec<&Scenario> = if claimed.is_empty() { tapes() } else { claimed.clone() };
    let (mut caught, mut missed, mut reached) = (Vec::new(), Vec::new(), 0);
    for scenario in chosen {
        mutant::choose(Some(id));
        // A fault may break an invariant so badly that the engine stops itself: that is red as well.
        let red = std::panic::catch_unwind(|| run(scenario))
            .map_or(true, |outcome| outcome.map_or(true, |outcome| outcome.verdict.is_red()));
        reached += usize::from(mutant::reached());
        if red { &mut caught } else { &mut missed }.push(scenario.name.clone());
    }
    mutant::choose(None);
    let names = claimed.iter().map(|scenario| scenario.name.clone()).collect();
    let missed = if claimed.is_empty() { Vec::new() } else { missed };
    Fault { id, class, what, claimed: names, caught, missed, reached }
}

/// Id, class, what it does.
const LIST: [(&str, &str, &str); 103] = [
    ("trigger.stop-sell-strict", "trigger", "a sell stop needs a print below its trigger"),
    ("trigger.stop-buy-strict", "trigger", "a buy stop needs a print above its trigger"),
    ("trigger.take-sell-strict", "trigger", "a sell take-profit needs a print above its trigger"),
    ("trigger.take-buy-strict", "trigger", "a buy take-profit needs a print below its trigger"),
    ("trigger.newest-first", "trigger", "orders that fire together trade in reverse"),
    ("trigger.mid-is-bid", "trigger", "the middle is the bid"),
    (
        "trigger.arrival-swapped",
        "trigger",
        "a trigger that holds on arrival is rejected for fired, and the reverse",
    ),
    ("print.policy-swapped", "trigger", "fill policies of triggered orders are swapped"),
    ("trail.sell-never", "trailing", "a sell trailing stop never follows"),
    ("trail.buy-never", "trailing", "a buy trailing stop never follows"),
    ("trail.both-ways", "trailing", "a trailing stop follows against its order as well"),
    ("trail.bps-divisor", "trailing", "basis points are parts in a thousand"),
    ("trail.rounds-down", "trailing", "the offset in basis points rounds down"),
    ("trail.ratchet-first", "trailing", "the trigger follows before it is checked"),
    ("trail.activation-strict", "trailing", "the activation price itself does not activate"),
    ("order.conditionals-first", "order of events", "conditional orders act before resting ones"),
    ("order.expiry-after-market", "order of events", "orders expire after the market data of their instant"),
    (
        "order.messages-before-market",
        "order of events",
        "messages act before the market data of their instant",
    ),
    (
        "order.reports-before-market",
        "order of events",
        "reports leave before the market data of their instant",
    ),
    ("order.by-receive-time", "order of events", "the venue is sorted by receive time"),
    ("order.registration", "order of events", "registration order decides ties"),
    ("match.limit-strict", "matching", "a limit at the best price does not trade"),
    ("match.sell-ignores-limit", "matching", "a sell limit ignores its price"),
    ("match.buys-at-bid", "matching", "a taker trades at its own side of the book"),
    ("match.taker-price", "matching", "own orders meet at the incoming price"),
    ("walk.skips-a-level", "matching", "the walk leaves out every other level"),
    ("walk.best-for-all", "matching", "a sweep trades everything at the best price"),
    ("taker.ledger-off", "matching", "takers leave no trace in the displayed size"),
    ("taker.reset-on-change", "matching", "any change of a level makes its lots new"),
    ("tif.ioc-rests", "time in force", "what is left of an immediate order rests"),
    ("tif.day-stays", "time in force", "day orders outlive the session"),
    ("tif.gtd-late", "time in force", "an order may be dated at the present instant"),
    ("fok.partial", "time in force", "a fill-or-kill order fills in part"),
    ("fok.any-for-single", "time in force", "a single-price fill-or-kill looks at all prices"),
    ("post-only.at-touch", "post-only", "a post-only order at the touch is let through"),
    ("post-only.no-slide", "post-only", "a post-only order that slides stays where it was"),
    ("order.reduce-only-ignored", "reduce-only", "reduce-only orders open and turn positions"),
    ("order.outlives-position", "reduce-only", "reduce-only orders outlive the position"),
    ("stp.off", "self-trade", "self-trade prevention does nothing"),
    ("stp.wrong-victim", "self-trade", "the incoming order is cancelled for the resting one"),
    ("queue.trade-leaves-ahead", "queue", "trades do not reduce what is ahead"),
    ("queue.shrink-ignored", "queue", "a level that shrinks leaves the queue as it is"),
    ("queue.joins-front", "queue", "an order joins the front of its level"),
    ("queue.fill-beyond-trade", "queue", "an order fills more than the trade brought"),
    ("queue.pro-rata-doubled", "queue", "pro-rata shares are doubled"),
    ("queue.back-is-front", "queue", "back_first is front_first"),
    ("queue.front-is-back", "queue", "front_first is back_first"),
    ("queue.proportional-doubled", "queue", "the proportional model takes twice as much from ahead"),
    ("queue.power-ignored", "queue", "the power model ignores its power"),
    ("queue.narrow-product", "queue", "products of queue models wrap at 64 bits"),
    ("queue.debt-sign", "queue", "a trade adds to the shrink that it explains"),
    ("queue.growth-ahead", "queue", "lots that join stand ahead"),
    ("through.ignored", "queue", "a trade through the price fills nothing"),
    ("through.certain-is-evidence", "queue", "a trade through the price fills no more than its lots"),
    ("through.book-strict", "queue", "a book that reaches the price does not fill"),
    ("slippage.sign", "slippage", "slippage helps the taker"),
    ("slippage.bps-tenfold", "slippage", "basis points are ten times as large"),
    ("slippage.truncates", "slippage", "slippage rounds down"),
    ("slippage.impact-inverted", "slippage", "impact divides the wrong way round"),
    ("slippage.no-snap", "slippage", "slippage leaves the price step"),
    ("slippage.beyond-limit", "slippage", "slippage goes beyond the limit"),
    ("slippage.on-makers", "slippage", "resting orders pay slippage"),
    ("fees.sign", "fees", "fees are paid to the trader"),
    ("fees.maker-pays-taker", "fees", "makers pay the rate of takers"),
    ("fees.tier-strict", "fees", "the bound of a tier is not in the tier"),
    ("fees.minimum-ignored", "fees", "orders have no least fee"),
    ("oco.sibling-keeps", "composites", "a partial fill leaves the other leg as it was"),
    ("bracket.armed-twice", "composites", "a partial fill arms its exits twice"),
    ("bracket.full-at-partial", "composites", "exits that wait for a full fill arm at the first"),
    ("bracket.orphans-stay", "composites", "exits outlive an entry that is gone"),
    ("iceberg.keeps-place", "composites", "an iceberg keeps its place when it refills"),
    ("replace.keeps-place", "composites", "more quantity keeps the place"),
    ("replace.forgets-filled", "composites", "a replace forgets what has filled"),
    ("risk.band-strict", "risk", "the price band itself is outside"),
    ("risk.position-strict", "risk", "the position limit itself is beyond"),
    ("risk.no-protection", "risk", "market orders have no protection band"),
    ("session.always-open", "session", "every phase is continuous trading"),
    ("session.halt-ignored", "session", "halts are ignored"),
    ("auction.surplus-ignored", "auction", "the least surplus does not matter"),
    ("auction.pressure-reversed", "auction", "buyers left push the price down"),
    ("auction.reference-ignored", "auction", "the reference price does not matter"),
    ("auction.market-last", "auction", "market orders do not take part"),
    ("auction.at-own-limit", "auction", "orders trade at their own limits"),
    ("latency.ignored", "latency", "constant latencies are zero"),
    ("latency.shared-draw", "latency", "all orders share one draw"),
    ("latency.reorders", "latency", "messages overtake each other where they must not"),
    ("state.position-sign", "state", "positions have the wrong sign"),
    ("state.final-cancelled", "state", "a cancel of a finished order is not turned away"),
    ("state.duplicate-taken", "state", "a number may be used twice"),
    ("report.fill-time", "labels", "fills are a nanosecond late"),
    ("report.order-id", "labels", "fills name another order"),
    ("report.maker-flag", "labels", "makers are called takers"),
    ("report.evidence", "labels", "fills name another event"),
    ("determinism.process-global", "determinism", "draws depend on what the process did before"),
    ("determinism.hash-order", "determinism", "the order of a hash map decides who fires first"),
    ("join.buffer-dropped", "join", "updates before the snapshot are dropped"),
    ("join.snapshot-id-late", "join", "the snapshot covers more than it says"),
    ("join.futures-by-first", "join", "futures chain by their first id"),
    ("join.gap-of-one", "join", "spot updates must overlap"),
    ("tape.bar-path", "tape", "bars go to the farther extreme first"),
    ("codec.checksum-ignored", "codec", "checksums are not looked at"),
    ("codec.event-count", "codec", "the count of events is not looked at"),
    ("codec.end-ignored", "codec", "a tape without its end is empty, not cut"),
];
