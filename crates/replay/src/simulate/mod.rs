//! A year of daily rebalances on a panel: decided, recorded, traded at the close, carried to the next day.

mod benchmark;
mod catalogue;
mod market;
mod opening;
mod scenario;
mod tally;
mod world;

pub use benchmark::{CAP, METHODOLOGY, REBALANCE_SESSIONS, VOLUME_DAYS};
pub use catalogue::{ACCOUNTS, catalogue_accounts, catalogue_accounts_until, rate_changes};
pub use scenario::{AccountPlan, Funding, demo_accounts};
pub use tally::Tally;
pub use world::{FIRST_SESSION, World};

pub(crate) use market::{CHARACTERISTICS, market, risk};
pub(crate) use world::pair_reversion;

use crate::{Error, Machine, RiskPredictor, record};
use rayon::prelude::*;
use samebits_panel::Bars;
use samebits_rebalance::{Rules, merge};
use samebits_snapshot::record::{Account, Inputs, Market, Method, Question, RiskModel, Run, Schedule};
use samebits_snapshot::{DayChain, DaySections, Packed, pack_shared};
use samebits_store::{NewRun, Store};
use std::sync::Arc;

/// What a simulation is asked for.
#[derive(Clone)]
pub struct Settings<'a> {
    /// Days to simulate.
    pub days: usize,
    /// The accounts.
    pub accounts: &'a [AccountPlan],
    /// Threads; moves no bit.
    pub threads: usize,
    /// Clock, instructions, names.
    pub machine: Machine<'a>,
    /// Who records.
    pub actor: &'a str,
    /// Time of recording, UTC nanoseconds since 1970.
    pub recorded_at: i64,
    /// How the Runs are decided, see [`method`].
    pub method: Method,
    /// Against which bars trades execute, and how; without it they do at the prices of the decision.
    pub execution: Option<(&'a Bars, Schedule)>,
}

/// The method of new Runs: the active set, and the search over harvest sides.
pub fn method() -> Method {
    Method {
        solver: "active-set/1".to_owned(),
        rules: Rules::NEWEST.name().to_owned(),
        tolerance: 1e-9,
        max_iterations: 200,
    }
}

/// Simulates and records; `done` is called after each day with the number of Runs recorded so far.
///
/// # Errors
/// A panel that is too short, a day that cannot be decided, a store that cannot be written.
pub fn simulate(
    world: &World,
    store: &mut Store,
    settings: &Settings<'_>,
    done: &mut dyn FnMut(usize),
) -> Result<Vec<Tally>, Error> {
    // Trades of a day execute in the session after it.
    let panel = world.panel();
    let needed = FIRST_SESSION + settings.days + usize::from(settings.execution.is_some());
    if panel.dates.len() < needed {
        return Err(Error::TooShort { found: panel.dates.len(), needed });
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.threads)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    let opened = settings.accounts.iter().map(|plan| opening::opening(world, plan, FIRST_SESSION));
    let mut accounts = opened.collect::<Result<Vec<Account>, Error>>()?;
    let mut tallies: Vec<Tally> = settings.accounts.iter().map(|plan| Tally::new(&plan.id)).collect();
    let mut scratch = samebits_riskmodel::Scratch::default();
    let mut chain = DayChain::new(Arc::new(RiskPredictor::new(settings.machine.isa)));
    for day in 0..settings.days {
        let session = FIRST_SESSION + day;
        let mut market = market::market(world, session, FIRST_SESSION)?;
        if let Some((bars, schedule)) = settings.execution {
            market.execution = Some(market::execution(panel, session + 1, bars, schedule)?);
        }
        let risk = market::risk(world, session, &market, settings.machine.isa, &mut scratch)?;
        if world.complete {
            market.alpha = world::pair_reversion(panel, session, &risk.sigma.values);
        }
        let sections = chain.day(&market, &risk, Some(market::window(panel, session)))?;
        let (market, risk) = (Arc::new(market), Arc::new(risk));
        let context = Day { number: day, market: &market, risk: &risk, sections: &sections, settings };
        let decided: Vec<Decided> = pool.install(|| {
            let pairs = settings.accounts.par_iter().zip(&accounts);
            pairs.map(|(plan, account)| context.decide(plan, account)).collect::<Result<_, Error>>()
        })?;
        append(store, settings, &decided, day)?;
        for ((decided, account), tally) in decided.into_iter().zip(&mut accounts).zip(&mut tallies) {
            tally.add(&decided.run)?;
            *account = decided.account;
        }
        done((day + 1) * settings.accounts.len());
    }
    Ok(tallies)
}

struct Decided {
    run: Run,
    packed: Packed,
    account: Account,
}

struct Day<'a> {
    number: usize,
    market: &'a Arc<Market>,
    risk: &'a Arc<RiskModel>,
    sections: &'a DaySections,
    settings: &'a Settings<'a>,
}

impl Day<'_> {
    fn decide(&self, plan: &AccountPlan, account: &Account) -> Result<Decided, Error> {
        let mut layers = plan.layers.clone();
        if self.number == 0 && plan.funding == Funding::Cash {
            layers.push(scenario::funding_layer());
        }
        let asked = plan.flows.iter().filter(|(day, _)| *day == self.number);
        layers.extend(asked.map(|(_, flow)| flow.layer()));
        let params = merge(self.settings.method.rules.parse()?, &layers)?;
        let ids = self.sections.input_ids(account, &params)?;
        let question =
            Question { account: plan.id.clone(), sequence: self.number as u64, as_of: self.market.as_of };
        let (market, risk) = (Arc::clone(self.market), Arc::clone(self.risk));
        let inputs = Inputs { question, market, risk, account: account.clone(), params };
        let (run, account) = record(inputs, &ids, self.settings.method.clone(), &self.settings.machine)?;
        let packed = pack_shared(&run, self.sections)?;
        Ok(Decided { run, packed, account })
    }
}

fn append(store: &mut Store, settings: &Settings<'_>, decided: &[Decided], day: usize) -> Result<(), Error> {
    let first = settings.recorded_at + (day * settings.accounts.len()) as i64;
    let runs: Vec<NewRun<'_>> = (first..)
        .zip(decided)
        .map(|(recorded_at, decided)| NewRun {
            packed: &decided.packed,
            run: &decided.run,
            actor: settings.actor,
            recorded_at,
        })
        .collect();
    Ok(store.append(&runs)?)
}
