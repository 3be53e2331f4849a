//! `samebits fleet`

mod status;

use crate::DRIVERS;
use crate::arguments::{Fleet, FleetCommand, Part, WorkerChoice};
use crate::backend;
use crate::exit::Exit;
use crate::output::{Output, open};
use anyhow::Context;
use samebits_canon::Isa;
use samebits_present::standings::{self, Counts};
use samebits_replay::Machine;
use samebits_replay::fleet::{Shard, Source, Worked, Worker, standing, unanswered, units, work};
use samebits_store::{Access, Location, Opener, RunHead, Unit};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// Version of this code, as Runs record it.
const CODE: &str = env!("CARGO_PKG_VERSION");
/// Keys that are copied at a time.
const TOGETHER: usize = 256;
/// So long a worker waits before it asks again for what others hold.
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) fn run(store: &Opener, wanted: &Fleet, output: Output) -> anyhow::Result<Exit> {
    let place = wanted.results.clone().unwrap_or_else(|| store.location().of_answers());
    let answers = &Opener::new(place, DRIVERS);
    match &wanted.command {
        FleetCommand::Replay { shard, part, worker, again } => {
            replay(store, answers, (*shard, part), (worker, *again), output)
        }
        FleetCommand::Queue { job, part, again } => queue(store, answers, job, (part, *again), output),
        FleetCommand::Work { job, worker, again } => take(store, answers, job, (worker, *again), output),
        FleetCommand::Status { which, each, svg } => {
            status::run(store, answers, which, (*each, svg.as_deref()), output)
        }
        FleetCommand::Collect { from } => collect(answers, from, output),
    }
}

fn replay(
    opener: &Opener,
    answers: &Opener,
    (shard, part): (Shard, &Part),
    worker: (&WorkerChoice, bool),
    output: Output,
) -> anyhow::Result<Exit> {
    let heads = open(opener)?.list(&part.which.filter())?;
    let units = shard.of(units(&heads, part.block as usize));
    drop(answers.answers(Access::Create)?);
    let runs: BTreeSet<_> = units.iter().flat_map(|unit| &unit.runs).collect();
    let mine: Vec<RunHead> = heads.iter().filter(|head| runs.contains(&head.run_id)).cloned().collect();
    let worked = at_work(opener, answers, Source::Units(&units), (worker, mine.len() as u64), output)?;
    let (standings, _) = standing(&*answers.answers(Access::Read)?, &mine)?;
    status::list(&mine, &standings, false, output);
    let counts = Counts::of(&standings);
    let verdict = counts.conclusion();
    output.json(&json!({
        "verdict": verdict.name(), "shard": shard.to_string(), "runs": mine.len(), "worked": standings::worked(worked),
        "standings": counts.json(),
    }));
    output.verdict(format!("{verdict}: shard {shard}: {}; {}", counts, text(worked)));
    Ok(verdict.into())
}

fn queue(
    opener: &Opener,
    answers: &Opener,
    job: &str,
    (part, again): (&Part, bool),
    output: Output,
) -> anyhow::Result<Exit> {
    let heads = open(opener)?.list(&part.which.filter())?;
    let mut answers = answers.answers(Access::Create)?;
    let waiting: BTreeSet<_> = answers.queue()?.waiting(job)?.into_iter().collect();
    let todo = if again { heads.iter().collect() } else { unanswered(&*answers, &heads, CODE)? };
    let answered = heads.len() - todo.len();
    let new: Vec<RunHead> =
        todo.into_iter().filter(|head| !waiting.contains(&head.run_id)).cloned().collect();
    let units = units(&new, part.block as usize);
    answers.queue()?.fill(job, &units)?;
    output.json(&json!({ "job": job, "runs": new.len(), "units": units.len(), "waiting": waiting.len() }));
    output.verdict(format!(
        "QUEUED: {} Runs in {} units of job {job}; {} waited already, {} have an answer of this version",
        new.len(),
        units.len(),
        waiting.len(),
        answered
    ));
    Ok(Exit::Same)
}

