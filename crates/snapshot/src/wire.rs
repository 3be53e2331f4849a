//! How the unit types cross the disk: as their inner integers.

use samebits_units::{Bps, Date, Money, Price, Qty};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A module of `serialize` and `deserialize` for a unit type that is one integer inside.
macro_rules! integer {
    ($module:ident, $type:ident, $inner:ty, $to:expr, $from:expr) => {
        pub(crate) mod $module {
            use super::{Deserialize, Deserializer, Serialize, Serializer, $type};

            pub(crate) fn serialize<S: Serializer>(value: &$type, serializer: S) -> Result<S::Ok, S::Error> {
                let to: fn($type) -> $inner = $to;
                to(*value).serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let from: fn($inner) -> Option<$type> = $from;
                from(<$inner>::deserialize(deserializer)?)
                    .ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($type))))
            }
        }
    };
}

integer!(money, Money, i64, Money::micros, |value| Some(Money::from_micros(value)));
integer!(qty, Qty, i64, Qty::micros, |value| Some(Qty::from_micros(value)));
integer!(rate, Bps, i32, Bps::hundredths, |value| Some(Bps::from_hundredths(value)));
integer!(date, Date, i32, Date::days, Date::from_days);
integer!(price, Price, i64, Price::e8, |value| Some(Price::from_e8(value)));

/// A module for an optional value of a type that has one above.
macro_rules! optional {
    ($module:ident, $of:literal, $type:ident) => {
        pub(crate) mod $module {
            use super::{Deserialize, Deserializer, Serialize, Serializer, $type};

            #[derive(Serialize, Deserialize)]
            #[serde(transparent)]
            struct Wrapped(#[serde(with = $of)] $type);

            #[expect(clippy::ref_option, reason = "as serde calls it")]
            pub(crate) fn serialize<S: Serializer>(
                value: &Option<$type>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                value.map(Wrapped).serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<$type>, D::Error> {
                Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
            }
        }
    };
}

optional!(money_option, "super::money", Money);
optional!(date_option, "super::date", Date);

pub(crate) mod prices {
    use super::{Deserialize, Deserializer, Price, Serializer};

    pub(crate) fn serialize<S: Serializer>(values: &[Price], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|price| price.e8()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Price>, D::Error> {
        Ok(Vec::<i64>::deserialize(deserializer)?.into_iter().map(Price::from_e8).collect())
    }
}

pub(crate) mod rates {
    use super::{Bps, Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(values: &[Bps], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|rate| rate.hundredths()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Bps>, D::Error> {
        Ok(Vec::<i32>::deserialize(deserializer)?.into_iter().map(Bps::from_hundredths).collect())
    }
}
