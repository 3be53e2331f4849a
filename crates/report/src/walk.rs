//! The Runs of an account in their order: read, checked, counted, dropped.

use crate::figures::{Checked, DayFigures, Sums, Year};
use crate::identity::{Explained, Standing};
use crate::posting::{self, Posted};
use crate::recount::Recount;
use crate::returns::{Base, BenchmarkReturn, amount, ratio};
use crate::{Error, Exact};
use samebits_ledger::{accrued, apply, law_of};
use samebits_snapshot::record::{Account, Event, Run, Source, Status, TradeSide, Value};
use samebits_snapshot::{account_id, canonical, diff};
use samebits_store::{Filter, Store};
use samebits_units::{Date, Money, rate};

/// The year of an account, from the Runs of a store; every check has passed. One Run is in memory at a time.
///
/// # Errors
/// The first difference that a check finds, [`Error::NoRuns`], and what the store says.
pub fn year(store: &Store, account: &str) -> Result<Year, Error> {
    let filter = Filter { account: Some(account.to_owned()), ..Filter::default() };
    let mut walk = Walk::new(account);
    for head in store.list(&filter)? {
        walk.add(&store.get(&head.run_id)?.run)?;
    }
    walk.finish()
}

/// Every check of an account and nothing else.
///
/// # Errors
/// As [`year`].
pub fn verify(store: &Store, account: &str) -> Result<Checked, Error> {
    Ok(year(store, account)?.checked)
}

/// A walk through the Runs of an account.
pub struct Walk {
    year: Year,
    state: Option<State>,
}

/// What is kept from one Run to the next.
struct State {
    sequence: u64,
    account: Account,
    standing: Standing,
    recount: Recount,
    base: Base,
    /// Tax accrued before the first Run, and that of tax years that have been closed since.
    tax_before: Money,
    tax_closed: Money,
    tax: Money,
}

/// A day between its checks and its figures.
struct Checking<'a> {
    run: &'a Run,
    posted: Posted,
    /// Without a day before: as if the day's actions had taken effect at the prices of the day.
    before: (Exact, Exact),
    gifts: Exact,
    after: Account,
    standing: Standing,
    costs: Money,
    price_gains: Exact,
    execution: Exact,
}

impl Walk {
    /// Before the first Run.
    #[must_use]
    pub fn new(account: &str) -> Self {
        let year = Year {
            account: account.to_owned(),
            strategy: String::new(),
            holder: String::new(),
            currency: String::new(),
            benchmark: String::new(),
            laws: Vec::new(),
            days: Vec::new(),
            sums: Sums::default(),
            relaxed: 0,
            unsolved: 0,
            trades: 0,
            turnover: 0.0,
            largest_factor: None,
            budgets: Vec::new(),
            expected_returns: false,
            borrow_fees: false,
            checked: Checked::default(),
        };
        Self { year, state: None }
    }

    /// The next Run.
    ///
    /// # Errors
    /// The first difference that a check finds.
    pub fn add(&mut self, run: &Run) -> Result<(), Error> {
        self.follows(run)?;
        let law = law_of(&run.inputs.account, &run.inputs.market)?;
        let mut state = match self.state.take() {
            Some(state) => state,
            None => State {
                sequence: 0,
                account: run.inputs.account.clone(),
                standing: Standing::default(),
                recount: Recount::new(&run.inputs.account, &run.inputs.market)?,
                base: Base::of(&run.inputs.market),
                tax_before: accrued(&run.inputs.account, law)?,
                tax_closed: Money::ZERO,
                tax: Money::ZERO,
            },
        };
        let day = state.check(run, self.year.days.is_empty())?;
        let tax = state.tax(&day)?;
        self.count(&day, &state, tax)?;
        state.sequence = run.inputs.question.sequence;
        state.standing = day.standing;
        state.base = Base::of(&run.inputs.market);
        state.tax = tax;
        state.account = day.after;
        self.state = Some(state);
        Ok(())
    }

    /// All Runs have been added.
    ///
    /// # Errors
    /// [`Error::NoRuns`] without any, and an identity that holds for each day and not for their sums.
    pub fn finish(self) -> Result<Year, Error> {
        let Some((state, last)) = self.state.as_ref().zip(self.year.days.last()) else {
            return Err(Error::NoRuns { account: self.year.account });
        };
        let (sums, day) = (&self.year.sums, last.date);
        for (what, difference) in
            [("value of the year", sums.unexplained_value()), ("tax of the year", sums.unexplained_tax())]
        {
            if difference != Exact::ZERO {
                return Err(Error::Identity { day, what, difference });
            }
        }
        let expected = Money::from_micros(i64::try_from(state.recount.disallowed_ever).unwrap_or(i64::MAX));
        if expected != sums.disallowed {
            return Err(Error::Disallowed { day, expected, found: sums.disallowed });
        }
        let taken_from_events = state.recount.taken_from_events;
        let checked = Checked { taken_from_events, ..self.year.checked };
        Ok(Year { checked, ..self.year })
    }

