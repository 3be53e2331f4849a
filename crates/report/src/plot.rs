//! Plots as SVG, drawn by `plotters`; text stays text, so no font of the system is read.

use crate::figures::DayFigures;
use crate::returns::amount;
use crate::{Error, Exact, Year};
use plotters::prelude::*;
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

struct Line {
    name: &'static str,
    points: Vec<f64>,
}

const SIZE: (u32, u32) = (900, 420);
const COLORS: [RGBColor; 4] =
    [RGBColor(31, 119, 180), RGBColor(214, 39, 40), RGBColor(90, 90, 90), RGBColor(148, 103, 189)];

/// The account's plots: value against the benchmark, harvested losses and tax, tracking error, and exposure where there are
/// short positions.
///
/// # Errors
/// [`Error::Plot`] with what the library says.
pub fn plots(year: &Year) -> Result<Vec<Plot>, Error> {
    let mut all = vec![
        draw(year, "value.svg", "value of 100, against the benchmark", &values(year))?,
        draw(year, "harvest.svg", "cumulative, thousands of the currency", &harvest(year))?,
        draw(
            year,
            "tracking-error.svg",
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
        all.push(draw(year, "exposure.svg", "exposure, percent of value", &lines)?);
    }
    Ok(all)
}

fn values(year: &Year) -> [Line; 4] {
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

fn harvest(year: &Year) -> [Line; 2] {
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

fn draw(year: &Year, name: &'static str, title: &str, lines: &[Line]) -> Result<Plot, Error> {
    let mut svg = String::new();
    let fault = |problem: String| Error::Plot { name: format!("{}/{name}", year.account), problem };
    paint(&mut svg, year, title, lines).map_err(|error| fault(error.to_string()))?;
    Ok(Plot { name, title: title.to_owned(), svg })
}

fn paint(
    svg: &mut String,
    year: &Year,
    title: &str,
    lines: &[Line],
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (low, high) = span(lines);
    let last = year.days.len().saturating_sub(1).max(1) as i32;
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("{}: {title}", year.account), ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(70)
        .build_cartesian_2d(0..last, low..high)?;
    let date = |at: &i32| {
        let day = usize::try_from(*at).ok().and_then(|at| year.days.get(at));
        day.map_or_else(String::new, |day| day.date.to_string())
    };
    let number = |value: &f64| format!("{value:.1}");
    chart
        .configure_mesh()
        .x_labels(6)
        .x_label_formatter(&date)
        .y_label_formatter(&number)
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (line, color) in lines.iter().zip(COLORS) {
        let points = (0..).zip(line.points.iter().copied());
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)))?
            .label(line.name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    area.present()
}

/// The range of all points and a little around it; never empty.
fn span(lines: &[Line]) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for point in lines.iter().flat_map(|line| &line.points) {
        low = samebits_canon::min(low, *point);
        high = samebits_canon::max(high, *point);
    }
    if low > high {
        return (0.0, 1.0);
    }
    let around = samebits_canon::max(0.05 * (high - low), 1e-3);
    (low - around, high + around)
}
