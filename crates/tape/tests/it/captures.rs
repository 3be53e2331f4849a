//! The committed captures: counts that were taken when the files were.

use crate::tape;
use samebits_tape::{Checked, Options, check, decompressed, open};
use std::io::BufRead;

fn checked(files: &[&str], options: &Options) -> Checked {
    let paths: Vec<_> = files.iter().map(|file| tape(file)).collect();
    check(open(&paths, options).unwrap().as_mut()).unwrap()
}

#[test]
fn spot_joins_without_a_gap_and_never_crosses() {
    let files = ["binance_spot_btcusdt_20240808.gz", "binance_spot_btcusdt_20240809.gz"];
    let found = checked(&files, &Options { strict: true, ..Options::default() });
    let book = &found.symbols[0];
    assert_eq!((found.notes.gaps, found.notes.overlaps, found.notes.unanchored), (0, 0, 0));
    assert_eq!((book.states, book.crossed, book.trades), (6_493 + 1, 0, 19_904));
    assert!(found.is_consistent());
    assert_eq!(
        (found.early, found.skew / 1_000_000),
        (found.events, 1_276),
        "the receiver's clock is behind"
    );
    assert_eq!(book.top.map(|top| top.unwrap().0), [6_160_201, 6_160_202]);
}

#[test]
fn futures_join_by_their_own_chain() {
    let files = ["binance_coinm_btcusd_perp_20240808.gz", "binance_coinm_btcusd_perp_20240809.gz"];
    let found = checked(&files, &Options { strict: true, ..Options::default() });
    let book = &found.symbols[0];
    assert_eq!((book.states, book.crossed, book.trades), (44_772 + 1, 0, 5_235));
    assert_eq!((found.notes.gaps, found.notes.superseded), (0, 23));
    assert!(found.is_consistent());
}

#[test]
fn best_quotes_beside_the_book_do_not_break_it() {
    let options = Options { tops: true, ..Options::default() };
    let found = checked(&["binance_coinm_btcusd_perp_20240808.gz"], &options);
    assert!(found.symbols[0].states > 30_000);
}

#[test]
fn a_file_without_its_snapshot_has_no_book() {
    let found = checked(&["binance_spot_btcusdt_20240809.gz"], &Options::default());
    assert_eq!(found.notes.unanchored, 3_044);
    assert_eq!(found.symbols[0].states, 0);
    assert!(!found.is_consistent());
}

#[test]
fn without_the_updates_before_the_snapshot_there_is_a_gap_and_crossed_states() {
    // The capture with its held-back updates taken out: what a reader would see that drops them.
    let lines = decompressed(&tape("binance_spot_btcusdt_20240808.gz")).unwrap().lines();
    let all: Vec<String> = lines.map(Result::unwrap).collect();
    let snapshot = all.iter().position(|line| line.contains("lastUpdateId")).unwrap();
    let kept: Vec<&String> = all
        .iter()
        .enumerate()
        .filter(|(at, line)| *at >= snapshot || !line.contains("depthUpdate"))
        .map(|(_, line)| line)
        .collect();
    let text = kept.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n");
    let source = samebits_tape::binance::Binance::new([text.as_bytes()], &Options::default());
    let found = check(&mut samebits_tape::Sorted::new(source, 2_000_000_000)).unwrap();
    assert_eq!((found.notes.gaps, found.symbols[0].crossed), (1, 2_573));
}

#[test]
fn the_artificial_itch_file_is_inconsistent_and_read_to_its_end() {
    let found = checked(&["itch50_simulated_3stocks.gz"], &Options::default());
    assert_eq!((found.notes.messages, found.notes.unknown_orders), (12_012, 117));
    assert!(!found.is_consistent());
    let names: Vec<&str> = found.symbols.iter().map(|book| book.symbol.name.as_str()).collect();
    assert_eq!(names, ["ALC", "BOB", "CHAR"]);
    assert!(found.symbols.iter().all(|book| book.crossed > 1_000));
}
