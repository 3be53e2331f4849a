//! Tapes, the gate, and live against backtest, as a user meets them.

use crate::scene;
use serde_json::Value;
use std::io::{BufRead, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// Calls the command without a store: exit code, output, errors.
fn samebits(arguments: &[&str]) -> (i32, String, String) {
    let call = scene::samebits(Path::new("no-store.db"), arguments);
    (call.code, call.out, call.err)
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

const TAPE: &str = "tapes/binance_spot_btcusdt_20240808.gz";
const SCENARIO: &str = "gate/captured/spot-quotes";

/// The first lines of the capture: enough for a few dozen fills.
fn lines() -> Vec<String> {
    let all = samebits_tape::decompressed(&fixture(TAPE)).unwrap().lines();
    all.take(6_000).map(Result::unwrap).collect()
}

/// Writes the lines to a file and gives its name.
fn capture(folder: &Path, lines: &[String]) -> String {
    let path = folder.join("capture.txt");
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    text(&path)
}

fn reconcile(live: &str, tape: &str, more: &[&str]) -> (i32, Value) {
    let scenario = text(&fixture(SCENARIO));
    let mut arguments = vec!["reconcile", live, tape, "--scenario", &scenario, "--json"];
    arguments.extend(more);
    let (code, out, error) = samebits(&arguments);
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{error}")))
}

fn counts(found: &Value) -> [u64; 4] {
    let list = |name: &str| found[name].as_array().unwrap().len() as u64;
    [found["matched"].as_u64().unwrap(), list("different"), list("missing"), list("extra")]
}

fn paper(from: &str, fills: &Path) {
    let scenario = text(&fixture(SCENARIO));
    let (code, out, error) = samebits(&["paper", &scenario, "--from", from, "--fills", &text(fills)]);
    assert_eq!(code, 0, "{out}{error}");
}

#[test]
fn paper_from_a_file_a_socket_and_a_web_socket_equals_the_backtest_fill_for_fill() {
    let folder = tempfile::tempdir().unwrap();
    let lines = lines();
    let tape = capture(folder.path(), &lines);
    let file = folder.path().join("file.log");
    paper(&tape, &file);
    let (code, found) = reconcile(&text(&file), &tape, &[]);
    let matched = counts(&found)[0];
    assert_eq!((code, counts(&found)), (0, [matched, 0, 0, 0]));
    assert!(matched > 20);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sent = lines.join("\n");
    let server = std::thread::spawn(move || listener.accept().unwrap().0.write_all(sent.as_bytes()).unwrap());
    let socket = folder.path().join("socket.log");
    paper(&format!("tcp:{address}"), &socket);
    server.join().unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&socket).unwrap());

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        for line in lines {
            socket.send(tungstenite::Message::text(line)).unwrap();
        }
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let web = folder.path().join("web.log");
    paper(&format!("ws://{address}/"), &web);
    server.join().unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&web).unwrap());
}

#[test]
fn what_the_live_log_lost_doubled_or_swapped_is_named_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let tape = capture(folder.path(), &lines());
    let log = folder.path().join("fills.log");
    paper(&tape, &log);
    let fills: Vec<String> = std::fs::read_to_string(&log).unwrap().lines().map(str::to_owned).collect();
    let all = fills.len() as u64;
    let check = |name: &str, fills: &[String], expected: [u64; 4]| -> Value {
        let path = folder.path().join(name);
        std::fs::write(&path, fills.join("\n")).unwrap();
        let (code, found) = reconcile(&text(&path), &tape, &[]);
        assert_eq!(
            (code, counts(&found)),
            (i32::from(expected[0] != all || expected[3] > 0), expected),
            "{name}"
        );
        found
    };
    let mut lost = fills.clone();
    let gone: Value = serde_json::from_str(&lost.remove(7)).unwrap();
    let found = check("lost", &lost, [all - 1, 0, 1, 0]);
    assert_eq!(found["missing"][0], gone);
    let mut doubled = fills.clone();
    doubled.insert(4, fills[4].clone());
    check("doubled", &doubled, [all, 0, 0, 1]);
    let mut swapped = fills.clone();
    swapped.swap(2, 9);
    check("swapped", &swapped, [all, 0, 0, 0]);
    let mut late = fills.clone();
    let mut fill: Value = serde_json::from_str(&late[5]).unwrap();
    fill["time"] = Value::from(fill["time"].as_i64().unwrap() + 1_500);
    late[5] = fill.to_string();
    let found = check("late", &late, [all - 1, 1, 0, 0]);
    assert_eq!(found["different"][0]["time"], 1_500);
    let tolerances = folder.path().join("tolerances.toml");
    std::fs::write(&tolerances, "time_ns = 2000\n").unwrap();
    let late = text(&folder.path().join("late"));
    assert_eq!(reconcile(&late, &tape, &["--tolerances", &text(&tolerances)]).0, 0);
}

