//! From a question to a plan: solve, clean, re-add, and only then return.

use crate::account::{Evaluation, Trades, check, evaluated, excesses};
use crate::clean::{Conflict, clean};
use crate::conflict::conflict;
use crate::factors::Factors;
use crate::program::{Bars, Layout, Tight};
use crate::{Error, Limit, Transition};
use samebits_canon::{abs, max, min};
use samebits_qp::general::{General, GeneralCertificate, GeneralSolution};
use samebits_qp::{Settings, Status};
use samebits_solver_cpu::solve_general;

/// The settings of every solve.
pub const SETTINGS: Settings = Settings::new(1e-10, 200);
/// Heavier terminal weights tried: `base * 4^k` for `k` below this.
pub const HEAVIER: usize = 9;
/// Geometric halvings between the last weight that missed the target and the first that met it.
pub const HALVINGS: usize = 4;
/// Most times that limits are tightened by twice their excess.
const TIGHTENINGS: usize = 4;
/// Weight of half the variance where the least final tracking error is asked for: an error of 1 % gives an objective of 1.
const FLOOR_WEIGHT: f64 = 2e4;

/// Which trade of a conflict is barred. A conflict is a name bought in a period in which one of its losses is realised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Side {
    /// The purchase: the loss is harvested.
    BarPurchase,
    /// The sale of the losses.
    BarLoss,
    /// The smaller of the two.
    BarSmaller,
}

/// A plan that keeps every limit of its question.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What its trades lead to; the objective is that of `terminal`.
    pub evaluation: Evaluation,
    /// Terminal weight it was found with: the question's, or a heavier one that the target needed.
    pub terminal: f64,
    /// No trades within the limits have an objective below this (with `terminal`), whichever side conflicts take.
    pub lower_bound: f64,
    /// Residuals of the last solve, by the program's own data.
    pub certificate: GeneralCertificate,
    /// How conflicts were decided; `None` where there were none.
    pub side: Option<Side>,
    /// Conflicts decided: pairs of a period and a name.
    pub conflicts: Vec<(usize, usize)>,
    /// Solves of the general program in all.
    pub solves: u32,
}

impl Plan {
    /// Objective less its lower bound.
    pub fn gap(&self) -> f64 {
        self.evaluation.objective - self.lower_bound
    }
}

/// Plans a transition. Same question, same bits.
///
/// What is returned has passed [`check`]. Without a target there is one search; with one, the terminal weights
/// `terminal`, then `base 4^k` with `base = max(terminal, gamma)` and `k = 0, 1, ...` below [`HEAVIER`], are tried in
/// turn until the target is met, then [`HALVINGS`] geometric means between the last two; the lightest weight that met
/// the target gives the plan.
///
/// Cost:   one to four solves a terminal weight where there are no conflicts.
/// Source: docs/planner.md.
///
/// # Errors
/// A malformed question; limits in conflict, by name; a target out of reach; a solve without a certified end.
pub fn plan(transition: &Transition) -> Result<Plan, Error> {
    transition.validate()?;
    let factors = Factors::new(&transition.risk)?;
    let mut search = Search::new(transition, &factors);
    let mut found = search.at(transition.terminal)?;
    if let Some(target) = transition.final_tracking
        && !(reached(&found) <= target)
    {
        found = search.heavier(target)?;
    }
    found.solves = search.solves;
    check(transition, &found.evaluation)?;
    Ok(found)
}

fn reached(plan: &Plan) -> f64 {
    plan.evaluation.periods.last().map_or(f64::INFINITY, |last| last.tracking_error)
}

/// Trades without conflicts, and the conflicts that were decided: pairs of a period and a name.
type Separated = Option<(Candidate, Vec<(usize, usize)>)>;

struct Search<'a> {
    transition: &'a Transition,
    factors: &'a Factors,
    layout: Layout<'a>,
    solves: u32,
}

/// Trades that keep every limit but may still buy where a loss is realised.
struct Candidate {
    evaluation: Evaluation,
    conflicts: Vec<Conflict>,
    certificate: GeneralCertificate,
    lower_bound: f64,
}

