//! Every parameter, its default and its meaning.

use crate::Rules;
use samebits_snapshot::record::Value;

/// A parameter that this version knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; the unit comes last.
    pub name: &'static str,
    /// Value when no layer sets it.
    pub default: Value,
    /// The first rules that read it; Runs of earlier rules do not have it.
    pub since: Rules,
    /// What it does, for people.
    pub meaning: &'static str,
}

/// Every parameter, by name.
pub fn catalogue() -> Vec<Parameter> {
    let mut all: Vec<Parameter> = [first(), limits(), positions(), client()].into_iter().flatten().collect();
    all.sort_by_key(|parameter| parameter.name);
    all
}

fn list(names: &[&str]) -> Value {
    Value::List(names.iter().map(|name| (*name).to_owned()).collect())
}

fn since(rules: Rules, name: &'static str, default: Value, meaning: &'static str) -> Parameter {
    Parameter { name, default, since: rules, meaning }
}

/// What the first rules read.
fn first() -> Vec<Parameter> {
    let entry = |name, default, meaning| since(Rules::First, name, default, meaning);
    vec![
        entry(
            "buy_cost_hundredth_bp",
            Value::Integer(500),
            "cost of a purchase, hundredths of a basis point",
        ),
        entry("cash_max", Value::Real(0.01), "most cash after trading, as a fraction of net asset value"),
        entry("cash_min", Value::Real(0.0005), "least cash after trading, as a fraction of net asset value"),
        entry("exclude", list(&[]), "tickers that are never bought and are sold out when held"),
        entry("factor_limit", Value::Real(0.05), "largest active exposure to each factor"),
        entry(
            "gain_budget_currency",
            Value::Off,
            "most net realised gain a tax year, in units of the currency",
        ),
        entry(
            "loss_sale_with_recent_purchase",
            Value::Flag(false),
            "rules 1 and 2: whether a loss may be realised while shares of the group were bought within the wash-sale window; \
             rules 3: it may, and counts nothing",
        ),
        entry(
            "min_ticket_currency",
            Value::Integer(500),
            "smallest trade in a name, in units of the currency",
        ),
        entry("no_buy", list(&[]), "tickers that are not bought"),
        entry(
            "relaxation_order",
            list(&["turnover", "sector", "factor", "cash_max", "gain_budget", "tracking_error"]),
            "classes of constraints that give, in this order, when a day's constraints conflict",
        ),
        entry("risk_aversion", Value::Real(60.0), "weight of half the active variance"),
        entry("risk_form", Value::Text("dense".into()), "covariance used: dense, or factor"),
        entry("sector_limit", Value::Real(0.02), "largest active weight of each sector"),
        entry("sell_cost_hundredth_bp", Value::Integer(500), "cost of a sale, hundredths of a basis point"),
        entry("tax_weight", Value::Real(1.0), "weight of the tax on sales"),
        entry("tracking_error_cap", Value::Off, "hard cap on annualised tracking error, as a fraction"),
        entry(
            "turnover_max",
            Value::Real(0.25),
            "most purchases plus sales a day, as a fraction of net asset value",
        ),
        entry("weight_cap", Value::Real(0.10), "largest weight of a name"),
    ]
}

/// Limits, benchmark and tilts of the third rules.
fn limits() -> Vec<Parameter> {
    let entry = |name, default, meaning| since(Rules::Third, name, default, meaning);
    vec![
        entry(
            "alpha_weight",
            Value::Real(0.0),
            "weight of the expected returns that the market of the day pins",
        ),
        entry(
            "benchmark",
            Value::Text("market".into()),
            "what is tracked: market, the benchmark of the day; equal, the same weight in every name; none, zero",
        ),
        entry("exclude_sectors", list(&[]), "sectors that are never bought and are sold out when held"),
        entry(
            "factor_neutral",
            Value::Flag(false),
            "whether the active exposure to each factor is zero instead of limited",
        ),
        entry(
            "factor_tilts",
            list(&[]),
            "rewards for exposure, as name=number: fraction of net asset value a year per unit of exposure",
        ),
        entry(
            "gain_budget_long_currency",
            Value::Off,
            "most net realised long-term gain a tax year, in units of the currency",
        ),
        entry(
            "gain_budget_short_currency",
            Value::Off,
            "most net realised short-term gain a tax year, in units of the currency",
        ),
        entry(
            "net_exposure",
            Value::Off,
            "sum of all weights, held exactly; off: what the cash limits leave",
        ),
        entry(
            "tracking_error_soft",
            Value::Off,
            "annualised tracking error above which `tracking_error_soft_price` is charged, as a fraction",
        ),
        entry(
            "tracking_error_soft_price",
            Value::Real(1.0),
            "charge on the excess over `tracking_error_soft`: fraction of net asset value per unit of tracking error",
        ),
        entry(
            "weight_cap_glide",
            Value::Flag(false),
            "whether a name above `weight_cap` may be kept, so that the cap bars purchases and forces no sale",
        ),
    ]
}

/// Short positions and waiting, of the third rules.
fn positions() -> Vec<Parameter> {
    let entry = |name, default, meaning| since(Rules::Third, name, default, meaning);
    vec![
        entry(
            "borrow_horizon_days",
            Value::Integer(90),
            "days of borrow fee that the objective charges on a short position",
        ),
        entry("long_gross_max", Value::Off, "most weight of the long positions together"),
        entry("no_short", list(&[]), "tickers that are not sold short"),
        entry("short_cap", Value::Real(0.02), "largest weight of a short position in one name"),
        entry(
            "short_gross_max",
            Value::Off,
            "most weight of the short positions together; off: no short positions",
        ),
        entry(
            "wait_cost_hundredth_bp_day",
            Value::Integer(100),
            "what waiting a day for the long-term rate costs, hundredths of a basis point of the value",
        ),
        entry(
            "wait_days",
            Value::Integer(45),
            "days before a gain becomes long-term in which selling it is charged what waiting would save",
        ),
    ]
}

/// What a client asks for on a day, of the third rules.
fn client() -> Vec<Parameter> {
    let entry = |name, default, meaning| since(Rules::Third, name, default, meaning);
    vec![
        entry(
            "cash_in_lieu",
            Value::Flag(true),
            "whether fractions of a share that a corporate action leaves are paid in cash",
        ),
        entry(
            "contribution_currency",
            Value::Integer(0),
            "cash put in before trading, units of the currency",
        ),
        entry(
            "gift_currency",
            Value::Integer(0),
            "market value of the most appreciated long-term lots given away before trading, units of the currency",
        ),
        entry(
            "withdrawal_currency",
            Value::Integer(0),
            "cash taken out, raised by the day's trades, units of the currency",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let all = catalogue();
        assert!(all.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