    /// The Run is of the account, the next one, and begins with the account that the Run before led to.
    fn follows(&self, run: &Run) -> Result<(), Error> {
        let question = &run.inputs.question;
        let (account, sequence, day) = (question.account.clone(), question.sequence, question.as_of);
        if account != self.year.account {
            let expected = format!("a Run of {}", self.year.account);
            return Err(Error::NotNext { account, sequence, expected });
        }
        let Some(state) = &self.state else { return Ok(()) };
        if sequence != state.sequence + 1 {
            return Err(Error::NotNext {
                account,
                sequence,
                expected: format!("Run {}", state.sequence + 1),
            });
        }
        if state.account == run.inputs.account {
            return Ok(());
        }
        let trees = [&state.account, &run.inputs.account].map(|one| canonical::to_tree("account", one));
        let [expected, found] = trees;
        let differences = diff(&expected?, &found?);
        let text = |tree: Option<&samebits_snapshot::Tree>| {
            tree.map_or_else(|| "absent".to_owned(), |tree| tree.to_string().chars().take(120).collect())
        };
        let first = differences.first();
        Err(Error::Changed {
            account,
            sequence,
            day,
            field: first.map_or_else(String::new, |first| first.field.clone()),
            expected: text(first.and_then(|first| first.recorded.as_ref())),
            found: text(first.and_then(|first| first.replayed.as_ref())),
        })
    }

    fn count(&mut self, day: &Checking<'_>, state: &State, tax: Money) -> Result<(), Error> {
        let first = self.year.days.is_empty();
        let (run, posted) = (day.run, &day.posted);
        if first {
            self.about(run);
            self.year.sums.start = day.before.0;
            self.year.sums.unrealised[0] = day.before.1;
        }
        self.sum(day, tax)?;
        let benchmark =
            if first { BenchmarkReturn::default() } else { state.base.until(&run.inputs.market)? };
        let holder = run.inputs.account.holder.as_ref();
        let dividend_rate = holder.map_or(0.0, |holder| rate::factor(holder.dividend_rate));
        let value = day.standing.value();
        let harvested = [0, 1].map(|term: usize| posted.lost[term].minus(posted.undone[term]));
        let [short_term, long_term] = harvested;
        let (account, account_after_tax) = day.returns(state.tax, tax)?;
        self.year.days.push(DayFigures {
            date: run.inputs.market.as_of,
            value,
            tax,
            account,
            account_after_tax,
            benchmark: benchmark.total,
            benchmark_after_tax: benchmark.total - dividend_rate * benchmark.dividends,
            predicted: run.outcome.totals.final_tracking_error,
            long: ratio(day.standing.long, value),
            short: ratio(day.standing.short, value),
            harvested: [short_term?, long_term?],
        });
        let traded = run.outcome.totals.bought.plus(run.outcome.totals.sold)?;
        if !first || run.outcome.trades.iter().any(|trade| trade.side == TradeSide::Sell) {
            self.year.turnover += 0.5 * rate::fraction(traded, run.outcome.totals.nav_before);
        }
        self.exposures(day);
        self.budgets(day)
    }

    fn about(&mut self, run: &Run) {
        let (year, inputs) = (&mut self.year, &run.inputs);
        year.currency.clone_from(&inputs.market.currency);
        year.benchmark.clone_from(&inputs.market.benchmark.id);
        let strategy = inputs.params.settings.values().find_map(|setting| match &setting.source {
            Source::Strategy(name) => Some(name.clone()),
            _ => None,
        });
        year.strategy = strategy.unwrap_or_default();
        if let Some(holder) = &inputs.account.holder {
            year.holder = format!("{:?}: {}", holder.jurisdiction, holder.profile);
        }
    }

