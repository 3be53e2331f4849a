//! Parameters: the catalogue, the merge of layers, and the typed policy that the rest of the crate reads.

use crate::Error;
use samebits_snapshot::record::{Params, RowKind, Setting, Source, Value};
use samebits_units::{Bps, Money};
use std::collections::BTreeMap;

/// A parameter that this version knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; the unit comes last.
    pub name: &'static str,
    /// Value when no layer sets it.
    pub default: Value,
    /// What it does, for people.
    pub meaning: &'static str,
}

/// One layer of overrides; a later layer wins.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Where the values come from.
    pub source: Source,
    /// The values.
    pub values: BTreeMap<String, Value>,
}

impl Layer {
    /// A layer from pairs of name and value.
    pub fn new<const K: usize>(source: Source, values: [(&str, Value); K]) -> Self {
        Self { source, values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }
}

/// Every parameter, by name.
pub fn catalogue() -> Vec<Parameter> {
    let list = |names: &[&str]| Value::List(names.iter().map(|name| (*name).to_owned()).collect());
    let entry = |name, default, meaning| Parameter { name, default, meaning };
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
            "whether a loss may be realised while shares of the group were bought within the wash-sale window",
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

/// Merges `layers` over the defaults; each value remembers the layer that set it.
///
/// # Errors
/// [`Error::UnknownParameter`], and what [`Policy::new`] says of the merged set.
pub fn merge(layers: &[Layer]) -> Result<Params, Error> {
    let defaults = catalogue().into_iter();
    let mut settings: BTreeMap<String, Setting> = defaults
        .map(|known| (known.name.to_owned(), Setting { value: known.default, source: Source::Default }))
        .collect();
    for layer in layers {
        for (name, value) in &layer.values {
            let setting =
                settings.get_mut(name).ok_or_else(|| Error::UnknownParameter { name: name.clone() })?;
            *setting = Setting { value: value.clone(), source: layer.source.clone() };
        }
    }
    let params = Params { settings };
    Policy::new(&params)?;
    Ok(params)
}

/// The parameters as the crate uses them.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Cost of a purchase.
    pub buy_cost: Bps,
    /// Cost of a sale.
    pub sell_cost: Bps,
    /// Most cash after trading, fraction of NAV.
    pub cash_max: f64,
    /// Least cash after trading, fraction of NAV.
    pub cash_min: f64,
    /// Tickers sold out and never bought.
    pub exclude: Vec<String>,
    /// Tickers not bought.
    pub no_buy: Vec<String>,
    /// Largest active factor exposure.
    pub factor_limit: Option<f64>,
    /// Largest active sector weight.
    pub sector_limit: Option<f64>,
    /// Most purchases plus sales, fraction of NAV.
    pub turnover_max: Option<f64>,
    /// Most net realised gain a tax year.
    pub gain_budget: Option<Money>,
    /// Hard cap on annualised tracking error, fraction.
    pub tracking_error_cap: Option<f64>,
    /// Whether a recent purchase leaves loss sales open.
    pub loss_sale_with_recent_purchase: bool,
    /// Smallest trade in a name.
    pub min_ticket: Money,
    /// Classes that give, in order.
    pub relaxation_order: Vec<(RowKind, &'static str)>,
    /// Weight of half the active variance.
    pub risk_aversion: f64,
    /// Use the factor form of the covariance.
    pub factor_form: bool,
    /// Weight of the tax on sales.
    pub tax_weight: f64,
    /// Largest weight of a name.
    pub weight_cap: Option<f64>,
}

/// Classes of constraints that may give, with the row kind they stand for.
const CLASSES: [(&str, RowKind); 6] = [
    ("turnover", RowKind::Turnover),
    ("sector", RowKind::Sector),
    ("factor", RowKind::Factor),
    ("cash_max", RowKind::Budget),
    ("gain_budget", RowKind::GainBudget),
    ("tracking_error", RowKind::TrackingError),
];

impl Policy {
    /// Reads a full set of parameters.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::MissingParameter`], and [`Error::Parameter`] for a value of the wrong type
    /// or out of range.
    pub fn new(params: &Params) -> Result<Self, Error> {
        let known = catalogue();
        if let Some(name) = params.settings.keys().find(|name| known.iter().all(|entry| entry.name != **name))
        {
            return Err(Error::UnknownParameter { name: name.clone() });
        }
        let read = Reader(params);
        let policy = Self {
            buy_cost: read.cost("buy_cost_hundredth_bp")?,
            sell_cost: read.cost("sell_cost_hundredth_bp")?,
            cash_max: read.real("cash_max")?,
            cash_min: read.real("cash_min")?,
            exclude: read.list("exclude")?,
            no_buy: read.list("no_buy")?,
            factor_limit: read.limit("factor_limit")?,
            sector_limit: read.limit("sector_limit")?,
            turnover_max: read.limit("turnover_max")?,
            gain_budget: read.budget("gain_budget_currency")?,
            tracking_error_cap: read.limit("tracking_error_cap")?,
            loss_sale_with_recent_purchase: read.flag("loss_sale_with_recent_purchase")?,
            min_ticket: read.money("min_ticket_currency")?,
            relaxation_order: read.classes("relaxation_order")?,
            risk_aversion: read.real("risk_aversion")?,
            factor_form: read.choice("risk_form", ["dense", "factor"])? == 1,
            tax_weight: read.real("tax_weight")?,
            weight_cap: read.limit("weight_cap")?,
        };
        if policy.cash_min > policy.cash_max {
            return Err(wrong("cash_min", &Value::Real(policy.cash_min), "at most cash_max"));
        }
        Ok(policy)
    }
}

fn wrong(name: &str, found: &Value, expected: &'static str) -> Error {
    Error::Parameter { name: name.to_owned(), found: format!("{found:?}"), expected }
}

struct Reader<'a>(&'a Params);

impl Reader<'_> {
    fn value(&self, name: &'static str) -> Result<&Value, Error> {
        self.0.settings.get(name).map(|setting| &setting.value).ok_or(Error::MissingParameter { name })
    }

