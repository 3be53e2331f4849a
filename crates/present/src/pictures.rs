//! Pictures of what replays and fleets found.

use samebits_charts::{Axes, Board, Caption, Error, Form, Highlight, Mark};
use samebits_replay::fleet::Standing;
use samebits_replay::frontier::Frontier;
use samebits_store::RunHead;
use std::collections::BTreeSet;

/// The frontier of the Run `name`: what tax and trading come to against tracking error, the recorded optimum marked.
///
/// # Errors
/// What the picture says of its numbers.
pub fn frontier(found: &Frontier, name: &str, form: Form) -> Result<String, Error> {
    let title = format!("{name}: tax and costs against tracking error");
    let caption = Caption { id: "frontier", title: &title, about: None, form };
    let axes =
        Axes { x: "tracking error, basis points a year", y: "tax and costs less rewards, basis points" };
    let points: Vec<(f64, f64)> =
        found.points.iter().map(|point| (point.tracking_error_bp, point.paid_bp)).collect();
    let at = (found.recorded.tracking_error_bp, found.recorded.paid_bp);
    let highlight = Some(Highlight { name: "as recorded", at });
    samebits_charts::frontier(&caption, &axes, &points, highlight)
}

/// How the Runs of a fleet stand: days by accounts, a letter each.
///
/// # Errors
/// What the picture says of its size.
pub fn board(heads: &[RunHead], standings: &[Standing], form: Form) -> Result<String, Error> {
    let days: BTreeSet<_> = heads.iter().map(|head| head.as_of).collect();
    let accounts: BTreeSet<&str> = heads.iter().map(|head| head.account.as_str()).collect();
    let (days, accounts): (Vec<_>, Vec<&str>) = (days.into_iter().collect(), accounts.into_iter().collect());
    let mut cells = vec![None; days.len() * accounts.len()];
    for (head, standing) in heads.iter().zip(standings) {
        let place =
            accounts.binary_search(&head.account.as_str()).ok().zip(days.binary_search(&head.as_of).ok());
        if let Some((row, column)) = place {
            cells[row * days.len() + column] = Some(mark(standing));
        }
    }
    let days: Vec<String> = days.iter().map(ToString::to_string).collect();
    let accounts: Vec<String> = accounts.into_iter().map(ToOwned::to_owned).collect();
    let caption = Caption { id: "fleet", title: "Replays of the fleet", about: None, form };
    samebits_charts::board(&caption, &Board { days: &days, accounts: &accounts, cells: &cells })
}

const fn mark(standing: &Standing) -> Mark {
    match standing {
        Standing::Open => Mark::Open,
        Standing::Identical => Mark::Identical,
        Standing::Diverged { .. } => Mark::Diverged,
        Standing::Disagree { .. } => Mark::Differ,
        Standing::Failed { .. } => Mark::Failed,
    }
}
