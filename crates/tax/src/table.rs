//! The rows of `data/laws.csv`, and which of them hold on a day.

use crate::Error;
use crate::rates::Schedule;
use samebits_snapshot::record::Jurisdiction;
use samebits_units::{Bps, Date, Money, decimal};
use std::sync::LazyLock;

const NAME: &str = "laws.csv";
const TEXT: &str = include_str!("../data/laws.csv");

static ROWS: LazyLock<Result<Vec<Row>, Error>> = LazyLock::new(|| read(TEXT));

/// Whether a row is law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    InForce,
    /// A government has announced it: it holds only for those who ask for it.
    Announced,
    /// It was announced and then given up: it never holds.
    Cancelled,
}

/// A parameter of a tax system from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub jurisdiction: Jurisdiction,
    /// Which.
    pub parameter: &'static str,
    /// First day.
    pub from: Date,
    /// As written in the table: a word, a number, a day or a schedule `threshold:rate;threshold:rate`.
    pub value: &'static str,
    /// Whether it is law.
    pub standing: Standing,
    /// The statute or ruling.
    pub source: &'static str,
    line: usize,
}

/// What `jurisdiction` is called in tables and in the ids of laws.
pub(crate) const fn name(jurisdiction: Jurisdiction) -> &'static str {
    match jurisdiction {
        Jurisdiction::UnitedStates => "us-federal",
        Jurisdiction::Canada => "canada",
        Jurisdiction::Australia => "australia",
        Jurisdiction::India => "india",
    }
}

/// The jurisdictions, in the order of their records.
pub(crate) const JURISDICTIONS: [Jurisdiction; 4] =
    [Jurisdiction::UnitedStates, Jurisdiction::Canada, Jurisdiction::Australia, Jurisdiction::India];

/// The jurisdiction that a table calls `text`.
pub(crate) fn jurisdiction(text: &str) -> Option<Jurisdiction> {
    JURISDICTIONS.into_iter().find(|known| name(*known) == text)
}

/// The rows of `laws.csv` that hold in `jurisdiction` on `day`, one a parameter, in the order of the table; `announced`
/// counts announced rows among them.
///
/// # Errors
/// None with the embedded table.
pub fn in_force(jurisdiction: Jurisdiction, day: Date, announced: bool) -> Result<Vec<Row>, Error> {
    let rows = rows()?.iter().filter(|row| row.jurisdiction == jurisdiction && row.holds(day, announced));
    let mut newest: Vec<Row> = Vec::new();
    for row in rows {
        match newest.iter_mut().find(|known| known.parameter == row.parameter) {
            None => newest.push(*row),
            Some(known) if known.from < row.from => *known = *row,
            Some(_) => {}
        }
    }
    Ok(newest)
}

fn rows() -> Result<&'static [Row], Error> {
    ROWS.as_deref().map_err(Clone::clone)
}

fn read(text: &'static str) -> Result<Vec<Row>, Error> {
    (1..).zip(text.lines()).skip(1).map(|(line, text)| read_row(line, text)).collect()
}

fn read_row(line: usize, text: &'static str) -> Result<Row, Error> {
    let problem = |problem: &str| Error::Table { table: NAME, line, problem: problem.to_owned() };
    let cells: Vec<&'static str> = text.split(',').collect();
    let [whose, parameter, from, value, standing, source] = cells[..] else {
        return Err(problem("a row has six cells"));
    };
    let standing = match standing {
        "in_force" => Standing::InForce,
        "announced" => Standing::Announced,
        "cancelled" => Standing::Cancelled,
        _ => return Err(problem("the status is not in_force, announced or cancelled")),
    };
    let jurisdiction = jurisdiction(whose).ok_or_else(|| problem("the jurisdiction is not known"))?;
    let from = from.parse().map_err(|_| problem("from_date is not a day"))?;
    Ok(Row { jurisdiction, parameter, from, value, standing, source, line })
}

/// The rows of one jurisdiction on one day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookup {
    pub(crate) jurisdiction: Jurisdiction,
    pub(crate) day: Date,
    pub(crate) announced: bool,
}

impl Lookup {
    /// The row in force, if the parameter has one yet.
    pub(crate) fn optional(self, parameter: &str) -> Result<Option<&'static Row>, Error> {
        let rows = rows()?.iter().filter(|row| {
            row.jurisdiction == self.jurisdiction
                && row.parameter == parameter
                && row.holds(self.day, self.announced)
        });
        Ok(rows.max_by_key(|row| row.from))
    }

    pub(crate) fn row(self, parameter: &str) -> Result<&'static Row, Error> {
        self.optional(parameter)?.ok_or_else(|| Error::NoRow {
            jurisdiction: name(self.jurisdiction),
            parameter: parameter.to_owned(),
            day: self.day,
        })
    }

    pub(crate) fn rate(self, parameter: &str) -> Result<Bps, Error> {
        self.row(parameter)?.rate()
    }

    /// Zero before the first row.
    pub(crate) fn rate_or_zero(self, parameter: &str) -> Result<Bps, Error> {
        self.optional(parameter)?.map_or(Ok(Bps::ZERO), Row::rate)
    }

    pub(crate) fn schedule(self, parameter: &str) -> Result<Schedule, Error> {
        self.row(parameter)?.schedule()
    }
}

