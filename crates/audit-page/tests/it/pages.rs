//! What the pages say: the same as the functions that they lay out.

use crate::client::{get, link, post, server, store};
use samebits_replay::why::why;
use samebits_store::Filter;

/// Bytes of a page.
const LARGEST: usize = 100_000;

#[test]
fn three_clicks_to_a_reason() {
    let at = server();
    let day = samebits_replay::open(store()).unwrap().find("A1/0").unwrap().as_of;
    let runs = get(at, &format!("/runs?account=A1&to={day}"));
    assert_eq!(runs.status, 200);
    let run = get(at, &link(&runs.body, "/run/"));
    let trade = get(at, &link(&run.body, &format!("{}/trade/", link(&runs.body, "/run/"))));
    let opened = samebits_replay::open(store()).unwrap();
    let stored = opened.get(&opened.find("A1/0").unwrap().run_id).unwrap();
    let answer = why(&stored.run, None).unwrap();
    let first = &answer.trades[0];
    for text in [&first.ticker, &first.sentence, &first.notional] {
        assert!(run.body.contains(text.as_str()), "{text}");
    }
    assert!(trade.body.contains(&first.sentence));
    for term in &first.terms {
        assert!(trade.body.contains(&format!("<bdi>{}</bdi>", term.what)), "{}", term.what);
    }
    for lot in &first.lots {
        assert!(trade.body.contains(&lot.reason), "{}", lot.reason);
    }
    assert!(run.body.contains(&stored.manifest.run_id.to_string()));
}

#[test]
fn every_run_is_listed_once_and_found_by_filters() {
    let at = server();
    let opened = samebits_replay::open(store()).unwrap();
    let heads = opened.list(&Filter::default()).unwrap();
    let all = get(at, "/runs").body;
    for head in &heads {
        assert_eq!(all.matches(&format!("\"/run/{}\"", head.run_id)).count(), 1, "{head:?}");
    }
    let count = |path: &str| get(at, path).body.matches("<th scope=\"row\"><a href=\"/run/").count();
    assert_eq!(count("/runs?account=A1"), 4);
    assert_eq!(count("/runs?account=nobody"), 0);
    assert_eq!(count("/runs?verdict=IDENTICAL"), 1);
    assert_eq!(count("/runs?verdict=DIVERGED"), 1);
    assert_eq!(count("/runs?verdict=FAILED"), 1);
    assert_eq!(count("/runs?verdict=OPEN"), heads.len() - 3);
    let day = heads[0].as_of;
    assert_eq!(count(&format!("/runs?from={day}&to={day}")), 3);
    let end = &heads[4];
    let rest = format!("/runs?after={}", end.run_id);
    let behind = heads
        .iter()
        .filter(|head| (end.as_of, &head.account, head.sequence) > (head.as_of, &end.account, end.sequence));
    assert_eq!(count(&rest), behind.count());
}

#[test]
fn a_replay_is_a_replay() {
    let at = server();
    let first = get(at, "/run/A1%2F0");
    assert!(first.body.contains("IDENTICAL") && !first.body.contains("decided again in"));
    let again = post(at, "/run/A1%2F0/replay", "");
    assert_eq!(again.status, 200);
    assert!(again.body.contains("decided again in"));
    let opened = samebits_replay::open(store()).unwrap();
    let stored = opened.get(&opened.find("A1/0").unwrap().run_id).unwrap();
    for (name, digest) in stored.run.outcome.stages.list() {
        assert!(again.body.contains(name) && again.body.contains(&digest.to_string()), "{name}");
    }
    let solvers = post(at, "/run/A1%2F2/solvers", "");
    assert!(solvers.body.contains("SAME BITS") && solvers.body.contains("clarabel"));
}

#[test]
fn one_thing_changed() {
    let at = server();
    let run = samebits_replay::open(store()).unwrap().find("A1/0").unwrap().run_id;
    let trade = link(&get(at, &format!("/run/{run}")).body, &format!("/run/{run}/trade/"));
    let answer = get(at, &format!("{trade}?rate=-500"));
    assert!(answer.body.contains("with the short-term rate changed by -500 bp"));
    for (query, field) in [("cap=-1", "cap"), ("rate=x", "rate"), ("keep=-1", "keep"), ("rate=99999", "rate")]
    {
        let wrong = get(at, &format!("{trade}?{query}"));
        assert_eq!(wrong.status, 400, "{query}");
        assert!(wrong.body.contains(&format!("`{field}` is")));
    }
    assert_eq!(get(at, &format!("{trade}?keep=999999")).status, 404);
}

#[test]
fn every_page_is_small_and_what_is_not_there_is_not_found() {
    let at = server();
    for path in [
        "/runs",
        "/run/A1%2F0",
        "/run/latest",
        "/fleet",
        "/gate",
        "/gate/queue/trades",
        "/drift",
        "/help",
        "/compare",
        "/compare?a=A1%2F0&b=A1%2F1",
        "/account?name=A1",
    ] {
        let answer = get(at, path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.len() < LARGEST, "{path} has {} bytes", answer.body.len());
        assert!(answer.header("server-timing").is_some());
    }
    for (path, status) in [
        ("/nothing", 404),
        ("/run/A1%2F99", 404),
        ("/run/zz", 404),
        ("/run/A1%2F0/trade/NONE", 404),
        ("/account?name=nobody", 404),
        ("/account/picture?account=A1&of=none.svg", 404),
        ("/gate/none/such", 404),
        ("/compare?a=A1%2F0&b=zz", 404),
        ("/runs?from=yesterday", 400),
        ("/runs?verdict=MAYBE", 400),
        ("/runs?after=x", 404),
        ("/run/A1%2F0/replay", 405),
    ] {
        assert_eq!(get(at, path).status, status, "{path}");
    }
    let picture = get(at, "/account/picture?account=A1&of=value.svg");
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    assert!(picture.body.starts_with("<svg"));
    assert!(picture.header("content-security-policy").unwrap().contains("style-src 'sha256-"));
    assert_eq!(picture.header("cache-control"), Some("no-store"));
    let frontier = get(at, "/run/A1%2F0/frontier.svg");
    assert!(frontier.status == 200 && frontier.body.contains("as recorded"));
}

#[test]
fn the_board_has_a_letter_for_every_run() {
    let at = server();
    let board = get(at, "/fleet").body;
    let cells = |class: &str| board.matches(&format!("<td class=\"{class}\">")).count();
    assert_eq!((cells("good"), cells("bad"), cells("warn")), (1, 1, 1));
    let opened = samebits_replay::open(store()).unwrap();
    assert_eq!(cells("open") as u64, opened.count().unwrap() - 3);
}

#[test]
fn the_gate_keeps_its_last_results() {
    let at = server();
    assert!(get(at, "/gate/queue/trades").body.contains("Not replayed since"));
    let judged = post(at, "/gate", "scenario=queue%2Ftrades");
    assert_eq!((judged.status, judged.header("location")), (303, Some("/gate/queue/trades")));
    assert!(get(at, "/gate/queue/trades").body.contains("IDENTICAL"));
    assert!(get(at, "/gate").body.contains("1 of "));
}
