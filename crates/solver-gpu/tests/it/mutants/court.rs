//! Cases that judge a kernel with a fault: its answers, its report and the interpreter's findings.

use super::fault::{Site, sites, with_counters, with_fault};
use crate::compare::results_differ;
use crate::emulator::{Emulator, shipped};
use crate::stand::{By, SETTINGS};
use samebits_canon::{Cholesky, Isa};
use samebits_ptx_run::{Module, Options};
use samebits_qp::{Error, Problem, Solution};
use samebits_solver_gpu::{Report, Shared, factor, ptx, self_test};
use samebits_testkit::Draw;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// What is run on a kernel.
pub(crate) enum Trial {
    /// A batch of problems.
    Batch(By, Vec<Problem>),
    /// The start-up self-test.
    SelfTest,
    /// A factorisation of this order; the pivot of this column is zero, or infinite, or all are positive.
    Factor(usize, Option<(usize, f64)>),
}

/// A trial and what the shipped kernels make of it.
struct Case {
    trial: Trial,
    options: Options,
    expected: Option<(Vec<Result<Solution, Error>>, Report)>,
    /// A digest of the bytes that came back.
    fetched: u64,
    cost: u64,
    /// Which sites it reaches.
    reached: Vec<bool>,
}

/// What became of a kernel with a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// By what.
    Caught(String),
    Survived,
    /// No case comes to the place.
    Unreached,
}

/// The cases of a module, the cheapest first.
pub(crate) struct Court {
    name: &'static str,
    generation: u32,
    text: &'static str,
    pub(crate) sites: Vec<Site>,
    cases: Vec<Case>,
}

impl Court {
    /// Runs the trials on the shipped kernels.
    pub(crate) fn new(name: &'static str, generation: u32, trials: Vec<Trial>) -> Self {
        let text = ptx::text(name, generation).expect("a shipped module");
        let mut court = Self { name, generation, text, sites: sites(text), cases: Vec::new() };
        let counted = Module::parse(&with_counters(text, &court.sites)).expect("counters");
        let counted = Arc::new(counted);
        for trial in trials {
            court.add(trial, &counted);
        }
        court.cases.sort_by_key(|case| case.cost);
        court
    }

    fn add(&mut self, trial: Trial, counted: &Arc<Module>) {
        let tally = Arc::new(Mutex::new((0_u64, vec![false; self.sites.len()])));
        // Counters are written by every thread; whether that is a race is not asked.
        let loose = Options { races: false, limit: 1 << 34, ..Options::default() };
        let device = self.device(Arc::clone(counted), loose);
        let (own, count) = (Arc::clone(&tally), self.sites.len());
        let device = device.with_after(Box::new(move |module, memory, stats| {
            let mut tally = own.lock().unwrap_or_else(PoisonError::into_inner);
            tally.0 += stats.warp_instructions;
            let Some(at) = module.variable(memory, "reached") else { return };
            for site in 0..count {
                let mut word = [0; 4];
                tally.1[site] |= memory.read(at + 4 * site as u64, &mut word).is_ok() && word[0] == 1;
            }
        }));
        let fetched = device.fetched();
        let expected = run(&trial, device).expect("the counters lose no device");
        let (cost, reached) = tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut case =
            Case { trial, options: loose, expected, fetched: fetched.load(Ordering::Relaxed), cost, reached };
        case.options.limit = 4 * cost + 100_000;
        // Races are looked for where the shipped kernel has none.
        let strict = Options { races: true, ..case.options };
        let shipped = shipped(self.generation);
        let module = shipped.iter().find(|(name, _)| *name == self.name).expect("a module");
        if case.judge(self.device(Arc::clone(&module.1), strict)).is_none() {
            case.options = strict;
        }
        self.cases.push(case);
    }

    /// A device whose module of this name is another one.
    fn device(&self, module: Arc<Module>, options: Options) -> Emulator {
        let mut modules = shipped(self.generation);
        for (name, own) in &mut modules {
            if *name == self.name {
                *own = Arc::clone(&module);
            }
        }
        Emulator::with_modules(modules, 1, options)
    }

