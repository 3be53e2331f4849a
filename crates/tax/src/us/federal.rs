//! The rows of `data/us_federal_capital_gains_tax.csv`.

use super::Filing;
use crate::Error;
use crate::rates::Schedule;
use crate::table::{fraction, name};
use samebits_snapshot::record::Jurisdiction;
use samebits_units::{Bps, Date, Money};
use std::sync::LazyLock;

const NAME: &str = "us_federal_capital_gains_tax.csv";
const TEXT: &str = include_str!("../../data/us_federal_capital_gains_tax.csv");

static ROWS: LazyLock<Result<Vec<Row>, Error>> = LazyLock::new(|| read(TEXT));

/// A parameter from a tax year on.
#[derive(Debug, Clone, Copy)]
struct Row {
    parameter: &'static str,
    from_year: i16,
    /// `None` for all.
    filing: Option<Filing>,
    value: &'static str,
    line: usize,
}

/// First day of the newest year that has a row of its own, up to that of `day`; `None` before the table begins.
pub(crate) fn newest_row(day: Date) -> Result<Option<Date>, Error> {
    let years = rows()?.iter().map(|row| row.from_year).filter(|year| *year <= day.year());
    years.max().map(|year| Ok(format!("{year:04}-01-01").parse()?)).transpose()
}

pub(super) fn money(parameter: &str, day: Date, filing: Filing) -> Result<Money, Error> {
    let row = find(parameter, day, filing)?;
    row.value.parse().map_err(|_| row.unreadable("an amount"))
}

pub(super) fn rate(parameter: &str, day: Date, filing: Filing) -> Result<Bps, Error> {
    let row = find(parameter, day, filing)?;
    fraction(row.value).ok_or_else(|| row.unreadable("a rate"))
}

/// The rates `{kind}_rate_1`, 2, ... with the tops `{kind}_bracket_top_1`, ... of all but the last.
pub(super) fn schedule(kind: &str, rates: u8, day: Date, filing: Filing) -> Result<Schedule, Error> {
    let mut steps = vec![(Money::from_micros(i64::MIN), rate(&format!("{kind}_rate_1"), day, filing)?)];
    for (below, above) in (1..rates).zip(2..=rates) {
        let top = money(&format!("{kind}_bracket_top_{below}"), day, filing)?;
        steps.push((top, rate(&format!("{kind}_rate_{above}"), day, filing)?));
    }
    let problem = || format!("the tops of the {kind} brackets do not ascend on {day}");
    Schedule::new(steps).ok_or_else(|| Error::Table { table: NAME, line: 1, problem: problem() })
}

fn find(parameter: &str, day: Date, filing: Filing) -> Result<&'static Row, Error> {
    let rows = rows()?.iter().filter(|row| {
        row.parameter == parameter
            && row.from_year <= day.year()
            && row.filing.is_none_or(|status| status == filing)
    });
    rows.max_by_key(|row| row.from_year).ok_or_else(|| Error::NoRow {
        jurisdiction: name(Jurisdiction::UnitedStates),
        parameter: parameter.to_owned(),
        day,
    })
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
    let [parameter, from_year, status, value] = cells[..] else {
        return Err(problem("a row has four cells"));
    };
    let filing = match status {
        "all" => None,
        "single" => Some(Filing::Single),
        "mjoint" => Some(Filing::MarriedJointly),
        "mseparate" => Some(Filing::MarriedSeparately),
        "headhh" => Some(Filing::HeadOfHousehold),
        "widow" => Some(Filing::Widow),
        _ => return Err(problem("the filing status is not known")),
    };
    let from_year = from_year.parse().map_err(|_| problem("from_year is not a year"))?;
    Ok(Row { parameter, from_year, filing, value, line })
}

impl Row {
    fn unreadable(&self, wanted: &str) -> Error {
        let problem = format!("`{}` is not {wanted}", self.value);
        Error::Table { table: NAME, line: self.line, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read() {
        let rows = read(TEXT).unwrap();
        assert_eq!(rows.len(), 651);
        for row in rows {
            let is_rate = row.parameter.contains("_rate");
            assert!(
                !is_rate || fraction(row.value).is_some_and(|rate| rate < Bps::from_hundredths(500_000)),
                "{row:?}"
            );
            assert!(is_rate || row.value.parse::<Money>().is_ok_and(Money::is_positive), "{row:?}");
        }
    }

    #[test]
    fn every_year_and_status_has_ascending_brackets() {
        for year in 2013..=2027 {
            let day = format!("{year}-06-30").parse().unwrap();
            for filing in Filing::ALL {
                assert!(schedule("ordinary", 7, day, filing).is_ok(), "{year} {filing:?}");
                assert!(schedule("ltcg", 3, day, filing).is_ok(), "{year} {filing:?}");
            }
        }
        let before = schedule("ltcg", 3, "2012-12-31".parse().unwrap(), Filing::Single);
        assert!(before.unwrap_err().to_string().contains("2012-12-31"));
    }

    #[test]
    fn bad_rows_are_refused() {
        for (text, part) in [
            ("niit_rate,2013,all", "four cells"),
            ("niit_rate,2013,alone,0.038", "filing status"),
            ("niit_rate,then,all,0.038", "from_year"),
        ] {
            let error = read_row(3, text).unwrap_err().to_string();
            assert!(error.contains("line 3") && error.contains(part), "{error}");
        }
    }
}
