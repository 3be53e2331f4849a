//! Every Run is on exactly one page, and every account on one board, however many there are and whatever they are called.

use crate::client::{get, server_of, store};
use std::collections::BTreeMap;
use std::path::Path;

/// Accounts with as many Runs each as the one that they are copied from.
const COPIES: usize = 700;

/// The scene with more accounts: rows of one under other names, one of them too long for an address, one that ends with a blank.
fn many(path: &Path) -> usize {
    std::fs::copy(store(), path).unwrap();
    std::fs::copy(store().with_extension("answers.db"), path.with_extension("answers.db")).unwrap();
    let rows = rusqlite::Connection::open(path).unwrap();
    rows.execute_batch("BEGIN").unwrap();
    let name = |k: usize| match k {
        30 => format!("C30{}", "x".repeat(5_000)),
        31 => "C31 ".to_owned(),
        k => format!("C{k}"),
    };
    for k in 0..COPIES {
        rows.execute(
            "INSERT INTO runs SELECT ?1, sequence, as_of, randomblob(32), randomblob(32), result_id, solver, status,
             recorded_at, actor, previous, link, record FROM runs WHERE account = 'A1'",
            [name(k)],
        )
        .unwrap();
        let head = "INSERT INTO heads SELECT ?1, sequence, link, corrections, correction_link FROM heads WHERE account = 'A1'";
        rows.execute(head, [name(k)]).unwrap();
    }
    rows.execute_batch("COMMIT").unwrap();
    rows.query_row("SELECT count(*) FROM runs", [], |row| row.get::<_, i64>(0)).unwrap() as usize
}

/// Follows a link from page to page; how often each address that begins with `begin` was on them.
fn walk(at: std::net::SocketAddr, first: &str, text: &str, begin: &str) -> BTreeMap<String, usize> {
    let (mut seen, mut next, mut pages) = (BTreeMap::new(), Some(first.to_owned()), 0);
    while let Some(path) = next {
        pages += 1;
        assert!(pages < 100, "the pages of {first} do not end");
        let page = get(at, &path);
        assert_eq!(page.status, 200, "{path}");
        for part in page.body.split(&format!("href=\"{begin}")).skip(1) {
            let address = part[..part.find('"').unwrap()].to_owned();
            *seen.entry(address).or_insert(0) += 1;
        }
        let before = page.body.split(&format!("\">{text}</a>")).next().unwrap();
        let link = before.rfind("href=\"").map(|at| before[at + 6..].replace("&amp;", "&"));
        next = link.filter(|_| before.len() < page.body.len());
    }
    seen
}

#[test]
fn pages_and_boards_leave_no_run_out_and_repeat_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let runs = many(&path);
    let at = server_of(&path);
    for (first, text) in [("/runs", "Older Runs"), ("/fleet", "More accounts")] {
        let seen = walk(at, first, text, "/run/");
        assert!(seen.values().all(|times| *times == 1), "{first}: {seen:?}");
        assert!(seen.len() == runs && runs > 100, "{first}: {} of {runs}", seen.len());
    }
    let by_verdict = ["IDENTICAL", "DIVERGED", "DISAGREE", "FAILED", "OPEN"].map(|verdict| {
        let seen = walk(at, &format!("/runs?verdict={verdict}"), "Older Runs", "/run/");
        assert!(seen.values().all(|times| *times == 1), "{verdict}: {seen:?}");
        seen.len()
    });
    assert_eq!(by_verdict.iter().sum::<usize>(), runs);
    assert!(by_verdict[0] > 0 && by_verdict[1] > 0 && by_verdict[2] == 0 && by_verdict[3] > 0);
    let blank = get(at, "/runs?account=C31%20").body;
    assert_eq!(blank.matches("href=\"/run/").count(), 4);
}
