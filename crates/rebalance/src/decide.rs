//! A decision: question in, trades and the next account state out.

use crate::book::Book;
use crate::finish::finish;
use crate::outcome::{self, Answer};
use crate::plan::Plan;
use crate::problem::Model;
use crate::solve::{Solved, solve};
use crate::{Error, Policy, harvest};
use samebits_execution::execute;
use samebits_ledger::{Costs, Flows, Settlement, open_day, settle};
use samebits_qp::{Problem, Settings, Solver};
use samebits_snapshot::record::{Account, Event, Inputs, Method, Outcome, Rounding, RowKind, Status};

/// The rules that new Runs name: the search over harvest sides.
pub const RULES: &str = "rebalance/2";
/// Rules with every conflict on the sell side.
pub(crate) const RULES_1: &str = "rebalance/1";
/// All rules that this crate decides by, as a Run's method names them.
pub const KNOWN_RULES: [&str; 2] = [RULES_1, RULES];

/// Times that the cap may be tightened because rounding exceeded it.
const TIGHTENINGS: u32 = 3;
/// Relative excess over the cap that counts as met.
const CAP_SLACK: f64 = 1e-9;

/// What was decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The outcome; its `stages` are left to the caller, who knows how parts are hashed.
    pub outcome: Outcome,
    /// The account after trading.
    pub account_after: Account,
    /// The problem that was solved in the end, relaxations included.
    pub problem: Problem,
}

/// Decides `inputs` with `solver` under the tolerance and limits of `method`.
///
/// # Errors
/// Inputs that contradict each other. How a solve ended is the outcome's status, not an error.
pub fn decide(inputs: &Inputs, method: &Method, solver: &dyn Solver) -> Result<Decision, Error> {
    let policy = Policy::new(&inputs.params)?;
    let (opened, opening) = open_day(&inputs.account, &inputs.market, &Flows::default())?;
    let settings = Settings { tolerance: method.tolerance, max_iterations: method.max_iterations };
    let mut harvest = None;
    let book = match method.rules.as_str() {
        RULES_1 => Book::new(&opened, &inputs.market, &policy)?,
        RULES => {
            let mut book = Book::open(&opened, &inputs.market, &policy)?;
            let model = Model::new(inputs, &opened.realised, &book, &policy)?;
            harvest = Some(harvest::choose(&mut book, &model, &inputs.market, &policy, solver, &settings)?);
            book
        }
        other => return Err(Error::UnknownRules { wanted: other.to_owned(), known: KNOWN_RULES.join(", ") }),
    };
    let model = Model::new(inputs, &opened.realised, &book, &policy)?;
    let day = Day { inputs, policy: &policy, opened: &opened, book: &book, model: &model };
    let rounded = day.solve_and_round(solver, &settings)?;
    let costs = Costs { buy: policy.buy_cost, sell: policy.sell_cost };
    let execution = execute(&rounded.orders, &inputs.market, opened.cash, costs)?;
    let settlement = match &execution {
        Some(execution) => settle(&opened, &execution.market, &execution.orders, costs)?,
        None => settle(&opened, &inputs.market, &rounded.orders, costs)?,
    };
    let mut outcome = day.outcome(&rounded, &settlement, opening)?;
    outcome.harvest = harvest;
    outcome.execution = execution.map(|execution| execution.executed);
    Ok(Decision { outcome, account_after: settlement.account, problem: rounded.solved.problem })
}

struct Day<'a> {
    inputs: &'a Inputs,
    policy: &'a Policy,
    opened: &'a Account,
    book: &'a Book,
    model: &'a Model,
}

/// A solution and its integer trades.
struct Rounded {
    solved: Solved,
    orders: Vec<samebits_ledger::Order>,
    weights: Vec<f64>,
    trades: Vec<f64>,
    rounding: Rounding,
}

impl Day<'_> {
    /// Solves and rounds; tightens the cap by the excess while the rounded holdings exceed it.
    fn solve_and_round(&self, solver: &dyn Solver, settings: &Settings) -> Result<Rounded, Error> {
        let mut model = self.model.clone();
        let mut best: Option<Rounded> = None;
        let (mut solves, mut iterations) = (0, 0);
        for tightened in 0..=TIGHTENINGS {
            let solved = solve(&model, self.policy, solver, settings)?;
            solves += solved.solves;
            iterations += solved.iterations;
            if best.is_some() && solved.status != Status::Solved {
                break;
            }
            let mut rounded = self.round(solved)?;
            rounded.rounding.tightened = tightened;
            let excess = self.cap_excess(&rounded);
            best = Some(rounded);
            match (excess, model.problem.risk_cap) {
                (Some(excess), Some(cap)) if excess < cap => model.problem.risk_cap = Some(cap - excess),
                _ => break,
            }
        }
        let mut rounded = best.ok_or(Error::NoValue { nav: self.book.nav })?;
        rounded.solved.solves = solves;
        rounded.solved.iterations = iterations;
        Ok(rounded)
    }

    fn round(&self, solved: Solved) -> Result<Rounded, Error> {
        let gain_price = self.gain_price(&solved);
        let costs = [self.policy.buy_cost, self.policy.sell_cost];
        let model = Model { problem: solved.problem.clone(), ..self.model.clone() };
        let mut plan = Plan::new(self.opened, &self.inputs.market, self.book, &model, costs, gain_price);
        let rounding = match solved.status {
            Status::Unsolved(_) => Rounding::default(),
            _ => finish(&mut plan, &solved.solution.trades, self.policy)?,
        };
        let (weights, trades) = plan.weights()?;
        let orders = plan.orders()?;
        Ok(Rounded { solved, orders, weights, trades, rounding })
    }

    /// Multiplier of the gain budget: it shifts the order in which lots are disposed of.
    fn gain_price(&self, solved: &Solved) -> f64 {
        let row = self.model.rows.iter().position(|tag| tag.kind == RowKind::GainBudget);
        row.and_then(|r| solved.solution.multipliers.rows.get(r)).copied().unwrap_or(0.0)
    }

    /// By how much the rounded tracking error exceeds the cap of the solved problem before tightening.
    fn cap_excess(&self, rounded: &Rounded) -> Option<f64> {
        if rounded.solved.status != Status::Solved {
            return None;
        }
        let cap = self.model.problem.risk_cap?;
        let excess = outcome::tracking_error(&rounded.solved.problem, &rounded.weights) - cap;
        (excess > cap * CAP_SLACK).then_some(excess)
    }

    fn outcome(
        &self,
        rounded: &Rounded,
        settlement: &Settlement,
        mut events: Vec<Event>,
    ) -> Result<Outcome, Error> {
        events.extend(settlement.events.iter().cloned());
        outcome::assemble(&Answer {
            book: self.book,
            model: self.model,
            solved: &rounded.solved,
            final_weights: &rounded.weights,
            final_trades: &rounded.trades,
            rounding: &rounded.rounding,
            settlement,
            events,
            prices: &self.inputs.market.prices,
            lots: self.inputs.account.lots.len(),
        })
    }
}