impl Row {
    fn holds(&self, day: Date, announced: bool) -> bool {
        let law = match self.standing {
            Standing::InForce => true,
            Standing::Announced => announced,
            Standing::Cancelled => false,
        };
        law && self.from <= day
    }

    /// That the value cannot be read as `wanted`.
    pub(crate) fn unreadable(&self, wanted: &str) -> Error {
        let problem = format!("`{}` is not {wanted}", self.value);
        Error::Table { table: NAME, line: self.line, problem }
    }

    /// A whole number.
    pub(crate) fn count<T: TryFrom<i64>>(&self) -> Result<T, Error> {
        let wide = decimal::parse(self.value, 0, "count").ok();
        wide.and_then(|wide| T::try_from(wide).ok()).ok_or_else(|| self.unreadable("a small whole number"))
    }

    /// An amount in units of the currency.
    pub(crate) fn money(&self) -> Result<Money, Error> {
        self.value.parse().map_err(|_| self.unreadable("an amount"))
    }

    /// A fraction.
    pub(crate) fn rate(&self) -> Result<Bps, Error> {
        fraction(self.value).ok_or_else(|| self.unreadable("a rate"))
    }

    /// A day.
    pub(crate) fn day(&self) -> Result<Date, Error> {
        self.value.parse().map_err(|_| self.unreadable("a day"))
    }

    /// `threshold:rate;threshold:rate`, ascending.
    pub(crate) fn schedule(&self) -> Result<Schedule, Error> {
        let steps = self.value.split(';').map(|step| {
            let (threshold, rate) = step.split_once(':')?;
            Some((threshold.parse().ok()?, fraction(rate)?))
        });
        let steps: Option<Vec<(Money, Bps)>> = steps.collect();
        steps.and_then(Schedule::new).ok_or_else(|| self.unreadable("an ascending schedule"))
    }
}

/// A fraction with at most six decimals.
pub(crate) fn fraction(text: &str) -> Option<Bps> {
    let wide = decimal::parse(text, 6, "rate").ok()?;
    i32::try_from(wide).ok().map(Bps::from_hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read() {
        let rows = read(TEXT).unwrap();
        assert!(rows.len() > 90, "{}", rows.len());
        for row in &rows {
            match row.parameter {
                "lots" | "wash" | "netting" => assert!(crate::law::is_word(row), "{row:?}"),
                "realised_on" | "short_gain_realised_on" | "short_loss_realised_on" => {
                    assert!(["trade", "settlement"].contains(&row.value), "{row:?}");
                }
                "long_term_years" | "wash_days" | "year_starts_in_month" | "dividend_taxed" => {
                    assert!(row.count::<u8>().unwrap() <= 60, "{row:?}");
                }
                "loss_limit" | "exempt_amount" => assert!(!row.money().unwrap().is_negative(), "{row:?}"),
                "grandfathered_before" => assert!(row.day().unwrap() < row.from, "{row:?}"),
                name if name.ends_with("brackets") || name.ends_with("surcharge") || name == "levy" => {
                    row.schedule().unwrap();
                }
                _ => assert!((0..=1_000_000).contains(&row.rate().unwrap().hundredths()), "{row:?}"),
            }
            assert!(!row.source.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn rows_are_in_order_and_none_comes_twice() {
        let rows = read(TEXT).unwrap();
        let key = |row: &Row| (row.jurisdiction, row.parameter, row.from);
        for pair in rows.windows(2) {
            assert!(key(&pair[0]) < key(&pair[1]), "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn bad_rows_are_refused() {
        for (text, part) in [
            ("canada,wash,2000-10-18,none,in_force", "six cells"),
            ("canada,wash,2000-10-18,none,probable,source", "status"),
            ("canadia,wash,2000-10-18,none,in_force,source", "jurisdiction"),
            ("canada,wash,2000-10-32,none,in_force,source", "from_date"),
        ] {
            let error = read_row(7, text).unwrap_err().to_string();
            assert!(error.starts_with("laws.csv, line 7") && error.contains(part), "{error}");
        }
        let row = read_row(9, "canada,brackets,2016-01-01,5:0.1;4:0.2,in_force,source").unwrap();
        assert!(row.schedule().unwrap_err().to_string().contains("ascending"));
        assert!(row.rate().is_err() && row.day().is_err() && row.money().is_err());
        assert!(row.count::<u8>().is_err());
    }
}
