//! `samebits gate`

use crate::arguments::Gate;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::{Context, bail};
use samebits_gate::{
    Acceptance, LongReport, Outcome, Scenario, Verdict, accept, annotations, bisect, junit, load, review,
    run_all, why,
};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Events of the long tape.
const LONG_EVENTS: u64 = 5_000_000;

pub(crate) fn run(wanted: &Gate, output: Output) -> anyhow::Result<Exit> {
    let all = load(&wanted.folder)?;
    if let Some(name) = &wanted.why {
        anstream::println!("{}", why(find(&all, name)?)?);
        return Ok(Exit::Same);
    }
    if let Some(name) = &wanted.show {
        let outcomes = run_all(std::slice::from_ref(find(&all, name)?));
        anstream::print!("{}", outcomes.first().map_or("", |outcome| &outcome.text));
        return Ok(Exit::Same);
    }
    if !wanted.accept.is_empty() {
        return accept_all(wanted, &all, output);
    }
    let chosen: Vec<Scenario> = all
        .into_iter()
        .filter(|scenario| {
            wanted.only.is_empty() || wanted.only.iter().any(|name| scenario.name.starts_with(name))
        })
        .collect();
    if chosen.is_empty() {
        output.verdict("NOTHING: no scenario; an empty gate is never green");
        return Ok(Exit::Nothing);
    }
    if wanted.list {
        return Ok(list(&chosen, output));
    }
    if wanted.review {
        return review_all(&chosen, output);
    }
    if wanted.mutants {
        return crate::command::mutants::run(&chosen, output);
    }
    judge(wanted, &chosen, output)
}

fn find<'a>(all: &'a [Scenario], name: &str) -> anyhow::Result<&'a Scenario> {
    let unknown = || samebits_gate::Error::Unknown { wanted: name.to_owned() };
    Ok(all.iter().find(|scenario| scenario.name == name).ok_or_else(unknown)?)
}

fn list(chosen: &[Scenario], output: Output) -> Exit {
    let rows: Vec<_> =
        chosen.iter().map(|scenario| json!({ "name": scenario.name, "about": scenario.about() })).collect();
    output.json(&json!({ "scenarios": rows }));
    for scenario in chosen {
        output.line(format!("{:<40} {}", scenario.name, scenario.about()));
    }
    output.verdict(format!("{} scenarios", chosen.len()));
    Exit::Same
}

fn review_all(chosen: &[Scenario], output: Output) -> anyhow::Result<Exit> {
    let mut problems = Vec::new();
    for scenario in chosen {
        problems.extend(review(scenario)?);
    }
    output.json(&json!({ "scenarios": chosen.len(), "problems": problems }));
    for problem in &problems {
        output.line(problem);
    }
    if problems.is_empty() {
        output.verdict(format!("REVIEWED: {} expectations are those that their ledgers name", chosen.len()));
        Ok(Exit::Same)
    } else {
        output.verdict(format!(
            "UNLISTED: {} expectations changed without a line in their ledger",
            problems.len()
        ));
        Ok(Exit::Diverged)
    }
}

fn accept_all(wanted: &Gate, all: &[Scenario], output: Output) -> anyhow::Result<Exit> {
    let acceptance = Acceptance {
        reason: wanted.reason.clone().unwrap_or_default(),
        touches: wanted.touches.clone(),
        date: jiff::Zoned::now().date().to_string(),
        unattended: std::env::var_os("CI").is_some(),
    };
    for name in &wanted.accept {
        let line = if name == "long" {
            LongReport::replay(LONG_EVENTS)?.accept(&long_folder(&wanted.folder), &acceptance)?
        } else {
            accept(find(all, name)?, &acceptance)?
        };
        output.line(format!("{name}: {}", line.trim_end()));
    }
    output.verdict(format!("ACCEPTED: {}; commit expectation and ledger together", wanted.accept.join(", ")));
    Ok(Exit::Same)
}

