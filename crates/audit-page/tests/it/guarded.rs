//! Who is answered. Protects what a page of another site, a name of the network or another user of the machine could ask.

use crate::client::{COOKIE, TOKEN, cookie, get, host, post, send, server};

#[test]
fn the_printed_address_lets_one_browser_in_once() {
    let at = server();
    let enter = || send(at, "GET", &format!("/?token={TOKEN}"), &[&host(at)], "");
    assert_eq!(send(at, "GET", "/?token=wrong", &[&host(at)], "").status, 401);
    let first = enter();
    assert_eq!(first.status, 200);
    let set = first.header("set-cookie").unwrap();
    assert_eq!(set, format!("samebits-{}={COOKIE}; HttpOnly; SameSite=Strict; Path=/", at.port()));
    assert!(first.body.contains("url=/runs"));
    assert_eq!(enter().status, 401);
    assert_eq!(get(at, "/runs").status, 200);
}

#[test]
fn without_the_cookie_there_is_nothing() {
    let at = server();
    for path in
        ["/", "/runs", "/run/latest", "/fleet", "/gate", "/nothing", "/account/picture?account=a&of=b"]
    {
        for lines in [vec![host(at)], vec![host(at), format!("Cookie: samebits-{}=other", at.port())]] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let answer = send(at, "GET", path, &lines, "");
            assert_eq!(answer.status, 401, "{path}");
            assert!(!answer.body.contains("A1") && !answer.body.contains("s.db"), "{}", answer.body);
        }
    }
}

#[test]
fn another_host_is_misdirected() {
    let at = server();
    for name in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""] {
        let answer = send(at, "GET", "/runs", &[&format!("Host: {name}"), &cookie(at)], "");
        assert_eq!(answer.status, 421, "{name}");
        let asset = send(at, "GET", "/page.css", &[&format!("Host: {name}")], "");
        assert_eq!(asset.status, 421, "{name}");
    }
    let own = format!("Host: localhost:{}", at.port());
    assert_eq!(send(at, "GET", "/runs", &[&own, &cookie(at)], "").status, 200);
}

#[test]
fn forms_come_from_own_pages() {
    let at = server();
    let send =
        |line: &str| send(at, "POST", "/run/latest/replay", &[&host(at), &cookie(at), line], "").status;
    for line in
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: none", "Accept: */*"]
    {
        assert_eq!(send(line), 403, "{line}");
    }
    assert_eq!(send("Sec-Fetch-Site: same-origin"), 200);
    assert_eq!(send("X-Samebits: a program"), 200);
}

#[test]
fn every_answer_is_guarded() {
    let at = server();
    let refused = send(at, "GET", "/runs", &["Host: evil.example"], "");
    for answer in [get(at, "/runs"), get(at, "/page.css"), get(at, "/nothing"), refused] {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"));
        assert!(policy.contains("require-trusted-types-for 'script'") && !policy.contains("unsafe"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value));
        }
    }
    assert_eq!(get(at, "/runs").header("cache-control"), Some("no-store"));
}

#[test]
fn a_form_has_a_limit() {
    let at = server();
    let long = format!("scenario={}", "x".repeat(70_000));
    assert_eq!(post(at, "/gate", &long).status, 413);
    assert_eq!(post(at, "/gate", "scenario=none-such").status, 404);
}
