//! `docs/analytics.md` against the files: every column, its type and whether it may be absent, in order.

use crate::contents::{read, written};
use samebits_analytics::{Lots, tables};
use samebits_store::{Filter, Store};

/// Column, type, null, unit, meaning of the rows below the heading of a table.
fn documented(text: &str, table: &str) -> Vec<[String; 5]> {
    let heading = format!("## `{table}`: ");
    let lines = text.lines().skip_while(|line| !line.starts_with(&heading)).skip(1);
    let section = lines.take_while(|line| !line.starts_with("## "));
    let rows =
        section.skip_while(|line| !line.starts_with("| column | type | null | unit | meaning |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(|cell| cell.trim().replace('`', "")).collect();
            assert_eq!(cells.len(), 7, "{line}");
            std::array::from_fn(|at| cells[at + 1].clone())
        })
        .collect()
}

#[test]
fn every_column_is_documented_as_it_is_written() {
    let text = include_str!("../../../../docs/analytics.md");
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("s.db")).unwrap();
    written(store, folder.path(), Filter::default(), Lots::Last);
    for table in tables() {
        let rows = documented(text, table.name);
        let said: Vec<_> =
            rows.iter().map(|[name, kind, null, ..]| (name.clone(), kind.clone(), null == "yes")).collect();
        let file = read(folder.path(), table.name);
        assert_eq!(said, file.schema, "{}", table.name);
        let declared =
            table.columns.iter().map(|one| (one.name.to_owned(), one.kind.name().to_owned(), one.optional));
        assert_eq!(file.schema, declared.collect::<Vec<_>>(), "{}", table.name);
        for [name, kind, null, unit, meaning] in rows {
            assert!(null == "yes" || null == "no", "{name}");
            let amount = kind.starts_with("decimal");
            assert!(!amount || !unit.is_empty(), "{name} has no unit");
            assert!(!meaning.is_empty() || name.starts_with("final_objective"), "{name} has no meaning");
        }
    }
}
