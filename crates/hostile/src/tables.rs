//! CSV files.

use crate::memory::within;
use samebits_panel::{
    Actions, Bars, Panel, Splits, Table, Vintage, read_bar_volumes, read_characteristics, read_closes,
    read_curated, read_distributions, read_inferred_splits, read_memberships, read_quotes, read_revisions,
    read_sectors, read_volumes, revised_tickers,
};
use samebits_units::Price;
use std::sync::OnceLock;

const CLOSES: &str = "date,AAA,BBB\n2017-02-08,1.5,2\n2017-02-09,1.25,2.01\n2017-02-10,1.3,1.99\n";
const VOLUMES: &str = "date,AAA,BBB\n2017-02-08,100,0\n2017-02-09,7,8\n2017-02-10,9,9\n";
const SECTORS: &str = "ticker,name,gics_sector\nAAA,Firm A,Energy\nBBB,Firm B,Utilities\n";

fn closes() -> Table<Price> {
    read_closes("closes", CLOSES.as_bytes()).expect("they are whole")
}

fn panel() -> &'static Panel {
    static MADE: OnceLock<Panel> = OnceLock::new();
    MADE.get_or_init(|| {
        let volumes = read_volumes("volumes", VOLUMES.as_bytes()).expect("they are whole");
        let sectors = read_sectors("sectors", SECTORS.as_bytes()).expect("they are whole");
        Panel::join(closes(), ("volumes", &volumes), ("sectors", &sectors)).expect("they fit")
    })
}

/// Actions of the names of the panel, and prices without their splits.
fn actions(bytes: &[u8]) {
    let curated = read_curated("file", bytes).unwrap_or_default();
    let inferred = read_inferred_splits("file", bytes).unwrap_or_default();
    let distributions = read_distributions("file", bytes).unwrap_or_default();
    if let Ok(actions) = Actions::join(curated, inferred, &distributions, &[], &panel().dates) {
        let _ = panel().as_traded(&Splits::of(&actions.rows));
    }
}

/// Which file (a byte), its bytes. A table takes at most a hundred times its text, and that is little.
pub fn csv(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    within(128 * bytes.len() as u64, || match which % 10 {
        0 => {
            if let Ok(closes) = read_closes("file", bytes) {
                assert_eq!(closes.values.dim(), (closes.dates.len(), closes.tickers.len()));
            }
        }
        1 => drop(read_volumes("file", bytes)),
        2 => {
            if let Ok(quotes) = read_quotes("file", bytes) {
                assert!(quotes.complete().tickers.len() <= quotes.tickers.len());
            }
        }
        3 => {
            if let Ok(rows) = read_sectors("file", bytes) {
                let volumes = read_volumes("volumes", VOLUMES.as_bytes()).expect("they are whole");
                let _ = Panel::join(closes(), ("volumes", &volumes), ("file", &rows));
            }
        }
        4 => drop(read_bar_volumes("file", bytes, &closes())),
        5 => drop(Bars::read("file", bytes)),
        6 => {
            for membership in read_memberships("file", bytes, panel()).unwrap_or_default().values() {
                assert!(membership.rebalances().all(|day| !membership.on(day).is_empty()));
            }
        }
        7 => {
            if let Ok(found) = read_characteristics("file", bytes) {
                for day in &panel().dates {
                    let _ = found.on(*day, &panel().tickers());
                }
            }
        }
        8 => {
            if let Ok(revisions) = read_revisions("file", bytes) {
                let _ = revised_tickers(&revisions);
                let _ = panel().with_closes(&revisions, Vintage::Earlier);
            }
        }
        _ => actions(bytes),
    });
}