fn judge(wanted: &Gate, chosen: &[Scenario], output: Output) -> anyhow::Result<Exit> {
    let begun = Instant::now();
    let outcomes = run_all(chosen);
    let spent = begun.elapsed();
    let red: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.verdict.is_red()).collect();
    let long = if wanted.long { Some(long(&wanted.folder)?) } else { None };
    output.json(&json!({
        "scenarios": outcomes.iter().map(|outcome| json!({
            "name": outcome.name, "verdict": outcome.verdict.name(), "events": outcome.events,
            "divergence": match &outcome.verdict {
                Verdict::Diverged(divergence) | Verdict::Unsteady { divergence, .. } => json!(divergence),
                _ => json!(null),
            },
            "problem": outcome.explain(),
        })).collect::<Vec<_>>(),
        "milliseconds": spent.as_secs_f64() * 1e3,
        "long": long.as_ref().map(|long| json!({ "verdict": long.verdict, "text": long.text })),
    }));
    for outcome in &red {
        output.line(format!("{} {}\n{}\n", outcome.verdict.name(), outcome.name, outcome.explain()));
    }
    if let Some(long) = &long {
        output.line(&long.text);
    }
    if let Some(file) = &wanted.junit {
        let text = junit(&outcomes).map_err(|problem| anyhow::anyhow!(problem))?;
        std::fs::write(file, text).with_context(|| file.display().to_string())?;
    }
    if wanted.github || std::env::var_os("GITHUB_ACTIONS").is_some() {
        for line in annotations(&outcomes, &wanted.folder.display().to_string()) {
            anstream::println!("{line}");
        }
        summarise(&outcomes)?;
    }
    let worst = outcomes.iter().map(|outcome| &outcome.verdict).max_by_key(|verdict| severity(verdict));
    let events: usize = outcomes.iter().map(|outcome| outcome.events).sum();
    let counted = format!(
        "{} scenarios, {events} events and answers, five ways each, {:.0} ms",
        outcomes.len(),
        spent.as_secs_f64() * 1e3
    );
    let long_exit =
        long.map_or(Exit::Same, |long| if long.verdict == "IDENTICAL" { Exit::Same } else { Exit::Diverged });
    match worst.map(Verdict::exit) {
        Some(0) | None if long_exit != Exit::Same => {
            output.verdict(format!("DIVERGED: the long tape; {counted}"));
            Ok(Exit::Diverged)
        }
        Some(0) | None => {
            output.verdict(format!("IDENTICAL: {counted}"));
            Ok(Exit::Same)
        }
        Some(code) => {
            let first = red.first().map_or("", |outcome| &outcome.name);
            output.verdict(format!(
                "{}: {} of {counted}; next: samebits gate --why {first}",
                worst.map_or("", Verdict::name),
                red.len()
            ));
            Ok(match code {
                1 => Exit::Diverged,
                3 => Exit::Stale,
                5 => Exit::Damaged,
                _ => Exit::Unusable,
            })
        }
    }
}

/// Damage outweighs all; a divergence outweighs what could not be compared, and that outweighs a stale version.
const fn severity(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Identical => 0,
        Verdict::Stale { .. } => 1,
        Verdict::New | Verdict::Failed(_) => 2,
        Verdict::Diverged(_) | Verdict::Unsteady { .. } => 3,
        Verdict::Damaged(_) => 4,
    }
}

/// The whole table goes where GitHub shows it.
fn summarise(outcomes: &[Outcome]) -> anyhow::Result<()> {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let mut text = "| scenario | verdict |\n|---|---|\n".to_owned();
    for outcome in outcomes {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| {} | {} |", outcome.name, outcome.verdict.name());
    }
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(&file);
    opened
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .context("the step summary")
}

struct Long {
    verdict: &'static str,
    text: String,
}

/// The long tape lies beside the scenarios, in `gate-long`.
fn long_folder(folder: &Path) -> PathBuf {
    folder.parent().unwrap_or(Path::new(".")).join("gate-long")
}

fn long(folder: &Path) -> anyhow::Result<Long> {
    let folder = long_folder(folder);
    let begun = Instant::now();
    let found = LongReport::replay(LONG_EVENTS)?;
    let spent = begun.elapsed().as_secs_f64();
    let counted = format!(
        "long tape: {} events, {} records, {:.2} s, {:.1} million events/s",
        found.events,
        found.prints.len() / 2,
        spent,
        found.events as f64 / spent / 1e6
    );
    if !folder.exists() {
        bail!("{}: no expectation of the long tape", folder.display());
    }
    Ok(match bisect(&found, &folder)? {
        None => Long { verdict: "IDENTICAL", text: format!("IDENTICAL {counted}") },
        Some(bisected) => {
            let place = bisected
                .record
                .map_or_else(|| "no record differs".to_owned(), |record| format!("record {record}"));
            Long {
                verdict: "DIVERGED",
                text: format!(
                    "DIVERGED {counted}\nequal up to event {}, different at event {}, {place}, {} checkpoints looked at\n{}",
                    bisected.equal_until,
                    bisected.differs_at,
                    bisected.steps,
                    bisected.context.join("\n")
                ),
            }
        }
    })
}
