//! Records that say what a page must not do: their strings are data.

use crate::client::{get, link, post, server, server_of, store};
use crate::scene::{ACCOUNT, PROBLEM};

/// No string of a record is markup, turns the direction of others, or fills the page.
fn harmless(body: &str) {
    for begin in ["<script>", "<img src=x", "<style>", "<b>no", "<i>code", "<a href=javascript"] {
        assert!(!body.contains(begin), "{begin}");
    }
    assert!(!body.contains(PROBLEM) && !body.contains(['\u{202e}', '\u{200b}']));
    assert!(!body.contains("\"onload"));
    assert!(body.len() < 100_000, "{} bytes", body.len());
}

#[test]
fn names_are_data_on_every_page() {
    let at = server();
    let runs = get(at, "/runs").body;
    harmless(&runs);
    assert!(runs.contains("&lt;script&gt;document.title") && runs.contains("bytes in all"));
    let opened = samebits_replay::open(store()).unwrap();
    let head = opened.find(&format!("{ACCOUNT}/0")).unwrap();
    let run = format!("/run/{}", head.run_id);
    let page = get(at, &run);
    assert_eq!(page.status, 200);
    harmless(&page.body);
    assert!(page.body.contains("\\u{202e}&lt;/table&gt;"));
    let trade = get(at, &link(&page.body, &format!("{run}/trade/")));
    assert_eq!(trade.status, 200);
    harmless(&trade.body);
    harmless(&post(at, &format!("{run}/replay"), "").body);
    harmless(&get(at, "/fleet").body);
    harmless(&get(at, &format!("/compare?a={}&b=A1%2F0", head.run_id)).body);
    let account = link(&page.body, "/account?name=");
    harmless(&get(at, &account).body);
    let filtered = get(at, &account.replace("/account?name", "/runs?account")).body;
    assert_eq!(filtered.matches("<th scope=\"row\"><a href=\"/run/").count(), 1);
    let failed = get(at, "/run/A1%2F1").body;
    harmless(&failed);
    assert!(failed.contains("&lt;b&gt;no&lt;/b&gt; solver\\u{200b}"));
}

#[test]
fn what_is_asked_for_is_data_too() {
    let at = server();
    for path in [
        "/run/%3Cscript%3E",
        "/gate/%3Cscript%3E",
        "/runs?from=%3Cscript%3E",
        "/account?name=%3Cscript%3E",
        "/compare?a=%3Cscript%3E&b=%22%3E",
        "/runs?account=%22%3E%3Cscript%3E",
        "/run/%E2%80%AE",
    ] {
        harmless(&get(at, path).body);
    }
    let long = format!("/run/{}", "a".repeat(50_000));
    let answer = get(at, &long);
    assert!(answer.status == 404 && answer.body.len() < 5_000);
}

#[test]
fn a_damaged_run_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    std::fs::copy(store(), &path).unwrap();
    let at = server_of(&path);
    assert_eq!(get(at, "/run/A1%2F1").status, 200);
    let change = "DROP TRIGGER runs_are_final; UPDATE runs SET link = zeroblob(32) WHERE account = 'A1' AND sequence = 1";
    rusqlite::Connection::open(&path).unwrap().execute_batch(change).unwrap();
    let answer = get(at, "/run/A1%2F1");
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("DAMAGED") && answer.body.contains("store.damaged"), "not named");
    assert_eq!(get(at, "/runs").status, 200);
}
