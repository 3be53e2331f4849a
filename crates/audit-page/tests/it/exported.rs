//! A Run as one file.

use crate::client::store;
use crate::scene::ACCOUNT;
use samebits_audit_page::export;
use samebits_replay::why::why;

#[test]
fn one_file_says_all_and_loads_nothing() {
    let opened = samebits_replay::open(store()).unwrap();
    let page = export(&opened, "A1/0").unwrap();
    assert_eq!(page.name, "run-A1-0");
    assert_eq!(page, export(&opened, "A1/0").unwrap());
    assert!(page.text.contains("default-src 'none'; style-src 'sha256-"));
    // The one address is a name: what an `svg` element is.
    let text = page.text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert!(text.contains("role=\"img\" aria-labelledby=\"frontier-title"));
    for loads in ["<link", "<script", " src=", "url(", "@import", "http:", "https:", "<form"] {
        assert!(!text.contains(loads), "{loads}");
    }
    let stored = opened.get(&page.run_id).unwrap();
    let answer = why(&stored.run, None).unwrap();
    assert!(!answer.trades.is_empty());
    for trade in &answer.trades {
        assert!(page.text.contains(&format!("id=\"trade-{}\"", trade.ticker)));
        assert!(trade.lots.iter().all(|lot| page.text.contains(&lot.reason)));
    }
    let ids =
        [stored.manifest.run_id, stored.manifest.inputs_id, stored.manifest.result_id, stored.head.link];
    assert!(ids.iter().all(|id| page.text.contains(&id.to_string())));
}

#[test]
fn a_hostile_account_names_a_plain_file() {
    let opened = samebits_replay::open(store()).unwrap();
    let page = export(&opened, &format!("{ACCOUNT}/0")).unwrap();
    assert!(page.name.starts_with("run-_script_document.title") && !page.name.contains(['/', '<', '"']));
    assert!(!page.text.contains("<script") && !page.text.contains("<img") && !page.text.contains('\u{202e}'));
}