impl<'a> Search<'a> {
    fn new(transition: &'a Transition, factors: &'a Factors) -> Self {
        Self { transition, factors, layout: Layout::new(transition, factors), solves: 0 }
    }

    /// The plan of the lightest terminal weight tried that meets the target; the question's own does not.
    fn heavier(&mut self, target: f64) -> Result<Plan, Error> {
        let (mut lighter, own) = (self.transition.terminal, self.transition.terminal);
        let (mut weight, mut last, mut met) = (max(own, self.transition.gamma), f64::NAN, None);
        for _ in 0..HEAVIER {
            if weight > own {
                let tried = self.at(weight)?;
                last = reached(&tried);
                if last <= target {
                    met = Some(tried);
                    break;
                }
                lighter = weight;
            }
            weight *= 4.0;
        }
        let Some(mut found) = met else {
            // The plan may use the tolerances of its limits, the bound does not.
            let floor = min(self.floor()?, last);
            return Err(Error::TargetOutOfReach { target, reached: last, floor });
        };
        for _ in 0..HALVINGS {
            let middle = (lighter * found.terminal).sqrt();
            if !(middle > lighter && middle < found.terminal) {
                break;
            }
            let tried = self.at(middle)?;
            if reached(&tried) <= target {
                found = tried;
            } else {
                lighter = middle;
            }
        }
        Ok(found)
    }

    /// The best plan found for a terminal weight.
    fn at(&mut self, terminal: f64) -> Result<Plan, Error> {
        let t = self.transition;
        let bars = Bars::none(t);
        let relaxed = self.candidate(terminal, &bars)?;
        let lower_bound = relaxed.lower_bound;
        let first = relaxed.conflicts.first().copied();
        let (mut best, mut failed): (Option<Plan>, Option<Error>) = (None, None);
        match first {
            None => best = Some(self.accepted(terminal, relaxed, lower_bound, None, Vec::new())?),
            Some(_) => {
                for side in [Side::BarPurchase, Side::BarLoss, Side::BarSmaller] {
                    let (found, conflicts) = match self.separated(terminal, &bars, &relaxed, side) {
                        Ok(Some(found)) => found,
                        Ok(None) => continue,
                        Err(error) => {
                            failed = Some(error);
                            continue;
                        }
                    };
                    let plan = self.accepted(terminal, found, lower_bound, Some(side), conflicts)?;
                    let better =
                        best.as_ref().is_none_or(|b| plan.evaluation.objective < b.evaluation.objective);
                    if better {
                        best = Some(plan);
                    }
                }
            }
        }
        let (period, name) = first.map_or((0, 0), |conflict| (conflict.period, conflict.name));
        best.ok_or(failed.unwrap_or(Error::WashConflict { period, name }))
    }

    fn accepted(
        &self,
        terminal: f64,
        found: Candidate,
        lower_bound: f64,
        side: Option<Side>,
        conflicts: Vec<(usize, usize)>,
    ) -> Result<Plan, Error> {
        let without_target = Transition { final_tracking: None, ..self.transition.clone() };
        check(&without_target, &found.evaluation)?;
        let Candidate { evaluation, certificate, .. } = found;
        Ok(Plan { evaluation, terminal, lower_bound, certificate, side, conflicts, solves: self.solves })
    }

