//! One Run as one file: nothing is loaded, nothing runs, and it reads the same in twenty years.

use crate::Error;
use crate::layout;
use crate::parts::data;
use crate::text::{address, shown};
use crate::views::{reasons, run};
use maud::{PreEscaped, html};
use samebits_canon::Isa;
use samebits_charts::Form;
use samebits_present::{Shown, pictures};
use samebits_replay::frontier::frontier;
use samebits_replay::why::explain;

/// Characters of an account in the name of a file.
const NAME: usize = 64;

/// A page of one Run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// A name for the file: the account and the running number; what is not a letter, a digit, `.`, `-` or `_` is `_`.
    pub name: String,
    /// Id of the Run.
    pub run_id: samebits_snapshot::Digest,
    /// The file.
    pub text: String,
}

/// The page of one Run with the reasons of all its trades, as one file of HTML. The same bytes each time.
///
/// # Errors
/// A Run that is not there, is damaged or cannot be explained.
pub fn export(store: &samebits_store::Store, wanted: &str) -> Result<Exported, Error> {
    let subject = Shown::find(store, wanted)?;
    let why = explain(&subject.run, None, &[], Isa::detect())?;
    let curve = match frontier(&subject.run, Isa::detect()) {
        Ok(found) => Some(pictures::frontier(&found, &subject.name, Form::Inline)?),
        Err(samebits_replay::Error::NoFrontier { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let main = html! {
        h1 { "Run " bdi { (shown(&subject.name)) } }
        (run::lead(&subject, &why))
        (run::questions(&why, reasons::Scope::File))
        @if let Some(curve) = &curve {
            h3 { "What less tracking error would have cost" }
            (PreEscaped(curve))
        }
        h2 { "Each trade" }
        @for trade in &why.trades {
            section id=(format!("trade-{}", address(&trade.ticker).unwrap_or_default())) {
                h3 { (trade.action) " " (data(&trade.ticker)) }
                (reasons::trade(trade, reasons::Level::Trade))
            }
        }
        (run::record(&subject, &why))
    };
    let question = &subject.manifest.question;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let account: String =
        question.account.chars().take(NAME).map(|letter| if plain(letter) { letter } else { '_' }).collect();
    Ok(Exported {
        // Not a file that begins with a dot.
        name: format!("run-{account}-{}", question.sequence),
        run_id: subject.manifest.run_id,
        text: layout::file(&format!("Run {}", shown(&subject.name)), &main).into_string(),
    })
}
