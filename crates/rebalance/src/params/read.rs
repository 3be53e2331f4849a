//! Values of parameters, checked.

use super::Parameter;
use super::policy::{CLASSES, Tilt};
use crate::{Error, Rules};
use samebits_snapshot::record::{Params, RowKind, Value};
use samebits_units::{Bps, Money};

pub(super) fn wrong(name: &str, found: &Value, expected: &'static str) -> Error {
    Error::Parameter { name: name.to_owned(), found: format!("{found:?}"), expected }
}

/// Most days that a parameter may count.
const MOST_DAYS: i64 = 3_660;

pub(super) struct Reader<'a> {
    pub(super) params: &'a Params,
    pub(super) known: &'a [Parameter],
}

impl Reader<'_> {
    /// The value, or the default of a parameter that came after the rules of an earlier Run.
    fn value(&self, name: &'static str) -> Result<&Value, Error> {
        let stored = self.params.settings.get(name).map(|setting| &setting.value);
        let later = || {
            let found = self.known.iter().find(|known| known.name == name && known.since > Rules::Second);
            found.map(|known| &known.default)
        };
        stored.or_else(later).ok_or(Error::MissingParameter { name })
    }

    pub(super) fn real(&self, name: &'static str) -> Result<f64, Error> {
        match self.value(name)? {
            Value::Real(value) if value.is_finite() && *value >= 0.0 => Ok(*value),
            other => Err(wrong(name, other, "a number that is not negative")),
        }
    }

    pub(super) fn limit(&self, name: &'static str) -> Result<Option<f64>, Error> {
        match self.value(name)? {
            Value::Off => Ok(None),
            Value::Real(value) if value.is_finite() && *value > 0.0 => Ok(Some(*value)),
            other => Err(wrong(name, other, "off, or a positive number")),
        }
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Error> {
        match self.value(name)? {
            Value::Flag(value) => Ok(*value),
            other => Err(wrong(name, other, "true or false")),
        }
    }

    pub(super) fn cost(&self, name: &'static str) -> Result<Bps, Error> {
        match self.value(name)? {
            Value::Integer(value @ 0..=1_000_000) => Ok(Bps::from_hundredths(*value as i32)),
            other => Err(wrong(name, other, "an integer from 0 to 1,000,000")),
        }
    }

    pub(super) fn money(&self, name: &'static str) -> Result<Money, Error> {
        match self.value(name)? {
            Value::Integer(value @ 0..) => Ok(Money::from_units(*value)?),
            other => Err(wrong(name, other, "an integer that is not negative")),
        }
    }

    pub(super) fn budget(&self, name: &'static str) -> Result<Option<Money>, Error> {
        match self.value(name)? {
            Value::Off => Ok(None),
            _ => self.money(name).map(Some),
        }
    }

    pub(super) fn list(&self, name: &'static str) -> Result<Vec<String>, Error> {
        match self.value(name)? {
            Value::List(names) => Ok(names.clone()),
            other => Err(wrong(name, other, "a list of names")),
        }
    }

    pub(super) fn choice<const K: usize>(
        &self,
        name: &'static str,
        allowed: [&str; K],
    ) -> Result<usize, Error> {
        let value = self.value(name)?;
        let found = match value {
            Value::Text(text) => allowed.iter().position(|choice| choice == text),
            _ => None,
        };
        found.ok_or_else(|| wrong(name, value, "one of the names that the catalogue lists"))
    }

    pub(super) fn classes(&self, name: &'static str) -> Result<Vec<(RowKind, &'static str)>, Error> {
        let value = self.value(name)?;
        let known = |class: &String| {
            let found = CLASSES.iter().find(|(text, _)| text == class);
            found
                .map(|(text, kind)| (*kind, *text))
                .ok_or_else(|| wrong(name, value, "classes of constraints"))
        };
        self.list(name)?.iter().map(known).collect()
    }

    pub(super) fn real_or_off(&self, name: &'static str) -> Result<Option<f64>, Error> {
        match self.value(name)? {
            Value::Off => Ok(None),
            _ => self.real(name).map(Some),
        }
    }

    pub(super) fn days(&self, name: &'static str) -> Result<i64, Error> {
        match self.value(name)? {
            Value::Integer(value @ 0..=MOST_DAYS) => Ok(*value),
            other => Err(wrong(name, other, "days: an integer from 0 to 3,660")),
        }
    }

    pub(super) fn tilts(&self, name: &'static str) -> Result<Vec<Tilt>, Error> {
        let value = self.value(name)?;
        let bad = || wrong(name, value, "entries of the form name=number");
        let one = |text: &String| {
            let (factor, reward) = text.split_once('=').ok_or_else(bad)?;
            let reward: f64 = reward.parse().map_err(|_| bad())?;
            let good = reward.is_finite() && !factor.is_empty();
            good.then(|| Tilt { factor: factor.to_owned(), reward }).ok_or_else(bad)
        };
        self.list(name)?.iter().map(one).collect()
    }
}
