//! Parameters: the catalogue, the merge of layers, and the typed policy that the rest of the crate reads.

mod catalogue;
mod policy;
mod read;

pub use catalogue::{Parameter, catalogue};
pub use policy::{BenchmarkOf, Policy, Tilt};

use crate::{Error, Rules};
use samebits_snapshot::record::{Params, Setting, Source, Value};
use std::collections::BTreeMap;

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

/// Merges `layers` over the defaults of `rules`; each value remembers the layer that set it.
///
/// # Errors
/// [`Error::UnknownParameter`] for one that these rules do not read, and what [`Policy::new`] says of the merged set.
pub fn merge(rules: Rules, layers: &[Layer]) -> Result<Params, Error> {
    let defaults = catalogue().into_iter().filter(|known| known.since <= rules);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_layer_wins_and_is_named() {
        let account = Layer::new(Source::Account("A1".into()), [("risk_aversion", Value::Real(30.0))]);
        let day = Layer::new(Source::Override("funding".into()), [("turnover_max", Value::Off)]);
        let merged = merge(Rules::Third, &[account, day]).unwrap();
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
            let found =
                merge(Rules::Third, &[Layer::new(Source::Default, [(name, value)])]).unwrap_err().to_string();
            assert!(found.contains(part), "{found}");
        }
    }
}