    fn sum(&mut self, day: &Checking<'_>, tax: Money) -> Result<(), Error> {
        let (year, posted, market) = (&mut self.year, &day.posted, &day.run.inputs.market);
        let law = &law_of(&day.after, market)?.id;
        if year.laws.last() != Some(law) {
            year.laws.push(law.clone());
        }
        year.expected_returns |= market.alpha.iter().any(|alpha| *alpha != 0.0);
        year.borrow_fees |= market.borrow.iter().any(|fee| fee.hundredths() != 0);
        year.relaxed += u32::from(matches!(day.run.outcome.status, Status::Relaxed(_)));
        year.unsolved += u32::from(matches!(day.run.outcome.status, Status::Unsolved(_)));
        let trades = day.run.outcome.trades.len() as u32;
        year.trades += trades;
        year.checked.runs += 1;
        year.checked.trades += trades;
        year.checked.lots += (day.after.lots.len() + day.after.shorts.len()) as u64;
        let sums = &mut year.sums;
        sums.end = day.standing.value();
        sums.unrealised[1] = day.standing.unrealised();
        sums.tax = tax;
        sums.gifts += day.gifts;
        sums.given_gains += day.gifts - posted.given_basis.into();
        sums.price_gains += day.price_gains;
        sums.execution += day.execution;
        for (sum, part) in [
            (&mut sums.contributions, posted.contributions),
            (&mut sums.withdrawals, posted.withdrawals),
            (&mut sums.dividends, posted.dividends),
            (&mut sums.in_lieu, posted.in_lieu),
            (&mut sums.borrow, posted.borrow),
            (&mut sums.costs, day.costs),
            (&mut sums.levies, posted.levies),
            (&mut sums.disallowed, posted.disallowed),
            (&mut sums.gone, posted.gone),
            (&mut sums.deemed, posted.deemed),
        ] {
            *sum = sum.plus(part)?;
        }
        for term in 0..2 {
            sums.realised[term] = sums.realised[term].plus(posted.realised[term])?;
            sums.harvested[term] =
                sums.harvested[term].plus(posted.lost[term].minus(posted.undone[term])?)?;
        }
        Ok(())
    }

    /// The largest exposure of the final holdings, less those of what is tracked: ascending sums over securities.
    fn exposures(&mut self, day: &Checking<'_>) {
        let (inputs, loadings) = (&day.run.inputs, &day.run.inputs.risk.loadings);
        let (market, n, k) = (&inputs.market, inputs.market.prices.len(), loadings.cols);
        if loadings.values.len() != n * k || market.benchmark.weights.len() != n {
            return;
        }
        let tracked = |i: usize| match inputs.params.settings.get("benchmark").map(|known| &known.value) {
            Some(Value::Text(name)) if name == "none" => 0.0,
            Some(Value::Text(name)) if name == "equal" => 1.0 / n as f64,
            _ => market.benchmark.weights[i],
        };
        let value = day.standing.value();
        let mut weights: Vec<f64> = (0..n).map(|i| -tracked(i)).collect();
        let held = day.after.lots.iter().map(|lot| (lot.security, lot.quantity, 1.0));
        let owed = day.after.shorts.iter().map(|lot| (lot.security, lot.quantity, -1.0));
        for (security, quantity, sign) in held.chain(owed) {
            let at = security as usize;
            weights[at] += sign * ratio(Exact::of(market.prices[at], quantity), value);
        }
        for factor in 0..k {
            let exposure =
                (0..n).fold(0.0, |sum, i| sum + weights[i] * f64::from(loadings.values[i * k + factor]));
            let size = samebits_canon::abs(exposure);
            if self.year.largest_factor.as_ref().is_none_or(|(_, most, _)| size > samebits_canon::abs(*most))
            {
                let name = inputs.risk.factors.get(factor).cloned().unwrap_or_default();
                self.year.largest_factor = Some((name, exposure, market.as_of));
            }
        }
    }

    fn budgets(&mut self, day: &Checking<'_>) -> Result<(), Error> {
        let realised = &day.after.realised;
        for (name, used) in [
            ("gain_budget_currency", realised.short_term.plus(realised.long_term)?),
            ("gain_budget_short_currency", realised.short_term),
            ("gain_budget_long_currency", realised.long_term),
        ] {
            let setting = day.run.inputs.params.settings.get(name).map(|setting| &setting.value);
            let Some(Value::Integer(units)) = setting else { continue };
            let budget = Money::from_units(*units)?;
            match self.year.budgets.iter_mut().find(|(known, ..)| known == name) {
                Some((_, most, before)) => (*most, *before) = (budget, used.max(*before)),
                None => self.year.budgets.push((name.to_owned(), budget, used)),
            }
        }
        Ok(())
    }
}

