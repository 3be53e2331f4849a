//! `samebits why`

mod markdown;
mod text;

use crate::arguments::Why as Asked;
use crate::exit::Exit;
use crate::output::{Output, open};
use anyhow::ensure;
use samebits_canon::Isa;
use samebits_replay::why::{Counterfactual, explain};
use samebits_store::Opener;
use samebits_units::Bps;

pub(crate) fn run(store: &Opener, asked: &Asked, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let head = store.find(&asked.id)?;
    let stored = store.get(&head.run_id)?;
    let counterfactuals = counterfactuals(asked)?;
    let answer = explain(&stored.run, asked.ticker.as_deref(), &counterfactuals, Isa::detect())?;
    output.json(&serde_json::to_value(&answer)?);
    for head in store.corrections_of(&head.run_id)? {
        anstream::eprintln!(
            "note: this Run was superseded by {}",
            samebits_present::corrections::line(&head)
        );
    }
    let identity = &answer.identity;
    let sound = identity.holds && identity.as_stored;
    if asked.markdown {
        output.line(markdown::document(&stored, &answer));
    } else {
        text::print(&stored, &answer, asked.ticker.is_some(), output);
        let name = format!("{}/{}", head.account, head.sequence);
        let found = identity.found.largest_residual;
        let verdict = if sound { "terms add up" } else { "TERMS DO NOT ADD UP" };
        output.verdict(format!(
            "{} names explained, {verdict} (residual {found:.1e}); next: samebits replay {name} --verify",
            answer.trades.len()
        ));
    }
    Ok(if sound { Exit::Same } else { Exit::Diverged })
}

fn counterfactuals(asked: &Asked) -> anyhow::Result<Vec<Counterfactual>> {
    let mut all: Vec<Counterfactual> =
        asked.without_lock.iter().cloned().map(Counterfactual::WithoutLock).collect();
    for &bp in &asked.cap {
        ensure!(bp.is_finite() && bp > 0.0, "--cap {bp}: expected a positive number of basis points");
        all.push(Counterfactual::Cap(bp));
    }
    all.extend(asked.keep_lot.iter().copied().map(Counterfactual::KeepLot));
    for &bp in &asked.rate {
        ensure!((-10_000..=10_000).contains(&bp), "--rate {bp}: expected -10000 to 10000 basis points");
        all.push(Counterfactual::Rate(Bps::from_hundredths(bp * 100)));
    }
    Ok(all)
}
