//! How commands are used: the end of each one's help and of its page of the manual.

use super::Arguments;
use clap::{ArgMatches, Command, CommandFactory, FromArgMatches};

/// A command by its path, how it is called, and what its exit codes say beyond the table of `samebits --help`.
#[rustfmt::skip]
const EXAMPLES: &[(&str, &[&str], &str)] = &[
    ("runs", &["samebits runs --account 01-di-us --from 2017-03-01 --limit 5"], "4 no Run fits"),
    ("show", &["samebits show 01-di-us/17", "samebits show latest --json"], ""),
    ("replay", &["samebits replay 01-di-us/17 --verify", "samebits replay --all --journal year.journal"],
     "0 identical, 1 another decision (or equivalent, without --accept), 2 not compared, 4 no Runs, 5 damaged"),
    ("fleet", &["samebits fleet replay --shard 1/4", "samebits fleet status"], ""),
    ("fleet replay", &["samebits fleet replay --shard 2/8 --from 2017-03-01"],
     "0 all identical, 1 diverged or answers that disagree, 2 failed or open, 4 no Runs"),
    ("fleet queue", &["samebits fleet queue --job march --from 2017-03-01 --results postgres://me@db/answers"], ""),
    ("fleet work", &["samebits fleet work --job march --results postgres://me@db/answers"], "2 a Run failed"),
    ("fleet status", &["samebits fleet status --each", "samebits fleet status --svg board.svg"],
     "0 all identical, 1 diverged or answers that disagree, 2 failed or open, 4 no Runs"),
    ("fleet collect", &["samebits fleet collect one.answers.db two.answers.db --results all.answers.db"], ""),
    ("compare", &["samebits compare --solvers active-set,ipm,clarabel --runs 01-di-us/17"],
     "0 same bits, 1 other bits, 2 not compared, 4 no Runs, 5 damaged"),
    ("drift", &["samebits drift 01-di-us/17 --prices fixtures/prices --actions fixtures/market"],
     "0 no trade moves, 1 drifted, 2 not compared, 4 no Runs, 5 damaged"),
    ("solve", &["samebits solve fixtures/rebalance/te_cap_101_001.json.zst --solver ipm"],
     "0 optimal or proven infeasible, 1 neither"),
    ("why", &["samebits why 01-di-us/17 XOM", "samebits why 01-di-us/17 --cap 100 --markdown"],
     "1 the terms do not add up"),
    ("frontier", &["samebits frontier 01-di-us/17", "samebits frontier 01-di-us/17 --svg frontier.svg"], ""),
    ("report", &["samebits report 01-di-us --out report"], "1 an account does not balance, 4 no Runs"),
    ("execute", &["samebits execute A1/30 --schedule close"], "0 the same lots and tax, 1 others"),
    ("export", &["samebits export 01-di-us/17 one.run", "samebits export 01-di-us/17 --html", "samebits export --parquet tables --from 2017-03-01"], ""),
    #[cfg(feature = "serve")]
    ("serve", &["samebits serve --store target/demo/store.db --gate fixtures/gate"],
     "0 it was interrupted; docs/audit-page.md says who is answered"),
    ("inspect", &["samebits inspect one.run"], "5 damaged"),
    ("gate", &["samebits gate --folder fixtures/gate --junit gate.xml", "samebits gate --show queue/trades"],
     "0 identical, 1 diverged, 3 stale, 4 no scenario, 5 damaged"),
    ("paper", &["samebits paper fixtures/gate/captured/spot-quotes --from - --fills live.log"], "4 no event came"),
    ("reconcile", &["samebits reconcile live.log day.gz --scenario fixtures/gate/captured/spot-quotes --rank"],
     "0 within tolerances, 1 beyond them, 4 no fills"),
    ("tape", &["samebits tape info day.gz"], ""),
    ("tape info", &["samebits tape info day.gz"], ""),
    ("tape convert", &["samebits tape convert day.gz --output day.tape"], ""),
    ("tape check", &["samebits tape check day1.gz day2.gz"], "1 the book does not hold together, 4 no events"),
    ("correct", &["samebits correct 01-di-us/17 --with again.run --reason late-cash --actor audit"], ""),
    ("store", &["samebits store seal --store runs.db"], ""),
    ("store migrate", &["samebits store migrate --from runs.db --to postgres://me@db/runs"], ""),
    ("store seal", &["samebits store seal --store runs.db"], ""),
    ("verify", &["samebits verify --optimality", "samebits verify --root year.attest --key signer.pub"],
     "0 verified, 5 damaged or refuted"),
    ("attest", &["samebits attest --through 2018-02-07 --key signer --out year.attest"], "4 no Runs"),
    ("attest keygen", &["samebits attest keygen --out signer"], ""),
    ("attest proof", &["samebits attest proof 01-di-us/17 --out one.proof"], ""),
    ("attest check-proof", &["samebits attest check-proof one.proof --root year.attest --key signer.pub"],
     "0 proven, 5 not what was attested"),
    #[cfg(feature = "mcp")]
    ("mcp", &["samebits mcp --store runs.db"], "0 the client has left; docs/mcp.md has what a client's settings need"),
    ("explain", &["samebits explain store.not-found", "samebits explain"], ""),
    ("completions", &["samebits completions bash"], ""),
    ("man", &["samebits man /usr/local/share/man/man1"], ""),
];

/// The command with the examples of each part.
pub(crate) fn command() -> Command {
    with_examples(Arguments::command(), "")
}

/// What was typed.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    let matches: ArgMatches = command().try_get_matches()?;
    Arguments::from_arg_matches(&matches)
}

fn with_examples(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    let mut command = names.into_iter().fold(command, |command, name| {
        let inner = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command.mut_subcommand(name, |one| with_examples(one, &inner))
    });
    if let Some((_, calls, codes)) = EXAMPLES.iter().find(|(name, ..)| *name == path) {
        command = command.after_help(told(calls, codes));
    }
    command
}

fn told(calls: &[&str], codes: &str) -> String {
    let mut text = String::from(if calls.len() > 1 { "Examples:" } else { "Example:" });
    for call in calls {
        text = format!("{text}\n  {call}");
    }
    if !codes.is_empty() {
        text = format!("{text}\n\nExit codes: {codes}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(command: &Command, path: &str, seen: &mut Vec<String>) {
        for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
            let path = format!("{path} {}", one.get_name());
            let help = one.clone().render_long_help().to_string();
            assert!(
                help.contains("Example"),
                "`samebits{path} --help` has no example: add it to {}",
                file!()
            );
            walk(one, &path, seen);
            seen.push(path.trim_start().to_owned());
        }
    }

    #[test]
    fn every_command_has_an_example() {
        let mut built = command();
        built.build();
        let mut seen = Vec::new();
        walk(&built, "", &mut seen);
        for (path, ..) in EXAMPLES {
            assert!(seen.iter().any(|name| name == path), "there is no command `{path}`");
        }
    }

    #[test]
    fn every_example_can_be_typed() {
        for call in EXAMPLES.iter().flat_map(|(_, calls, _)| *calls) {
            let typed = command().try_get_matches_from(call.split(' '));
            let error = typed.and_then(|matches| Arguments::from_arg_matches(&matches)).err();
            assert!(error.is_none(), "{call}: {}", error.map_or_else(String::new, |error| error.to_string()));
        }
    }
}