    /// Bars one trade of each conflict and solves again until there is none; each round bars at least one more, so it
    /// ends. `None` where the limits then contradict each other.
    fn separated(
        &mut self,
        terminal: f64,
        bars: &Bars,
        relaxed: &Candidate,
        side: Side,
    ) -> Result<Separated, Error> {
        let (mut bars, mut conflicts, mut decided) = (bars.clone(), relaxed.conflicts.clone(), Vec::new());
        loop {
            for conflict in &conflicts {
                self.bar(&mut bars, conflict, side);
                decided.push((conflict.period, conflict.name));
            }
            let found = match self.candidate(terminal, &bars) {
                Ok(found) => found,
                Err(Error::Infeasible { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            if found.conflicts.is_empty() {
                decided.sort_unstable();
                return Ok(Some((found, decided)));
            }
            conflicts = found.conflicts;
        }
    }

    fn bar(&self, bars: &mut Bars, conflict: &Conflict, side: Side) {
        let purchase = match side {
            Side::BarPurchase => conflict.bought <= conflict.sold || !conflict.faint(),
            Side::BarLoss => conflict.bought <= conflict.sold && conflict.faint(),
            Side::BarSmaller => conflict.bought <= conflict.sold,
        };
        if purchase {
            bars.buys[conflict.period][conflict.name] = true;
            return;
        }
        let lots = self.transition.lots.iter().enumerate();
        for (lot, _) in lots.filter(|(_, lot)| lot.name == conflict.name && lot.gain < 0.0) {
            bars.sales[conflict.period][lot] = true;
        }
    }

    /// Solves, cleans and re-adds; limits that the cleaned trades exceed are tightened by twice the excess.
    fn candidate(&mut self, terminal: f64, bars: &Bars) -> Result<Candidate, Error> {
        let t = self.transition;
        let mut tight = Tight::none(t);
        let mut over = Vec::new();
        for round in 0..TIGHTENINGS {
            let program = self.layout.program(terminal, bars, &tight);
            let found = self.solve(&program.general)?;
            if found.status != Status::Optimal {
                let proven = if round == 0 { conflict(&self.layout, &program, &found.y)? } else { None };
                let Some((limits, solves)) = proven else {
                    return Err(Error::Unsolved { status: found.status });
                };
                self.solves += solves;
                return Err(Error::Infeasible { limits });
            }
            let (trades, conflicts) = clean(t, &self.raw(&found.x));
            let evaluation = evaluated(t, self.factors, terminal, &trades)?;
            over = excesses(t, &evaluation);
            if over.is_empty() {
                let scale = max(1.0, abs(found.objective));
                let lower_bound = found.objective - found.certificate.gap * scale;
                return Ok(Candidate { evaluation, conflicts, certificate: found.certificate, lower_bound });
            }
            for (limit, excess) in &over {
                match limit {
                    Limit::YearBudget(year) => tight.year[*year] += 2.0 * excess,
                    Limit::PeriodBudget(period) => tight.period[*period] += 2.0 * excess,
                    _ => tight.other += 2.0 * excess,
                }
            }
        }
        let worst = over.first().copied();
        Err(worst.map_or(Error::Unsolved { status: Status::Failed }, |(limit, excess)| Error::Exceeded {
            limit,
            excess,
        }))
    }

    fn solve(&mut self, program: &General) -> Result<GeneralSolution, Error> {
        self.solves += 1;
        Ok(solve_general(program, &SETTINGS)?)
    }

    /// Trades of the program's columns.
    fn raw(&self, x: &[f64]) -> Vec<Trades> {
        let t = self.transition;
        let own = |period| Trades {
            sales: (0..t.lots.len()).map(|lot| x[self.layout.sale(period, lot)]).collect(),
            buys: (0..t.names()).map(|name| x[self.layout.buy(period, name)]).collect(),
        };
        (0..t.periods()).map(own).collect()
    }

    /// A lower bound of the final tracking error over all trades within the limits, conflicts ignored.
    fn floor(&mut self) -> Result<f64, Error> {
        let t = self.transition;
        let only_last = Transition { gamma: 0.0, ..t.clone() };
        let (bars, tight) = (Bars::none(t), Tight::none(t));
        let mut program = Layout::new(&only_last, self.factors).program(FLOOR_WEIGHT, &bars, &tight).general;
        for period in 0..t.periods() {
            for lot in 0..t.lots.len() {
                program.q[self.layout.sale(period, lot)] = 0.0;
            }
            for name in 0..t.names() {
                program.q[self.layout.buy(period, name)] = 0.0;
            }
        }
        let found = self.solve(&program)?;
        if found.status != Status::Optimal {
            return Err(Error::Unsolved { status: found.status });
        }
        let bound = found.objective - found.certificate.gap * max(1.0, abs(found.objective));
        Ok((max(bound, 0.0) / (0.5 * FLOOR_WEIGHT)).sqrt())
    }
}