    fn real(&self, name: &'static str) -> Result<f64, Error> {
        match self.value(name)? {
            Value::Real(value) if value.is_finite() && *value >= 0.0 => Ok(*value),
            other => Err(wrong(name, other, "a number that is not negative")),
        }
    }

    fn limit(&self, name: &'static str) -> Result<Option<f64>, Error> {
        match self.value(name)? {
            Value::Off => Ok(None),
            Value::Real(value) if value.is_finite() && *value > 0.0 => Ok(Some(*value)),
            other => Err(wrong(name, other, "off, or a positive number")),
        }
    }

    fn flag(&self, name: &'static str) -> Result<bool, Error> {
        match self.value(name)? {
            Value::Flag(value) => Ok(*value),
            other => Err(wrong(name, other, "true or false")),
        }
    }

    fn cost(&self, name: &'static str) -> Result<Bps, Error> {
        match self.value(name)? {
            Value::Integer(value @ 0..=1_000_000) => Ok(Bps::from_hundredths(*value as i32)),
            other => Err(wrong(name, other, "an integer from 0 to 1,000,000")),
        }
    }

    fn money(&self, name: &'static str) -> Result<Money, Error> {
        match self.value(name)? {
            Value::Integer(value @ 0..) => Ok(Money::from_units(*value)?),
            other => Err(wrong(name, other, "an integer that is not negative")),
        }
    }

    fn budget(&self, name: &'static str) -> Result<Option<Money>, Error> {
        match self.value(name)? {
            Value::Off => Ok(None),
            _ => self.money(name).map(Some),
        }
    }

    fn list(&self, name: &'static str) -> Result<Vec<String>, Error> {
        match self.value(name)? {
            Value::List(names) => Ok(names.clone()),
            other => Err(wrong(name, other, "a list of names")),
        }
    }

    fn choice<const K: usize>(&self, name: &'static str, allowed: [&str; K]) -> Result<usize, Error> {
        let value = self.value(name)?;
        let found = match value {
            Value::Text(text) => allowed.iter().position(|choice| choice == text),
            _ => None,
        };
        found.ok_or_else(|| wrong(name, value, "one of the names that the catalogue lists"))
    }

    fn classes(&self, name: &'static str) -> Result<Vec<(RowKind, &'static str)>, Error> {
        let value = self.value(name)?;
        let known = |class: &String| {
            let found = CLASSES.iter().find(|(text, _)| text == class);
            found
                .map(|(text, kind)| (*kind, *text))
                .ok_or_else(|| wrong(name, value, "classes of constraints"))
        };
        self.list(name)?.iter().map(known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_layer_wins_and_is_named() {
        let account = Layer::new(Source::Account("A1".into()), [("risk_aversion", Value::Real(30.0))]);
        let day = Layer::new(Source::Override("funding".into()), [("turnover_max", Value::Off)]);
        let merged = merge(&[account, day]).unwrap();
        assert_eq!(merged.settings["risk_aversion"].source, Source::Account("A1".into()));
        assert_eq!(merged.settings["sector_limit"].source, Source::Default);
        let policy = Policy::new(&merged).unwrap();
        assert_eq!((policy.risk_aversion, policy.turnover_max), (30.0, None));
    }

    #[test]
    fn wrong_values_are_named() {
        let cases = [
            ("risk_aversion", Value::Real(f64::NAN), "risk_aversion"),
            ("risk_aversion", Value::Integer(3), "risk_aversion"),
            ("risk_form", Value::Text("sparse".into()), "risk_form"),
            ("relaxation_order", Value::List(vec!["law".into()]), "relaxation_order"),
            ("cash_min", Value::Real(0.5), "at most cash_max"),
            ("te_cap", Value::Off, "`te_cap` is not known"),
        ];
        for (name, value, part) in cases {
            let found = merge(&[Layer::new(Source::Default, [(name, value)])]).unwrap_err().to_string();
            assert!(found.contains(part), "{found}");
        }
    }
}
