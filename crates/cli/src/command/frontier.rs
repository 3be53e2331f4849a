//! `samebits frontier`

use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_canon::Isa;
use samebits_charts::Form;
use samebits_present::pictures;
use samebits_replay::frontier::{End, Frontier, frontier};
use samebits_store::Opener;
use std::path::Path;

pub(crate) fn run(store: &Opener, id: &str, svg: Option<&Path>, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let head = store.find(id)?;
    let found = frontier(&store.get(&head.run_id)?.run, Isa::detect())?;
    if let Some(file) = svg {
        let name = format!("{}/{}", head.account, head.sequence);
        super::export::create(file, pictures::frontier(&found, &name, Form::File)?.as_bytes())?;
    }
    output.json(&serde_json::to_value(&found)?);
    print(&found, output);
    let ends = found.ends.map(|end| match end {
        End::Reached => "to the end",
        End::Cut => "cut",
        End::Stuck => "stuck",
    });
    output.verdict(format!(
        "{} pieces, {} points; less tracking error: {}, more: {}; recorded {:.3} bp at a tax of {:+.4} bp",
        found.pieces,
        found.points.len(),
        ends[0],
        ends[1],
        found.recorded.tracking_error_bp,
        found.recorded.tax_bp
    ));
    Ok(Exit::Same)
}

fn print(found: &Frontier, output: Output) {
    let header = ["price", "tracking error bp", "tax bp", "costs bp", "tax and costs less rewards bp", ""];
    let mut list = table(&header, &[0, 1, 2, 3, 4]);
    for point in &found.points {
        let recorded = found.recorded.is(point);
        if point.corner || recorded {
            list.add_row([
                format!("{:.6}", point.price),
                format!("{:.4}", point.tracking_error_bp),
                format!("{:+.4}", point.tax_bp),
                format!("{:+.4}", point.cost_bp),
                format!("{:+.4}", point.paid_bp),
                if recorded { "as recorded" } else { "" }.to_owned(),
            ]);
        }
    }
    output.line(list);
}
