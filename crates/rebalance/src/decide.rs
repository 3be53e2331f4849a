//! A decision: question in, trades and the next account state out.

use crate::book::{Book, Marginal, Terms};
use crate::finish::{finish, keep_gain_budgets};
use crate::harvest::{self, Known, Open};
use crate::identity::Slopes;
use crate::netting::{self, Reachable};
use crate::outcome::{self, Answer};
use crate::plan::Plan;
use crate::problem::Model;
use crate::soft::solve_soft;
use crate::solve::Solved;
use crate::{Error, Policy, Rules};
use samebits_canon::Isa;
use samebits_execution::execute;
use samebits_ledger::{Costs, Settlement, day_tax, law_of, open_day, settle};
use samebits_qp::sides::{curvature, lower_bound};
use samebits_qp::{Problem, Settings, Solution, Solver, State};
use samebits_snapshot::record::{
    Account, Event, Harvest, Inputs, Law, Method, Netted, Outcome, Rounding, RowKind, Side, Status,
};

/// Times that the cap may be tightened because rounding exceeded it.
const TIGHTENINGS: u32 = 3;
/// Relative excess over the cap that counts as met.
const CAP_SLACK: f64 = 1e-9;

/// A piece of the tax is taken for a better one only when it lowers the objective by more than this, so that rounding does
/// not choose between two that meet at the optimum; one whose lower bound does not is left out.
const BETTER: f64 = 1e-9;

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
    let rules: Rules = method.rules.parse()?;
    let policy = Policy::new(&inputs.params)?;
    let (opened, opening) = open_day(&inputs.account, &inputs.market, &policy.flows)?;
    let settings = rules.settings(method);
    let law = law_of(&opened, &inputs.market)?;
    let terms = terms(inputs, &opened, law, &policy, rules);
    let chosen = choose(inputs, &terms, solver, &settings)?;
    let Chosen { terms, book, model, harvest, netted, state } = chosen;
    let day = Day { inputs, terms, book: &book, model: &model };
    let rounded = day.solve_and_round(state.as_ref(), solver, &settings)?;
    day.conclude(rounded, opening, (harvest, netted))
}

/// The terms of the account at its plain marginal rates.
pub(crate) fn terms<'a>(
    inputs: &'a Inputs,
    opened: &'a Account,
    law: &'a Law,
    policy: &'a Policy,
    rules: Rules,
) -> Terms<'a> {
    let marginal =
        Marginal { short_term: opened.rates.short_term, long_term: opened.rates.long_term, inward: [0; 2] };
    Terms { account: opened, market: &inputs.market, law, policy, rules, marginal }
}

/// The book and the problem of the day with every choice made that is not the solver's.
struct Chosen<'a> {
    terms: Terms<'a>,
    book: Book,
    model: Model,
    harvest: Option<Harvest>,
    netted: Option<Netted>,
    /// State of the optimum, where it is known.
    state: Option<State>,
}

fn choose<'a>(
    inputs: &Inputs,
    terms: &Terms<'a>,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Chosen<'a>, Error> {
    match terms.rules {
        Rules::First => {
            let mut book = Book::open(terms)?;
            for conflict in book.conflicts(terms) {
                book.take_side(&conflict, Side::Sell, terms);
            }
            let model = Model::new(inputs, terms, &book, &[])?;
            Ok(Chosen { terms: *terms, book, model, harvest: None, netted: None, state: None })
        }
        Rules::Second => searched(inputs, terms, &[], solver, settings),
        Rules::Third => best_piece(inputs, terms, solver, settings),
    }
}

/// The best sides under fixed rates.
fn searched<'a>(
    inputs: &Inputs,
    terms: &Terms<'a>,
    gains: &[netting::GainRow],
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Chosen<'a>, Error> {
    let mut book = Book::open(terms)?;
    let model = Model::new(inputs, terms, &book, gains)?;
    let open = Open::new(&book, &model, terms);
    let (harvest, _) = open.choose(&mut book, terms, Known::default(), solver, settings)?;
    let model = Model::new(inputs, terms, &book, gains)?;
    Ok(Chosen { terms: *terms, book, model, harvest: Some(harvest), netted: None, state: None })
}

struct Best<'a, 'p> {
    objective: f64,
    chosen: Chosen<'a>,
    piece: &'p Reachable,
    solution: Solution,
}

