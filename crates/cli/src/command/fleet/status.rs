//! `samebits fleet status`

use super::word;
use crate::arguments::Which;
use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_replay::fleet::{By, Place, Standing, standing};
use samebits_store::{Access, Answer, Error, Found, Job, Opener, RunHead};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Runs that are named unless every one is asked for.
const SHOWN: usize = 20;

pub(super) fn run(
    store: &Opener,
    answers: &Opener,
    which: &Which,
    each: bool,
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
    list(&heads, &standings, each, output);
    print_places(&places, output);
    print_jobs(&jobs, output);
    let (verdict, exit) = verdict(&standings);
    let others = heads.iter().zip(&standings).filter(|(_, standing)| **standing != Standing::Identical);
    output.json(&json!({
        "verdict": verdict, "runs": heads.len(), "standings": counts(&standings),
        "others": others.map(|(head, standing)| row(head, standing)).collect::<Vec<_>>(),
        "places": places.iter().map(|(place, by)| json!({
            "machine": place.machine, "code": place.code, "answers": by.answers, "other": by.other,
            "took_ns": by.took_ns, "workers": by.workers,
        })).collect::<Vec<_>>(),
        "jobs": jobs.iter().map(|job| json!({
            "job": job.name, "units": job.units, "done": job.done, "runs": job.runs,
        })).collect::<Vec<_>>(),
    }));
    output.verdict(format!("{verdict}: {}", text(&standings)));
    Ok(exit)
}

/// The verdict over all Runs: the worst of them.
pub(super) fn verdict(standings: &[Standing]) -> (&'static str, Exit) {
    let any = |wanted: &str| standings.iter().any(|standing| word(standing) == wanted);
    if standings.is_empty() {
        ("NOTHING", Exit::Nothing)
    } else if any("DISAGREE") {
        ("DISAGREE", Exit::Diverged)
    } else if any("DIVERGED") {
        ("DIVERGED", Exit::Diverged)
    } else if any("FAILED") {
        ("NOT COMPARED", Exit::Unusable)
    } else if any("OPEN") {
        ("INCOMPLETE", Exit::Unusable)
    } else {
        ("IDENTICAL", Exit::Same)
    }
}

fn count(standings: &[Standing], wanted: &str) -> usize {
    standings.iter().filter(|standing| word(standing) == wanted).count()
}

pub(super) fn counts(standings: &[Standing]) -> Value {
    let count = |wanted| count(standings, wanted);
    json!({
        "identical": count("IDENTICAL"), "diverged": count("DIVERGED"), "disagree": count("DISAGREE"),
        "failed": count("FAILED"), "open": count("OPEN"),
    })
}

pub(super) fn text(standings: &[Standing]) -> String {
    let count = |wanted| count(standings, wanted);
    format!(
        "{} Runs: {} identical, {} diverged, {} whose answers disagree, {} failed, {} open",
        standings.len(),
        count("IDENTICAL"),
        count("DIVERGED"),
        count("DISAGREE"),
        count("FAILED"),
        count("OPEN")
    )
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

fn said(answer: &Answer) -> String {
    let found = match &answer.found {
        Found::Outcome { result_id, .. } => result_id.to_string(),
        Found::Failed(problem) => problem.clone(),
    };
    format!("{found} by {} on {}, version {}", answer.worker, answer.machine, answer.code)
}

fn row(head: &RunHead, standing: &Standing) -> Value {
    let answers = match standing {
        Standing::Disagree { answers } => answers.iter().map(said).collect(),
        _ => Vec::new(),
    };
    let (stage, problem) = match standing {
        Standing::Diverged { stage } => (Some(stage), None),
        Standing::Failed { problem } => (None, Some(problem)),
        _ => (None, None),
    };
    json!({
        "run_id": head.run_id, "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
        "standing": word(standing), "first_stage": stage, "problem": problem, "answers": answers,
    })
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
