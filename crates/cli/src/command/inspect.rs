//! `samebits inspect`

use crate::exit::Exit;
use crate::output::{Output, table};
use anyhow::Context;
use samebits_snapshot::{Limits, NoBlobs, inspect};
use serde_json::json;
use std::io::Read;
use std::path::Path;

pub(crate) fn run(file: &Path, output: Output) -> anyhow::Result<Exit> {
    let limits = Limits::default();
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    opened.take(limits.file + 1).read_to_end(&mut bytes).with_context(|| file.display().to_string())?;
    let found = inspect(&bytes, &limits, &NoBlobs);
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    let sections: Vec<_> = found
        .sections
        .iter()
        .map(|inspected| {
            let section = &inspected.section;
            json!({
                "part": section.kind.name(), "codec": section.codec.name(), "rows": section.rows, "cols": section.cols,
                "raw_bytes": section.raw_length, "stored_bytes": section.stored_length, "content_id": section.id,
                "reference": inspected.reference, "verified": inspected.verified.is_ok(),
            })
        })
        .collect();
    output.json(&json!({
        "bytes": found.bytes, "manifest": found.manifest, "sections": sections, "problems": problems,
    }));
    if let Some(manifest) = &found.manifest {
        let question = &manifest.question;
        output.line(format!(
            "Run {}/{} of {}, {} bytes\n  run      {}\n  question {}\n  answer   {}\n  method   {}, {}",
            question.account,
            question.sequence,
            question.as_of,
            found.bytes,
            manifest.run_id,
            manifest.inputs_id,
            manifest.result_id,
            manifest.method.solver,
            manifest.method.rules
        ));
    }
    let mut list = table(&["part", "codec", "shape", "raw", "stored", "content id", "verified"], &[3, 4]);
    for inspected in &found.sections {
        let section = &inspected.section;
        let shape =
            if section.rows > 0 { format!("{} x {}", section.rows, section.cols) } else { String::new() };
        list.add_row([
            section.kind.name().to_owned(),
            section.codec.name().to_owned(),
            shape,
            section.raw_length.to_string(),
            section.stored_length.to_string(),
            section.id.short(),
            if inspected.verified.is_ok() { "yes".to_owned() } else { "NO".to_owned() },
        ]);
    }
    output.line(list);
    for problem in &problems {
        anstream::eprintln!("DAMAGED: {problem}");
    }
    if problems.is_empty() {
        output.verdict("VERIFIED: every checksum, content id and id of the manifest");
        Ok(Exit::Same)
    } else {
        output.verdict(format!("DAMAGED: {}", problems[0]));
        Ok(Exit::Damaged)
    }
}