#[test]
fn messages_that_the_live_stream_lost_show_as_differences() {
    let folder = tempfile::tempdir().unwrap();
    let lines = lines();
    let tape = capture(folder.path(), &lines);
    let fewer: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| !(line.contains("@trade") && at % 5 == 0))
        .map(|(_, line)| line.clone())
        .collect();
    let live = folder.path().join("live.txt");
    std::fs::write(&live, fewer.join("\n")).unwrap();
    let log = folder.path().join("fills.log");
    paper(&text(&live), &log);
    let (code, found) = reconcile(&text(&log), &tape, &[]);
    assert_eq!(code, 1);
    assert!(counts(&found)[1..].iter().sum::<u64>() > 0, "{found}");
}

#[test]
fn queue_models_are_ranked_by_the_fills_that_they_explain() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = text(&fixture("gate/queue/front-first"));
    let tape = text(&fixture("gate/queue/front-first/tape.csv"));
    let log = text(&folder.path().join("live.log"));
    assert_eq!(samebits(&["paper", &scenario, "--from", &tape, "--fills", &log]).0, 0);
    let (code, out, _) = samebits(&[
        "reconcile",
        &log,
        &tape,
        "--scenario",
        &text(&fixture("gate/queue/back-first")),
        "--rank",
        "--json",
    ]);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &found["ranking"][0]["model"]), (1, &Value::from("front_first")), "{out}");
    assert_eq!(found["ranking"][0]["lots_off"], "0");
    assert_eq!(found["ranking"][6]["model"], "back_first", "the model that fills least explains it worst");
}

#[test]
fn fix_reports_are_a_live_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("fix.log");
    let report = |id: u64, side: u8, qty: &str, price: &str, time: &str| {
        format!(
            "8=FIX.4.4\u{1}35=8\u{1}11=alpha.{id}\u{1}17=E{id}\u{1}150=F\u{1}39=2\u{1}55=X\u{1}54={side}\u{1}32={qty}\u{1}31={price}\u{1}60={time}\u{1}\n"
        )
    };
    let text_of = report(1, 1, "0.25", "100.00", "19700101-00:00:01")
        + &report(2, 2, "0.25", "101.10", "19700101-00:00:03.5");
    std::fs::write(&log, text_of).unwrap();
    let scenario = text(&fixture("gate/seed/stop-loss"));
    let tape = text(&fixture("gate/seed/stop-loss/tape.csv"));
    let (code, out, error) = samebits(&["reconcile", &text(&log), &tape, "--scenario", &scenario]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("IDENTICAL: 2 live, 2 replayed"), "{out}");
}

#[test]
fn a_tape_is_converted_checked_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let input = capture(folder.path(), &lines());
    let tape = text(&folder.path().join("x.tape"));
    assert_eq!(samebits(&["tape", "convert", &input, "-o", &tape]).0, 0);
    let (code, out, _) = samebits(&["tape", "check", &tape]);
    assert!(code == 0 && out.contains("CONSISTENT"), "{out}");
    assert_eq!(samebits(&["tape", "convert", &input, "-o", &tape]).0, 2);
    let (code, out, _) = samebits(&["tape", "check", &text(&fixture("tapes/itch50_simulated_3stocks.gz"))]);
    assert!(code == 1 && out.contains("117 unknown orders"), "{out}");
    let mut bytes = std::fs::read(&tape).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&tape, bytes).unwrap();
    assert_eq!(samebits(&["tape", "info", &tape]).0, 5, "damage has its own exit code");
}

#[test]
fn the_gate_has_its_exit_codes() {
    let folder = text(&fixture("gate"));
    let gate = |more: &[&str]| {
        let mut arguments = vec!["gate", "--folder", &folder];
        arguments.extend(more);
        samebits(&arguments)
    };
    let (code, out, error) = gate(&["--only", "seed,queue/trades"]);
    assert!(code == 0 && out.contains("IDENTICAL: 6 scenarios"), "{out}{error}");
    assert_eq!(gate(&["--only", "nothing-of-this-name"]).0, 4, "an empty gate is never green");
    assert_eq!(gate(&["--why", "seed/moon"]).0, 2);
    assert!(gate(&["--why", "seed/market"]).1.contains("Protects:"));
    let (code, out, _) = gate(&["--list", "--only", "auctions"]);
    assert!(code == 0 && out.contains("auctions/opening"), "{out}");
    assert_eq!(gate(&["--review"]).0, 0);
}
