//! One question, answered by several solvers, side by side.

use crate::Error;
use crate::desk::Desk;
use crate::layout::{self, Place};
use crate::parts::Column::{Number, Text};
use crate::parts::{Mark, cell, chip, digest, milliseconds, place, table};
use crate::text::shown;
use axum::extract::{Path, State};
use maud::{Markup, html};
use samebits_canon::Isa;
use samebits_present::Shown;
use samebits_replay::{Backend, Compared, Contender, compare};
use std::sync::Arc;

const SOLVERS: [&str; 3] = ["active-set", "ipm", "clarabel"];

pub(crate) async fn show(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Markup, Error> {
    desk.decide(move |reader| {
        let subject = Shown::find(reader.store, &id)?;
        let backend = Backend::cpu(Isa::detect());
        let contenders: Result<Vec<_>, _> =
            SOLVERS.iter().map(|name| Contender::new(name, &backend)).collect();
        let clock = reader.desk.options.clock;
        let found = compare(&subject.run, &subject.ids, &contenders?, &clock)?;
        Ok(page(&subject, &found))
    })
    .await
}

fn page(subject: &Shown, found: &[Compared]) -> Markup {
    let same = found.iter().all(|one| one.bit_equal);
    let explained = found.iter().all(|one| one.bit_equal || one.degenerate);
    let mark = match (same, explained) {
        (true, _) => Mark { letter: "I", word: "SAME BITS", class: "good" },
        (false, true) => Mark { letter: "E", word: "DEGENERATE", class: "warn" },
        (false, false) => Mark { letter: "D", word: "DIVERGED", class: "bad" },
    };
    let equal = |equal: bool| cell(if equal { "same" } else { "differ" });
    let rows: Vec<Vec<Markup>> = SOLVERS
        .iter()
        .zip(found)
        .map(|(name, one)| {
            vec![
                cell(name),
                cell(if one.solved { "yes" } else { "no" }),
                equal(one.bit_equal),
                equal(one.trades_equal),
                equal(one.raw_trades_equal),
                cell(format!("{:.1e}", one.raw_difference)),
                cell(format!("{:.1e}", one.objective_bp)),
                cell(format!("{:.1e}", one.after_tax_bp)),
                cell(milliseconds(one.finished_ns)),
            ]
        })
        .collect();
    let header = [
        ("Solver", Text),
        ("Solved", Text),
        ("Weights, all bits", Text),
        ("Trades", Text),
        ("Trades before the finish", Text),
        ("Largest weight difference before it", Number),
        ("Objective, bp", Number),
        ("Tax and costs, bp", Number),
        ("Time", Number),
    ];
    let main = html! {
        p { a href=(place(subject)) { "Run " bdi { (shown(&subject.name)) } } " of " (subject.manifest.question.as_of) }
        h1 { "The same question, three solvers" }
        p { (chip(mark)) " against the first one" }
        (table("Answers of the solvers", &header, &rows))
        p.soft {
            "The finish computes the weights from the state of the optimum alone, so it does not matter which solver found it. "
            "Question " (digest(&subject.manifest.inputs_id)) "."
        }
        form.row method="post" action=(format!("{}/solvers", place(subject))) { button data-busy="Solving" { "Solve again" } }
    };
    layout::page(&format!("Solvers of {}", shown(&subject.name)), Place::Runs, &main)
}