    /// Whether a case comes to a site.
    pub(crate) fn is_reached(&self, at: usize) -> bool {
        self.cases.iter().any(|case| case.reached[at])
    }

    /// Judges a site.
    pub(crate) fn judge(&self, at: usize) -> Verdict {
        let cases: Vec<&Case> = self.cases.iter().filter(|case| case.reached[at]).collect();
        if cases.is_empty() {
            return Verdict::Unreached;
        }
        let site = &self.sites[at];
        let module = Module::parse(&with_fault(self.text, site));
        let module = Arc::new(module.unwrap_or_else(|error| panic!("{site:?}: {error}")));
        let found = cases.iter().find_map(|case| case.judge(self.device(Arc::clone(&module), case.options)));
        found.map_or(Verdict::Survived, Verdict::Caught)
    }
}

impl Case {
    /// What is wrong with a device, if anything.
    fn judge(&self, device: Emulator) -> Option<String> {
        let fetched = device.fetched();
        let found = match run(&self.trial, device) {
            Ok(found) => found,
            Err(lost) => return Some(lost),
        };
        let ((own, report), (theirs, expected)) = (found?, self.expected.as_ref()?);
        let mut pairs = own.iter().zip(theirs);
        if let Some(what) = pairs.find_map(|(a, b)| results_differ(a, b)) {
            return Some(format!("bits: {what}"));
        }
        if report.on_device != expected.on_device {
            return Some("answers are the CPU's".to_owned());
        }
        (fetched.load(Ordering::Relaxed) != self.fetched).then(|| "bytes of the device".to_owned())
    }
}

type Outcome = Option<(Vec<Result<Solution, Error>>, Report)>;

/// Runs a trial.
///
/// # Errors
/// Why the device is lost, or how its self-test failed.
fn run(trial: &Trial, mut device: Emulator) -> Result<Outcome, String> {
    match trial {
        Trial::Factor(n, spoiled) => factored(&mut device, *n, *spoiled).map(|()| None),
        Trial::SelfTest => self_test(&mut device).map(|()| None).map_err(|error| error.to_string()),
        Trial::Batch(by, problems) => {
            let shared = Shared::new(Box::new(device), 1 << 30, Isa::detect());
            let (found, report) = by.on(&shared, problems, &SETTINGS);
            match &report.lost {
                Some(error) => Err(error.to_string()),
                None => Ok(Some((found, report))),
            }
        }
    }
}

/// Compares a factorisation with `canon`.
fn factored(device: &mut Emulator, n: usize, spoiled: Option<(usize, f64)>) -> Result<(), String> {
    let mut draw = Draw::new(n as u64);
    let loadings: Vec<[f64; 2]> = (0..n).map(|_| [draw.normal(), draw.normal()]).collect();
    let mut matrix = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let own = if i == j { 0.1 + draw.uniform() } else { 0.0 };
            matrix[i * n + j] = own + loadings[i][0] * loadings[j][0] + loadings[i][1] * loadings[j][1];
        }
    }
    if let Some((column, pivot)) = spoiled {
        (0..column).for_each(|j| matrix[column * n + j] = 0.0);
        matrix[column * n + column] = pivot;
    }
    let found = factor(device, std::slice::from_ref(&matrix), n).map_err(|error| error.to_string())?;
    let wanted = match Cholesky::reference(&matrix, n) {
        Ok(wanted) if found.failed[0].is_none() => wanted,
        Err(samebits_canon::Error::NotPositive { column, .. }) if found.failed[0] == Some(column) => {
            return Ok(());
        }
        other => return Err(format!("failed: {:?}, canon: {:?}", found.failed, other.err())),
    };
    let lower = (0..n).flat_map(|i| (0..=i).map(move |j| i * n + j));
    let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
    let wrong = lower.into_iter().find(|&at| !same(found.l[0][at], wanted.l()[at]));
    let reciprocals = (0..n).all(|i| same(found.reciprocals[0][i], wanted.reciprocals()[i]));
    match wrong {
        Some(at) => Err(format!("order {n}: entry ({}, {})", at / n, at % n)),
        None if !reciprocals => Err(format!("order {n}: a reciprocal")),
        None => Ok(()),
    }
}
