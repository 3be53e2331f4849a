//! An error's line ends with its code, and the code has a page.

use crate::scene::{check, json, samebits, store};

#[test]
fn every_error_names_a_page_that_is_there() {
    for (arguments, code) in [
        (&["show", "A1/7"][..], "store.not-found"),
        (&["why", "A2/1", "nope"], "replay.unknown-ticker"),
        (&["why", "A2/1", "--cap", "0"], "system.refused"),
        (&["inspect", "does-not-exist.run"], "system.not-found"),
        (&["gate", "--folder", "does-not-exist"], "gate.io"),
        (&["solve", "Cargo.toml"], "instances.message-pack"),
        (&["compare", "--solvers", "simplex"], "replay.unknown-solver"),
        (&["fleet", "status"], "store.no-answers"),
    ] {
        let call = samebits(store(), arguments);
        let sign = format!(" [{code}; samebits explain {code}]\n");
        assert!(call.err.ends_with(&sign), "{arguments:?}: {}", call.err);
        assert_eq!(call.code, 2, "{arguments:?}");
        check(&["explain", code], 0, &format!("{code}: "));
    }
}

#[test]
fn explain_lists_all_pages() {
    let all = json(&["explain"]);
    assert!(all.as_array().unwrap().len() > 200);
    let one = json(&["explain", "store.damaged"]);
    assert!(all.as_array().unwrap().contains(&one));
    assert!(one["help"].as_str().unwrap().contains("samebits verify"));
    check(&["explain"], 0, "store.damaged-blob");
    check(&["explain", "store.nonsense"], 2, "no error has the code `store.nonsense`");
}
