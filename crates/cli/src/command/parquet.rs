//! `samebits export --parquet`

use crate::arguments::{Export, Lots};
use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_analytics::{Wanted, Written, export};
use samebits_store::{Filter, Opener};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(store: &Opener, folder: &Path, asked: &Export, output: Output) -> anyhow::Result<Exit> {
    let filter = Filter { account: asked.account.clone(), from: asked.from, to: asked.to };
    let lots = match asked.lots {
        Lots::Every => samebits_analytics::Lots::Every,
        Lots::Last => samebits_analytics::Lots::Last,
    };
    let bar = output.bar("export", 0);
    let wanted = Wanted { folder, filter, lots, replace: asked.force };
    let summary = export(open(store)?, &wanted, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let summary = summary?;
    let tables: Vec<_> = summary.tables.iter().map(as_json).collect();
    output.json(&json!({ "records": summary.records, "tables": tables }));
    let mut list = table(&["table", "rows", "bytes", "file"], &[1, 2]);
    for table in &summary.tables {
        let (rows, bytes) = (table.rows.to_string(), table.bytes.to_string());
        list.add_row([table.table.name.to_owned(), rows, bytes, table.path.display().to_string()]);
    }
    output.line(list);
    output.verdict(format!("{} records; columns: docs/analytics.md", summary.records));
    Ok(if summary.records == 0 { Exit::Nothing } else { Exit::Same })
}

/// Sums are in millionths, as text: they may be larger than the numbers that readers of JSON keep.
fn as_json(table: &Written) -> serde_json::Value {
    let sums: serde_json::Map<_, _> =
        table.sums.iter().map(|(column, sum)| (column.name.to_owned(), sum.to_string().into())).collect();
    let columns: Vec<_> = table
        .table
        .columns
        .iter()
        .map(|column| json!({ "name": column.name, "type": column.kind.name(), "null": column.optional }))
        .collect();
    json!({
        "table": table.table.name, "file": table.path.display().to_string(), "rows": table.rows,
        "bytes": table.bytes, "sums": sums, "columns": columns,
    })
}
