//! `samebits fleet status`

use crate::arguments::Which;
use crate::command::export::create;
use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_charts::Form;
use samebits_present::pictures;
use samebits_present::standings::{self, Counts, said, word};
use samebits_replay::fleet::{By, Place, Standing, standing};
use samebits_store::{Access, Error, Job, Opener, RunHead};
use std::collections::BTreeMap;
use std::path::Path;

/// Runs that are named unless every one is asked for.
const SHOWN: usize = 20;

pub(super) fn run(
    store: &Opener,
    answers: &Opener,
    which: &Which,
    (each, svg): (bool, Option<&Path>),
    output: Output,
) -> anyhow::Result<Exit> {
    let heads = open(store)?.list(&which.filter())?;
    let mut answers = answers.answers(Access::Read)?;
    let (standings, places) = standing(&*answers, &heads)?;
    let jobs = match answers.queue() {
        Ok(queue) => queue.jobs()?,
        Err(Error::NoQueue { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if let Some(file) = svg {
        create(file, pictures::board(&heads, &standings, Form::File)?.as_bytes())?;
    }
    list(&heads, &standings, each, output);
    print_places(&places, output);
    print_jobs(&jobs, output);
    output.json(&standings::report(&heads, &standings, &places, &jobs));
    let counts = Counts::of(&standings);
    let verdict = counts.conclusion();
    output.verdict(format!("{verdict}: {counts}"));
    Ok(verdict.into())
}

/// Names the Runs that are not identical; open ones only when every one is asked for.
pub(super) fn list(heads: &[RunHead], standings: &[Standing], each: bool, output: Output) {
    let told = |standing: &Standing| match standing {
        Standing::Identical => false,
        Standing::Open => each,
        _ => true,
    };
    let others: Vec<_> = heads.iter().zip(standings).filter(|(_, standing)| told(standing)).collect();
    let shown = if each { others.len() } else { SHOWN };
    for (head, standing) in others.iter().take(shown) {
        let name = format!("{}/{} of {}", head.account, head.sequence, head.as_of);
        output.line(format!("{} {name}{}", word(standing), more(standing)));
    }
    if others.len() > shown {
        output.line(format!("and {} more; --each names all", others.len() - shown));
    }
}

fn more(standing: &Standing) -> String {
    match standing {
        Standing::Open | Standing::Identical => String::new(),
        Standing::Diverged { stage } => format!(": first stage that differs: {stage}"),
        Standing::Failed { problem } => format!(": {problem}"),
        Standing::Disagree { answers } => {
            let lines: Vec<String> = answers.iter().map(said).collect();
            format!(":\n  {}", lines.join("\n  "))
        }
    }
}

fn print_places(places: &BTreeMap<Place, By>, output: Output) {
    if places.is_empty() {
        return;
    }
    let mut printed =
        table(&["machine", "version", "workers", "answers", "not as recorded", "ms a Run"], &[2, 3, 4, 5]);
    for (place, by) in places {
        printed.add_row([
            place.machine.clone(),
            place.code.clone(),
            by.workers.len().to_string(),
            by.answers.to_string(),
            by.other.to_string(),
            format!("{:.2}", by.took_ns as f64 / 1e6 / by.answers as f64),
        ]);
    }
    output.line(printed);
}

fn print_jobs(jobs: &[Job], output: Output) {
    if jobs.is_empty() {
        return;
    }
    let mut printed = table(&["job", "Runs", "units", "done"], &[1, 2, 3]);
    for job in jobs {
        printed.add_row([
            job.name.clone(),
            job.runs.to_string(),
            job.units.to_string(),
            job.done.to_string(),
        ]);
    }
    output.line(printed);
}
