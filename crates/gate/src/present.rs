//! The gate's findings for programs: `JUnit` and the annotations of a CI service.

use crate::compare::Divergence;
use crate::outcome::{Outcome, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Most annotations: the services show ten.
const ANNOTATIONS: usize = 10;

/// A `JUnit` report of all outcomes.
///
/// # Errors
/// A text that XML cannot hold.
pub fn junit(outcomes: &[Outcome]) -> Result<String, String> {
    let mut report = Report::new("samebits gate");
    let mut suite = TestSuite::new("gate");
    for outcome in outcomes {
        let status = match &outcome.verdict {
            Verdict::Identical => TestCaseStatus::success(),
            verdict => {
                let kind = match verdict {
                    Verdict::Failed(_) | Verdict::Damaged(_) | Verdict::New => NonSuccessKind::Error,
                    _ => NonSuccessKind::Failure,
                };
                let mut status = TestCaseStatus::non_success(kind);
                status.set_message(verdict.name());
                status.set_description(outcome.explain());
                status
            }
        };
        suite.add_test_case(TestCase::new(&outcome.name, status));
    }
    report.add_test_suite(suite);
    report.to_string().map_err(|error| error.to_string())
}

/// Annotations in the form of GitHub's workflow commands: the first ten that stop the gate.
pub fn annotations(outcomes: &[Outcome], folder: &str) -> Vec<String> {
    let red = outcomes.iter().filter(|outcome| outcome.verdict.is_red());
    red.take(ANNOTATIONS)
        .map(|outcome| {
            let line = match &outcome.verdict {
                Verdict::Diverged(divergence) => divergence.line,
                _ => 1,
            };
            let text = outcome.explain();
            let first: Vec<&str> = text.lines().take(4).collect();
            let message = escape(&first.join("\n"));
            format!(
                "::error file={folder}/{}/expected.txt,line={line},title={} {}::{message}",
                outcome.name,
                outcome.verdict.name(),
                outcome.name
            )
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

impl Outcome {
    /// What happened, for a person.
    pub fn explain(&self) -> String {
        match &self.verdict {
            Verdict::Identical => String::new(),
            Verdict::Stale { recorded } => {
                format!("equal, but frozen under {recorded}; this build is {}", samebits_executor::VERSION)
            }
            Verdict::New => {
                "it has no expectation; look at what comes out (--show), then accept it by name".to_owned()
            }
            Verdict::Failed(problem) | Verdict::Damaged(problem) => problem.clone(),
            Verdict::Diverged(divergence) => explain(divergence, "expected"),
            Verdict::Unsteady { way, divergence } => {
                format!("it comes out differently {way}\n{}", explain(divergence, "plain"))
            }
        }
    }
}

fn explain(divergence: &Divergence, name: &str) -> String {
    let mut lines = vec![format!("line {}: {}", divergence.line, divergence.class.name())];
    if let Some((field, old, new)) = &divergence.field {
        lines.push(format!("{field}: {name} {old}, found {new}"));
    }
    if !divergence.rules.is_empty() {
        lines.push(format!("rule {}", divergence.rules.join(", ")));
    }
    lines.extend(divergence.before.iter().map(|line| format!("    {line}")));
    lines.extend(divergence.expected.iter().map(|line| format!("  - {line}")));
    lines.extend(divergence.expected_after.iter().map(|line| format!("  - {line}")));
    lines.extend(divergence.found.iter().map(|line| format!("  + {line}")));
    lines.extend(divergence.found_after.iter().map(|line| format!("  + {line}")));
    let (changed, missing, extra) = divergence.counts;
    lines.push(format!("{changed} lines changed, {missing} missing, {extra} extra"));
    if divergence.cash != 0 || divergence.fees != 0 {
        lines
            .push(format!("cash {:+} ticks x lots, fees {:+} minor units", divergence.cash, divergence.fees));
    }
    lines.join("\n")
}
