//! Plots of a year as SVG (`docs/charts.md`).

use crate::figures::DayFigures;
use crate::returns::amount;
use crate::{Error, Exact, Year};
use samebits_charts::{Caption, Form, Line};
use samebits_units::{Money, rate};

/// A plot of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// File name without the account, for instance `value.svg`.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// The file.
    pub svg: String,
}

/// The account's plots: value against the benchmark, harvested losses and tax, tracking error, and exposure where there are
/// short positions.
///
/// # Errors
/// [`Error::Plot`] with what the library says.
pub fn plots(year: &Year) -> Result<Vec<Plot>, Error> {
    let mut all = vec![
        draw(year, ("value.svg", "value"), "value of 100, against the benchmark", &values(year))?,
        draw(
            year,
            ("harvest.svg", "losses harvested and tax"),
            "cumulative, thousands of the currency",
            &harvest(year),
        )?,
        draw(
            year,
            ("tracking-error.svg", "tracking error"),
            "predicted tracking error after rounding, basis points a year",
            &[Line { name: "predicted", points: year.days.iter().map(|day| 1e4 * day.predicted).collect() }],
        )?,
    ];
    if year.days.iter().any(|day| day.short > 0.0) {
        let of = |of: fn(&DayFigures) -> f64| year.days.iter().map(|day| 100.0 * of(day)).collect();
        let lines = [
            Line { name: "long", points: of(|day| day.long) },
            Line { name: "short", points: of(|day| day.short) },
            Line { name: "gross", points: of(|day| day.long + day.short) },
            Line { name: "net", points: of(|day| day.long - day.short) },
        ];
        all.push(draw(year, ("exposure.svg", "exposure"), "exposure, percent of value", &lines)?);
    }
    Ok(all)
}

fn values(year: &Year) -> [Line<'static>; 4] {
    let level = |of: fn(&DayFigures) -> f64| {
        let mut level = 100.0;
        year.days
            .iter()
            .map(|day| {
                level *= 1.0 + of(day);
                level
            })
            .collect()
    };
    [
        Line { name: "account", points: level(|day| day.account) },
        Line { name: "account after tax", points: level(|day| day.account_after_tax) },
        Line { name: "benchmark", points: level(|day| day.benchmark) },
        Line { name: "benchmark after tax on dividends", points: level(|day| day.benchmark_after_tax) },
    ]
}

fn harvest(year: &Year) -> [Line<'static>; 2] {
    let thousands = |money: Money| rate::amount(money) / 1e3;
    let mut sum = Exact::ZERO;
    let harvested = year.days.iter().map(|day| {
        sum += Exact::from(day.harvested[0]) + day.harvested[1].into();
        amount(sum) / 1e3
    });
    let harvested = harvested.collect();
    [
        Line { name: "harvested losses", points: harvested },
        Line { name: "tax accrued", points: year.days.iter().map(|day| thousands(day.tax)).collect() },
    ]
}

fn draw(
    year: &Year,
    (name, what): (&'static str, &str),
    title: &str,
    lines: &[Line<'_>],
) -> Result<Plot, Error> {
    let fault = |problem: String| Error::Plot { name: format!("{}/{name}", year.account), problem };
    let days: Vec<String> = year.days.iter().map(|day| day.date.to_string()).collect();
    let whole = format!("{}: {what}", year.account);
    let id = name.trim_end_matches(".svg");
    let caption = Caption { id, title: &whole, about: None, form: Form::File };
    let svg =
        samebits_charts::lines(&caption, title, &days, lines).map_err(|error| fault(error.to_string()))?;
    Ok(Plot { name, title: title.to_owned(), svg })
}