/// The best of the pieces of the year's tax that the day can reach; the first of equal ones. A piece is left out when the
/// lower bound over its sides, at the prices of the best piece so far, excludes it, and when it is no better with the sides
/// of the best nor with every loss harvested; in the others the search over sides starts from there. When no piece has an
/// optimum, constraints conflict: the piece of the results so far is taken without its limits, and the solve says what gives.
fn best_piece<'a>(
    inputs: &Inputs,
    terms: &Terms<'a>,
    solver: &dyn Solver,
    settings: &Settings,
) -> Result<Chosen<'a>, Error> {
    let plain = Book::open(terms)?;
    let pieces = netting::reachable(terms.account, terms.law, &plain, terms.policy)?;
    let mut best: Option<Best<'a, '_>> = None;
    let mut tried = Vec::new();
    let mut delta = None;
    for piece in &pieces {
        let own = netting::under(terms, piece.marginal);
        let mut book = Book::open(&own)?;
        let model = Model::new(inputs, &own, &book, &piece.rows)?;
        let open = Open::new(&book, &model, &own);
        if delta.is_none() && !open.conflicts.is_empty() {
            delta = harvest::curvature(solver.isa(), terms, &inputs.risk, &model);
        }
        if let Some(best) = &best
            && excluded(&open, piece, best, delta.as_deref(), solver.isa())
        {
            tried.push((piece.name.clone(), None));
            continue;
        }
        let known = Known {
            book: best.as_ref().map(|best| &best.chosen.book),
            delta: delta.clone(),
            cutoff: best.as_ref().map(|best| best.objective - piece.offset - BETTER),
            state: best.as_ref().and_then(|best| {
                let chosen = &best.chosen;
                let state = chosen.state.as_ref()?;
                Some(harvest::carried(state, (&chosen.book, &chosen.model), (&book, open.model)))
            }),
        };
        let (harvest, found) = open.choose(&mut book, &own, known, solver, settings)?;
        let objective = found.objective.map(|objective| objective + piece.offset);
        tried.push((piece.name.clone(), objective));
        if let (Some(objective), Some(solution)) = (objective, found.solution)
            && best.as_ref().is_none_or(|best| objective < best.objective - BETTER)
        {
            let fixed = Model::new(inputs, &own, &book, &piece.rows)?;
            let state = solution
                .finish
                .as_ref()
                .map(|finish| harvest::carried(&finish.state, (&book, &model), (&book, &fixed)));
            let model = fixed;
            let chosen = Chosen { terms: own, book, model, harvest: Some(harvest), netted: None, state };
            best = Some(Best { objective, chosen, piece, solution });
        }
    }
    let (mut chosen, piece) = if let Some(best) = best {
        (best.chosen, best.piece)
    } else {
        let now = pieces.iter().find(|piece| piece.holds_now).or(pieces.first());
        let piece = now.ok_or(Error::NoPiece { law: terms.law.id.clone() })?;
        let free = Marginal { inward: [0; 2], ..piece.marginal };
        (searched(inputs, &netting::under(terms, free), &[], solver, settings)?, piece)
    };
    let marginal = piece.marginal;
    chosen.netted = Some(Netted {
        piece: piece.name.clone(),
        short_term: marginal.short_term,
        long_term: marginal.long_term,
        tried,
    });
    Ok(chosen)
}

/// Whether no choice of sides in `piece` is better than the best so far: by a lower bound; or because the tax is convex across
/// their border and the best lies inside its own piece, so that beyond the border the tax is above the line of the best.
fn excluded(
    open: &Open<'_>,
    piece: &Reachable,
    best: &Best<'_, '_>,
    delta: Option<&[f64]>,
    isa: Isa,
) -> bool {
    let problem = &open.model.problem;
    let known = best.chosen.model.rows.iter().filter(|tag| tag.kind != RowKind::Netting).count();
    let prices = piece.prices_beside(best.piece, best.chosen.terms.policy);
    let mut solution = best.solution.clone();
    let inside = solution.multipliers.rows[known..].iter().all(|price| *price == 0.0);
    if inside && prices.iter().any(|price| *price != 0.0) {
        return true;
    }
    solution.multipliers.rows.truncate(known);
    solution.multipliers.rows.extend(prices);
    let sides = vec![None; open.conflicts.len()];
    let found = match delta {
        Some(delta) => lower_bound(isa, problem, &open.conflicts, &sides, &solution, delta),
        None => lower_bound(isa, problem, &open.conflicts, &sides, &solution, &curvature(isa, problem)),
    };
    found.objective + piece.offset >= best.objective - BETTER
}

/// A day whose problem stands.
pub(crate) struct Day<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) terms: Terms<'a>,
    pub(crate) book: &'a Book,
    pub(crate) model: &'a Model,
}

/// A solution and its integer trades.
pub(crate) struct Rounded {
    pub(crate) solved: Solved,
    orders: Vec<samebits_ledger::Order>,
    weights: Vec<f64>,
    trades: Vec<f64>,
    pub(crate) rounding: Rounding,
}

