//! Accounts over the whole catalogue: every strategy, four tax systems, customisations, client flows.

use super::scenario::{AccountPlan, Funding};
use crate::Error;
use samebits_rebalance::{ClientFlow, Layer, strategy};
use samebits_snapshot::record::{Holder, Jurisdiction, RateChange, Realised, Source, Value};
use samebits_tax::{MarginalRates, australia, canada, india, us};
use samebits_units::{Bps, Date, Money};

/// Accounts that there are.
pub const ACCOUNTS: usize = 40;

/// Who holds an account, before the day's rates are known.
#[derive(Clone, Copy)]
enum Resident {
    /// Single or joint, ordinary income, state rate in hundredths of a basis point.
    UnitedStates(us::Filing, i64, i32),
    /// Taxable income, provincial rate.
    Canada(i64, i32),
    Australia,
    India(i64),
}

/// One kind of account; the fleet repeats them with other sizes and risk aversions.
struct Kind {
    name: &'static str,
    strategy: &'static str,
    resident: Resident,
    funding: Funding,
    units: i64,
    /// Short-term gains declared elsewhere: what harvested losses are set against.
    outside: i64,
    own: Vec<(&'static str, Value)>,
    flows: Vec<(usize, ClientFlow)>,
}

/// The first `count` of the forty accounts, as they are on `day`: with the rates of that day for good.
///
/// # Errors
/// A day without tax rates.
pub fn catalogue_accounts(day: Date, count: usize) -> Result<Vec<AccountPlan>, Error> {
    catalogue_accounts_until(day, day, count)
}

/// As [`catalogue_accounts`], with the rates that the laws' dated rows give the holders up to `last`.
///
/// # Errors
/// A day without tax rates.
pub fn catalogue_accounts_until(day: Date, last: Date, count: usize) -> Result<Vec<AccountPlan>, Error> {
    let kinds = kinds();
    let each = kinds.len();
    (0..count.min(ACCOUNTS)).map(|at| plan((day, last), at, &kinds[at % each], at / each)).collect()
}

/// The days after `first`, up to `last`, on which `rates` are others than on the day before, with what they then are.
///
/// # Errors
/// Those of `rates`.
pub fn rate_changes(
    first: Date,
    last: Date,
    rates: &dyn Fn(Date) -> Result<MarginalRates, Error>,
) -> Result<Vec<RateChange>, Error> {
    let (mut changes, mut before, mut day) = (Vec::new(), rates(first)?, first);
    while day < last {
        day = day.plus_days(1)?;
        let now = rates(day)?;
        if now != before {
            let (loss_value, dividend_rate) = (half(now.rates.long_term), now.dividend);
            changes.push(RateChange { from: day, rates: now.rates, loss_value, dividend_rate });
            before = now;
        }
    }
    Ok(changes)
}

fn plan((day, last): (Date, Date), at: usize, kind: &Kind, round: usize) -> Result<AccountPlan, Error> {
    let id = format!("{:02}-{}", at + 1, kind.name);
    let (marginal, jurisdiction, profile) = rates(day, kind.resident)?;
    let later = |day| Ok(rates(day, kind.resident)?.0);
    let funded = Money::from_units(kind.units * [4, 10, 25][round % 3] / 4)?;
    let mut own = kind.own.clone();
    let aversion = [None, Some(100.0), Some(35.0)][round % 3];
    if let Some(aversion) = aversion
        && kind.name.starts_with("di")
    {
        own.push(("risk_aversion", Value::Real(aversion)));
    }
    let account = Layer {
        source: Source::Account(id.clone()),
        values: own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    let known = strategy(kind.strategy).ok_or(Error::UnknownStrategy { wanted: kind.strategy.to_owned() })?;
    Ok(AccountPlan {
        id,
        funded,
        funding: kind.funding,
        rates: marginal.rates,
        rate_changes: rate_changes(day, last, &later)?,
        holder: Some(Holder {
            jurisdiction,
            profile,
            outside: Realised { short_term: Money::from_units(kind.outside)?, long_term: Money::ZERO },
            loss_value: half(marginal.rates.long_term),
            dividend_rate: marginal.dividend,
        }),
        layers: vec![known.layer(), account],
        flows: kind.flows.clone(),
    })
}

/// A loss that the year cannot use is put at half the long-term rate: it will be of use, later.
fn half(rate: Bps) -> Bps {
    Bps::from_hundredths(rate.hundredths() / 2)
}

fn rates(day: Date, resident: Resident) -> Result<(MarginalRates, Jurisdiction, String), Error> {
    let money = Money::from_units;
    Ok(match resident {
        Resident::UnitedStates(filing, income, state) => {
            let state = Bps::from_hundredths(state);
            let payer = us::Taxpayer { filing, ordinary_income: money(income)?, modified_agi: None, state };
            let profile = format!("{filing:?}, ordinary income {income}, state {state} bp");
            (us::rates(day, &payer)?, Jurisdiction::UnitedStates, profile)
        }
        Resident::Canada(income, provincial) => {
            let provincial = Bps::from_hundredths(provincial);
            let payer =
                canada::Taxpayer { taxable_income: money(income)?, provincial, dividend_credit: None };
            let profile = format!("taxable income {income}, province {provincial} bp, foreign dividends");
            (canada::rates(day, &payer)?, Jurisdiction::Canada, profile)
        }
        Resident::Australia => {
            let payer = australia::Taxpayer {
                kind: australia::Kind::Individual { taxable_income: money(250_000)? },
                franked: Bps::ZERO,
            };
            let rates = australia::rates(day, &payer, false)?;
            (rates, Jurisdiction::Australia, "individual, taxable income 250000".to_owned())
        }
        Resident::India(income) => {
            let payer = india::Taxpayer { regime: india::Regime::Old, total_income: money(income)? };
            (india::rates(day, &payer)?, Jurisdiction::India, format!("total income {income}"))
        }
    })
}

fn kinds() -> Vec<Kind> {
    let top = Resident::UnitedStates(us::Filing::Single, 600_000, 0);
    let california = Resident::UnitedStates(us::Filing::MarriedJointly, 350_000, 93_000);
    let earlier = Funding::Earlier { sessions: 126 };
    let kind = |name, strategy, resident, funding, units, outside| Kind {
        name,
        strategy,
        resident,
        funding,
        units,
        outside,
        own: Vec::new(),
        flows: Vec::new(),
    };
    let direct = "tax-aware-direct-indexing/2";
    let abroad = "multi-jurisdiction-direct-indexing/1";
    let mut all = vec![
        kind("di-us", direct, top, earlier, 2_000_000, 1_000_000),
        kind("ls-130-30", "long-short-130-30/1", top, Funding::Cash, 3_000_000, 1_000_000),
        kind("di-ca", abroad, Resident::Canada(260_000, 131_600), earlier, 1_500_000, 200_000),
        kind("pairs", "market-neutral-pair-sleeve/1", top, Funding::Cash, 2_000_000, 1_000_000),
        kind("di-au", abroad, Resident::Australia, earlier, 1_500_000, 200_000),
        kind("transition", "concentrated-transition/1", top, Funding::Concentrated, 4_000_000, 0),
        kind("di-in", abroad, Resident::India(6_000_000), earlier, 1_500_000, 200_000),
        kind("cash-flow", "cash-flow/1", california, Funding::Cash, 2_000_000, 300_000),
        kind("charity", "charity/1", california, Funding::Old { sessions: 420 }, 2_000_000, 300_000),
        kind("di-screened", direct, california, Funding::Cash, 1_000_000, 300_000),
        kind("ls-150-50", "long-short-150-50/1", top, Funding::Cash, 3_000_000, 1_000_000),
        kind("ls-200-100", "long-short-200-100/1", top, Funding::Cash, 3_000_000, 1_000_000),
        kind("ls-250-150", "long-short-250-150/1", top, Funding::Cash, 3_000_000, 1_000_000),
        kind(
            "di-limit",
            direct,
            Resident::UnitedStates(us::Filing::Single, 120_000, 50_000),
            earlier,
            500_000,
            0,
        ),
    ];
    for one in &mut all {
        customise(one);
    }
    all
}

fn customise(kind: &mut Kind) {
    match kind.name {
        "cash-flow" => {
            kind.flows = vec![
                (40, ClientFlow::Contribution(200_000)),
                (90, ClientFlow::Withdrawal(150_000)),
                (170, ClientFlow::Withdrawal(60_000)),
                (215, ClientFlow::Contribution(100_000)),
            ];
        }
        "charity" => {
            kind.flows = vec![(120, ClientFlow::Gift(50_000)), (121, ClientFlow::Contribution(50_000))];
        }
        "di-screened" => {
            kind.own = vec![
                ("exclude_sectors", Value::List(vec!["Energy".to_owned()])),
                ("factor_tilts", Value::List(vec!["momentum=0.01".to_owned()])),
                ("tracking_error_soft", Value::Off),
                ("tracking_error_cap", Value::Real(0.03)),
                ("sector_limit", Value::Real(0.08)),
                ("factor_limit", Value::Real(0.25)),
            ];
        }
        "di-limit" => kind.own = vec![("risk_form", Value::Text("factor".to_owned()))],
        _ => {}
    }
}
