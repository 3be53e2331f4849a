//! Time against size, both logarithmic, a picture a form (`docs/charts.md`).

use crate::row::Row;
use samebits_charts::{Axes, Caption, Curve, Error, Form, loglog};

/// Each form's name for a file, and its picture.
///
/// # Errors
/// More solvers than a picture tells apart.
pub(crate) fn pictures(rows: &[Row]) -> Result<Vec<(String, String)>, Error> {
    let drawn = |row: &&Row| row.ms_median.is_finite() && row.ms_median > 0.0;
    let mut pictures = Vec::new();
    for form in unique(rows.iter().map(|row| row.form)) {
        let own: Vec<&Row> = rows.iter().filter(|row| row.form == form).filter(drawn).collect();
        let solvers = unique(own.iter().map(|row| row.solver.as_str()));
        let curves: Vec<Curve<'_>> = solvers
            .into_iter()
            .map(|name| Curve {
                name,
                points: own
                    .iter()
                    .filter(|row| row.solver == name)
                    .map(|row| (row.n as f64, row.ms_median))
                    .collect(),
            })
            .collect();
        let title = format!("{form}: time against names");
        let caption = Caption { id: "solvers", title: &title, about: None, form: Form::File };
        let axes = Axes { x: "names", y: "milliseconds, median" };
        let letters = form.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
        pictures.push((letters.collect(), loglog(&caption, &axes, &curves)?));
    }
    Ok(pictures)
}

/// Each once, in the order in which they come.
fn unique<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut unique = Vec::new();
    for one in all {
        if !unique.contains(&one) {
            unique.push(one);
        }
    }
    unique
}