impl Day<'_> {
    /// Solves and rounds; tightens the cap by the excess while the rounded holdings exceed it.
    pub(crate) fn solve_and_round(
        &self,
        from: Option<&State>,
        solver: &dyn Solver,
        settings: &Settings,
    ) -> Result<Rounded, Error> {
        let mut model = self.model.clone();
        let mut best: Option<Rounded> = None;
        let (mut solves, mut iterations) = (0, 0);
        for tightened in 0..=TIGHTENINGS {
            let solved = solve_soft(&model, (self.terms.policy, self.terms.rules), from, solver, settings)?;
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

    /// Whole shares of a solution, by the integer finish.
    pub(crate) fn round(&self, solved: Solved) -> Result<Rounded, Error> {
        self.planned(solved, |plan, solved| {
            let policy = self.terms.policy;
            if matches!(solved.status, Status::Unsolved(_)) {
                return Ok(Rounding::default());
            }
            let mut rounding = finish(plan, solved, policy)?;
            if self.terms.rules >= Rules::Third {
                rounding.undone += keep_gain_budgets(plan, policy, solved.isa)?;
            }
            Ok(rounding)
        })
    }

    /// Whole shares of a solution, as `fill` plans them.
    pub(crate) fn planned(
        &self,
        solved: Solved,
        fill: impl FnOnce(&mut Plan<'_>, &Solved) -> Result<Rounding, Error>,
    ) -> Result<Rounded, Error> {
        let policy = self.terms.policy;
        let gain_prices = self.gain_prices(&solved);
        let costs = Costs { buy: policy.buy_cost, sell: policy.sell_cost };
        let Model { variables, rows, implied, .. } = self.model;
        let (variables, rows, implied) = (variables.clone(), rows.clone(), implied.clone());
        let model = Model { problem: solved.problem.clone(), variables, rows, implied };
        let mut plan = Plan::new(&self.terms, self.book, &model, costs, gain_prices);
        let rounding = fill(&mut plan, &solved)?;
        let (weights, trades) = plan.weights()?;
        let orders = plan.orders()?;
        Ok(Rounded { solved, orders, weights, trades, rounding })
    }

    /// Prices of a unit of gain by term, of the gain budgets and of the limits of the tax piece: they shift the order in
    /// which lots are disposed of.
    fn gain_prices(&self, solved: &Solved) -> [f64; 2] {
        let mut prices = [0.0; 2];
        let multipliers = &solved.solution.multipliers.rows;
        for (tag, multiplier) in self.model.rows.iter().zip(multipliers) {
            if let Some([short, long]) = tag.gains {
                prices[0] += short * multiplier;
                prices[1] += long * multiplier;
            }
        }
        prices
    }

    /// By how much the rounded tracking error exceeds the cap of the solved problem before tightening.
    fn cap_excess(&self, rounded: &Rounded) -> Option<f64> {
        if rounded.solved.status != Status::Solved {
            return None;
        }
        let cap = self.model.problem.risk_cap?;
        let excess =
            outcome::tracking_error(rounded.solved.isa, &rounded.solved.problem, &rounded.weights) - cap;
        (excess > cap * CAP_SLACK).then_some(excess)
    }

    /// Executes and settles the trades, and puts together what is recorded. `opening` are the events that opened the day;
    /// `search` is what the search over sides and pieces says of itself.
    pub(crate) fn conclude(
        &self,
        rounded: Rounded,
        opening: Vec<Event>,
        (harvest, netted): (Option<Harvest>, Option<Netted>),
    ) -> Result<Decision, Error> {
        let (inputs, terms) = (self.inputs, &self.terms);
        let costs = Costs { buy: terms.policy.buy_cost, sell: terms.policy.sell_cost };
        let opened = terms.account;
        let execution = execute(&rounded.orders, &inputs.market, opened.cash, costs)?;
        let settlement = match &execution {
            Some(execution) => settle(opened, &execution.market, &execution.orders, costs)?,
            None => settle(opened, &inputs.market, &rounded.orders, costs)?,
        };
        let mut outcome = self.outcome(&rounded, &settlement, opening)?;
        if terms.rules >= Rules::Third {
            // What happened before the trades belongs to the day, too.
            outcome.tax = day_tax(&inputs.account, &settlement.account, &outcome.events, &inputs.market)?;
            let slopes = Slopes::new(rounded.solved.isa, terms, self.model, &outcome)?;
            outcome.identity = Some(slopes.identity(self.book, self.model, &outcome));
        }
        outcome.harvest = harvest;
        outcome.netted = netted;
        outcome.execution = execution.map(|execution| execution.executed);
        Ok(Decision { outcome, account_after: settlement.account, problem: rounded.solved.problem })
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
            terms: &self.terms,
            solved: &rounded.solved,
            final_weights: &rounded.weights,
            final_trades: &rounded.trades,
            rounding: &rounded.rounding,
            settlement,
            events,
            prices: &self.inputs.market.prices,
        })
    }
}