impl State {
    /// Every check of a day, the most telling first.
    fn check<'a>(&mut self, run: &'a Run, first: bool) -> Result<Checking<'a>, Error> {
        let (market, account, day) = (&run.inputs.market, &run.inputs.account, run.inputs.question.as_of);
        posting::prices(run)?;
        let postings = posting::split(run)?;
        let posted = Posted::new(run, &postings)?;
        self.recount.open(run, &postings)?;
        let opened = self.recount.market_value(market)?;
        posting::charges(run, &posted)?;
        let gifts = self.recount.gifts(run, &postings)?;
        self.recount.trade(run)?;
        let denied = self.recount.disallowed()?;
        if denied != posted.disallowed {
            return Err(Error::Disallowed { day, expected: denied, found: posted.disallowed });
        }
        let after = apply(account, &run.outcome.events)?;
        self.recount.compare(run, &after)?;
        if account_id(&after)? != run.outcome.stages.account_after {
            let (account, sequence) = (run.inputs.question.account.clone(), run.inputs.question.sequence);
            return Err(Error::Digest { account, sequence, day });
        }
        let standing = Standing::new(&after, market)?;
        let before = if first {
            let value = Exact::from(account.cash) + opened + posted.action_cash.into();
            (value, value - Exact::from(account.cash) - Standing::new(account, market)?.basis)
        } else {
            (self.standing.value(), self.standing.unrealised())
        };
        let held = before.0 - account.cash.into();
        let price_gains = opened + posted.action_cash.into() - held;
        let trades = &run.outcome.trades;
        let costs = Money::total(trades.iter().map(|trade| trade.cost))?;
        let gains = Money::total(trades.iter().map(|trade| trade.gain))?;
        let realised = gains.plus(posted.action_gains)?.plus(denied)?.into();
        let execution = posting::execution(run);
        let explained = Explained {
            day,
            before,
            after: standing,
            posted: &posted,
            price_gains,
            gifts,
            costs,
            execution,
            realised,
        };
        explained.check()?;
        explained
            .totals(run, account.lots.len() + account.shorts.len() + after.lots.len() + after.shorts.len())?;
        taxes(run, &posted)?;
        Ok(Checking { run, posted, before, gifts, after, standing, costs, price_gains, execution })
    }

    /// Tax accrued since the first Run: that of closed tax years, that of the year, less what had been accrued before.
    fn tax(&mut self, day: &Checking<'_>) -> Result<Money, Error> {
        let run = day.run;
        let events = &run.outcome.events;
        let law = law_of(&day.after, &run.inputs.market)?;
        if let Some(at) = events.iter().position(|event| matches!(event, Event::YearRoll { .. })) {
            let closed = accrued(&apply(&run.inputs.account, &events[..at])?, law)?;
            if let Event::YearRoll { owed: Some(found), .. } = &events[at]
                && *found != closed
            {
                let what = "the tax of the year that ended is";
                return Err(Error::Sum {
                    day: run.inputs.question.as_of,
                    what,
                    expected: closed,
                    found: *found,
                });
            }
            self.tax_closed = self.tax_closed.plus(closed)?;
        }
        let expected = accrued(&day.after, law)?;
        let found = run.outcome.tax.accrued;
        if expected != found {
            let what = "the tax accrued is";
            return Err(Error::Sum { day: run.inputs.question.as_of, what, expected, found });
        }
        Ok(self.tax_closed.plus(expected)?.minus(self.tax_before)?)
    }
}

/// The taxes that the Run states are the sums of its events.
fn taxes(run: &Run, posted: &Posted) -> Result<(), Error> {
    let (day, tax) = (run.inputs.question.as_of, &run.outcome.tax);
    let harvested = posted.lost[0].plus(posted.lost[1])?.minus(posted.undone[0])?.minus(posted.undone[1])?;
    for (what, expected, found) in [
        ("the short-term result is", posted.realised[0], tax.realised.short_term),
        ("the long-term result is", posted.realised[1], tax.realised.long_term),
        ("the harvested loss is", harvested, tax.harvested),
        ("the disallowed loss is", posted.disallowed, tax.disallowed),
    ] {
        if expected != found {
            return Err(Error::Sum { day, what, expected, found });
        }
    }
    Ok(())
}

impl Checking<'_> {
    /// The time-weighted return of the day, before and after tax. Flows come after the day's prices and before its trades:
    /// `value with the day's prices / value before * value after / (value with the day's prices + flows) - 1`.
    fn returns(&self, tax_before: Money, tax_after: Money) -> Result<(f64, f64), Error> {
        let posted = &self.posted;
        let income = Exact::from(posted.dividends) - posted.in_lieu.into() - posted.borrow.into();
        let at_prices = self.before.0 + self.price_gains + income;
        let flows = Exact::from(posted.contributions) - posted.withdrawals.into() - self.gifts;
        let date: Date = self.run.inputs.market.as_of;
        let one = |before: Exact, after: Exact| -> Result<f64, Error> {
            let values = [self.before.0 - before, at_prices - before, at_prices + flows - before];
            for value in values {
                if value <= Exact::ZERO {
                    return Err(Error::NoValue { day: date, value });
                }
            }
            let [start, opened, invested] = values.map(amount);
            Ok(opened / start * (amount(self.standing.value() - after) / invested) - 1.0)
        };
        Ok((one(Exact::ZERO, Exact::ZERO)?, one(tax_before.into(), tax_after.into())?))
    }
}
