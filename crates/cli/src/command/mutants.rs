//! `samebits gate --mutants`

use crate::exit::Exit;
use crate::output::Output;
use samebits_gate::Scenario;

#[cfg(not(feature = "mutants"))]
pub(crate) fn run(_: &[Scenario], _: Output) -> anyhow::Result<Exit> {
    anyhow::bail!("this build has no faults to seed; `cargo xtask gate --mutants` makes one that has")
}

#[cfg(feature = "mutants")]
pub(crate) fn run(scenarios: &[Scenario], output: Output) -> anyhow::Result<Exit> {
    use crate::output::table;
    use serde_json::json;

    let report = samebits_gate::mutants::seed_all(scenarios)?;
    let mut list = table(&["fault", "class", "what it does", "claimed by", "verdict"], &[]);
    for fault in &report.faults {
        list.add_row([
            fault.id.to_owned(),
            fault.class.to_owned(),
            fault.what.to_owned(),
            fault.claimed.join(", "),
            fault.verdict(),
        ]);
    }
    output.line(list);
    output.json(&json!({
        "faults": report.faults.iter().map(|fault| json!({
            "id": fault.id, "class": fault.class, "what": fault.what, "claimed": fault.claimed, "caught": fault.caught,
            "missed": fault.missed, "reached": fault.reached,
        })).collect::<Vec<_>>(),
        "unknown": report.unknown,
    }));
    for (scenario, id) in &report.unknown {
        output.line(format!("{scenario} claims `{id}`, which is no fault of this build"));
    }
    let caught = report.faults.iter().filter(|fault| fault.is_caught()).count();
    let all = report.faults.len();
    let rate = format!("{caught} of {all} faults caught ({:.1} %)", 100.0 * caught as f64 / all as f64);
    if caught == all && report.unknown.is_empty() {
        output.verdict(format!("CAUGHT: {rate}, each by every scenario that claims it"));
        Ok(Exit::Same)
    } else {
        output.verdict(format!("SURVIVED: {rate}"));
        Ok(Exit::Diverged)
    }
}