fn take(
    opener: &Opener,
    answers: &Opener,
    job: &str,
    worker: (&WorkerChoice, bool),
    output: Output,
) -> anyhow::Result<Exit> {
    let known = {
        let mut answers = answers.answers(Access::Write)?;
        let jobs = answers.queue()?.jobs()?;
        let named = jobs.iter().find(|known| known.name == job);
        let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
        named
            .cloned()
            .with_context(|| format!("no job `{job}` is in the queue; there are: {}", names.join(", ")))?
    };
    let pause = || std::thread::sleep(PAUSE);
    let source = Source::Queue { job, pause: &pause };
    let worked = at_work(opener, answers, source, (worker, known.runs), output)?;
    output.json(&json!({ "job": job, "worked": standings::worked(worked) }));
    output.verdict(format!("DONE: job {job}: {}; next: samebits fleet status", text(worked)));
    Ok(if worked.failed > 0 { Exit::Unusable } else { Exit::Same })
}

/// Works until there is nothing left to do; `runs` is how many there may be.
fn at_work(
    opener: &Opener,
    answers: &Opener,
    source: Source<'_>,
    ((wanted, again), runs): ((&WorkerChoice, bool), u64),
    output: Output,
) -> anyhow::Result<Worked> {
    let started = Instant::now();
    let clock = move || started.elapsed().as_nanos() as u64;
    let isa = Isa::detect();
    let backend = backend::open(&wanted.device, isa, output)?;
    let name = wanted.worker.clone().unwrap_or_else(|| format!("{}:{}", host(), std::process::id()));
    let machine = format!("{} {}, {}", std::env::consts::OS, std::env::consts::ARCH, isa.name());
    let worker = Worker {
        name: &name,
        machine: Machine { code: CODE, name: &machine, isa, clock: &clock },
        now: &now,
        backend: &backend,
        threads: backend::deciding(wanted.threads, &backend),
        again,
    };
    let log = wanted.log.as_ref().map(|path| {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.with_context(|| path.display().to_string())
    });
    let log = Mutex::new((log.transpose()?, None));
    let bar = output.bar("fleet", runs);
    let done = |unit: &Unit| {
        bar.inc(unit.runs.len() as u64);
        if let Ok(mut guard) = log.lock()
            && let (Some(file), fault @ None) = &mut *guard
        {
            *fault = file.write_all(line(unit).as_bytes()).err();
        }
    };
    let worked = work(opener, answers, source, &worker, &done)?;
    bar.finish_and_clear();
    match log.into_inner().ok().and_then(|(_, fault)| fault) {
        Some(fault) => Err(fault).context("the log of units"),
        None => Ok(worked),
    }
}

/// A unit in the log.
fn line(unit: &Unit) -> String {
    let runs: Vec<String> = unit.runs.iter().map(ToString::to_string).collect();
    format!("{} {}\n", unit.day, runs.join(" "))
}

fn text(worked: Worked) -> String {
    let Worked { units, answered, failed, skipped } = worked;
    format!(
        "{units} units here: {answered} Runs decided, {failed} failed, {skipped} had an answer of this version"
    )
}

/// UTC nanoseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.ok().and_then(|since| since.as_nanos().try_into().ok()).unwrap_or(0)
}

/// Name of this machine, as far as the system tells it.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let told = told.or_else(|| std::env::var("HOSTNAME").ok()).or_else(|| std::env::var("COMPUTERNAME").ok());
    told.map_or_else(|| "machine".to_owned(), |name| name.trim().to_owned())
}

fn collect(answers: &Opener, from: &[Location], output: Output) -> anyhow::Result<Exit> {
    let sources = from.iter().map(|place| Opener::new(place.clone(), DRIVERS).answers(Access::Read));
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    let mut target = answers.answers(Access::Create)?;
    let (mut added, mut seen) = (0, 0_u64);
    for source in &sources {
        let mut after = None;
        loop {
            let keys = source.keys(after.as_ref(), TOGETHER)?;
            let Some(last) = keys.last() else { break };
            let some = source.of(&keys)?;
            seen += some.len() as u64;
            added += target.add(&some)?;
            after = Some(last.clone());
        }
    }
    output.json(&json!({ "answers": seen, "added": added, "there": seen - added }));
    output.verdict(format!(
        "COLLECTED: {seen} answers of {} places, {added} of them new in {}",
        sources.len(),
        target.place()
    ));
    Ok(Exit::Same)
}
