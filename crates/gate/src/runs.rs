//! Frozen Runs: the stages of the decision, and every solver, instruction set and number of threads.

use crate::Error;
use samebits_canon::Isa;
use samebits_replay::{Backend, Contender, compare, replay};
use samebits_snapshot::record::Run;
use samebits_snapshot::{InputIds, Limits, NoBlobs, input_ids, unpack};
use std::fmt::Write;
use std::path::Path;

const SOLVERS: [&str; 3] = ["active-set", "ipm", "clarabel"];
const THREADS: [usize; 3] = [1, 2, 7];

/// The canonical text of a frozen Run, and how many answers it rests on.
///
/// Instruction sets and threads are not in the text unless one of them gives other bits: it is the same on every machine.
pub(crate) fn produce(file: &Path) -> Result<(String, usize), Error> {
    let failed = |problem: String| Error::Run { path: file.to_owned(), problem };
    let bytes = std::fs::read(file).map_err(Error::io(file))?;
    let unpacked = unpack(&bytes, &Limits::default(), &NoBlobs)
        .map_err(|error| Error::Damaged { path: file.to_owned(), problem: error.to_string() })?;
    let ids = input_ids(&unpacked.run.inputs).map_err(|error| failed(error.to_string()))?;
    let mut text = String::new();
    let mut push = |line: String| {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{line}");
    };
    let question = &unpacked.manifest.question;
    push(format!("run {}/{} {}", question.account, question.sequence, question.as_of));
    push(format!("id {}", unpacked.manifest.run_id));
    push(format!("method {} {}", unpacked.run.method.solver, unpacked.run.method.rules));
    for (name, digest) in unpacked.run.outcome.stages.list() {
        let name = name.replace(' ', "_");
        push(format!("stage {name} {digest}"));
    }
    push_execution(&unpacked.run, &mut push);
    let answers = compare_solvers(&unpacked.run, &ids, &mut push).map_err(&failed)?;
    Ok((text, answers))
}

/// How its trades executed, fill by fill and lot by lot.
fn push_execution(run: &Run, push: &mut dyn FnMut(String)) {
    if let Some(executed) = &run.outcome.execution {
        let name = |security: u32| &run.inputs.market.securities[security as usize].ticker;
        push(format!(
            "execution {} digest {} shortfall {}",
            executed.rules, executed.digest, executed.shortfall
        ));
        for fill in &executed.fills {
            push(format!(
                "fill {:?} {} {} of {} at {}e-8 shortfall {}",
                fill.side,
                name(fill.security),
                fill.filled,
                fill.ordered,
                fill.average_e8,
                fill.shortfall
            ));
        }
        for trade in &run.outcome.trades {
            push(format!(
                "lot {} {:?} {} {} value {} gain {}",
                trade.lot,
                trade.side,
                name(trade.security),
                trade.quantity,
                trade.notional,
                trade.gain
            ));
        }
        push(format!("tax {}", run.outcome.tax.change));
    }
}

/// The decision on every instruction set, every solver on each of them, and with 1, 2 and 7 threads; gives how many answers.
fn compare_solvers(run: &Run, ids: &InputIds, push: &mut dyn FnMut(String)) -> Result<usize, String> {
    let mut answers = 0;
    for isa in Isa::available() {
        let replayed = replay(run, ids, &Backend::cpu(isa), &|| 0).map_err(|error| error.to_string())?;
        answers += 1;
        if replayed.verdict != samebits_replay::Verdict::Identical {
            let stage = replayed.first_stage.unwrap_or("none");
            push(format!("replay {isa:?} {} first stage {stage}", replayed.verdict.name()));
        }
    }
    push("replay IDENTICAL on every instruction set".to_owned());
    let (mut labels, mut contenders) = (Vec::new(), Vec::new());
    for solver in SOLVERS {
        for isa in Isa::available() {
            // The oracle knows neither instruction sets nor threads; only its finish does. Threads are tried with the widest
            // instructions.
            let once = solver == "clarabel" || isa != Isa::detect();
            let threads = if once { &THREADS[..1] } else { &THREADS[..] };
            for threads in threads {
                labels.push((solver, format!("{solver} {isa:?} {threads} threads")));
                let contender = Contender::with_threads(solver, isa, *threads);
                contenders.push(contender.map_err(|error| error.to_string())?);
            }
        }
    }
    let compared = compare(run, ids, &contenders, &|| 0).map_err(|error| error.to_string())?;
    answers += compared.len();
    for solver in SOLVERS {
        let own = || labels.iter().zip(&compared).filter(|(label, _)| label.0 == solver);
        let all = own().all(|(_, found)| found.bit_equal && found.trades_equal && found.solved);
        push(format!("solver {solver} weights and trades {}", if all { "EQUAL" } else { "DIFFER" }));
        for ((_, name), found) in own().filter(|(_, found)| !(found.bit_equal && found.trades_equal)) {
            push(format!(
                "  {name}: weights equal {}, trades equal {}, solved {}",
                found.bit_equal, found.trades_equal, found.solved
            ));
        }
    }
    Ok(answers)
}
