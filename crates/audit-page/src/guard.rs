//! Who may ask, and what every answer carries.
//!
//! The page is for the person at this machine: it listens on a loopback address only, answers nobody who asks for another host
//! (a name of the network that was turned to 127.0.0.1), and wants a cookie that only the printed address gives, once. A form
//! has to come from a page of its own.

use crate::layout::{self, Place};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Nothing is loaded but what this server sends; no script may write markup.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// What a program sends with a POST instead of what a browser does.
const OWN_HEADER: &str = "x-samebits";

/// Two random strings: what the printed address carries, and what the cookie does.
#[derive(Clone)]
pub struct Secrets {
    /// Accepted once, in `/?token=`.
    pub token: String,
    /// The cookie's value.
    pub cookie: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// What the guard knows.
#[derive(Debug)]
pub(crate) struct Guard {
    secrets: Secrets,
    used: AtomicBool,
    /// The cookie's name: cookies know no ports, and another server may be on this machine.
    name: String,
    hosts: [String; 3],
}

impl Guard {
    pub(crate) fn new(secrets: Secrets, port: u16) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
        Self { secrets, used: AtomicBool::new(false), name: format!("samebits-{port}"), hosts }
    }

    /// Whether `given` is the token, for the first time.
    fn redeem(&self, given: &str) -> bool {
        same(given.as_bytes(), self.secrets.token.as_bytes()) && !self.used.swap(true, Ordering::SeqCst)
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == self.name && same(value.as_bytes(), self.secrets.cookie.as_bytes()))
    }
}

/// Compares without telling by its time where two strings differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

/// Lets through who may ask.
pub(crate) async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut answer = match refusal(&guard, &request) {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    carry(answer.headers_mut());
    answer
}

fn refusal(guard: &Guard, request: &Request) -> Option<Response> {
    let headers = request.headers();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !guard.hosts.iter().any(|own| own == host) {
        return Some(refused(
            StatusCode::MISDIRECTED_REQUEST,
            "This page is on this machine only; open the address that `samebits serve` printed.",
        ));
    }
    if *request.method() == Method::POST && !own_form(headers) {
        return Some(refused(StatusCode::FORBIDDEN, "A form has to be sent from a page of this server."));
    }
    let path = request.uri().path();
    if path == "/" {
        let query = request.uri().query().unwrap_or_default();
        if let Some(token) = query.strip_prefix("token=") {
            return Some(if guard.redeem(token) { welcome(guard) } else { unknown() });
        }
    }
    if crate::server::is_asset(path) {
        return None;
    }
    if !guard.knows(headers) {
        return Some(unknown());
    }
    None
}

/// Whether a POST comes from a page of this server, or from a program that says so.
fn own_form(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    match site {
        Some(site) => site == "same-origin",
        None => headers.contains_key(OWN_HEADER),
    }
}

/// Hands out the cookie. Not a redirection: the browser would follow one as if it still came from elsewhere, and keep a strict
/// cookie to itself.
fn welcome(guard: &Guard) -> Response {
    let body = layout::bare("samebits", Some("/runs"), &html! { p { a href="/runs" { "Go to the Runs" } } });
    let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", guard.name, guard.secrets.cookie);
    let mut answer = body.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

fn unknown() -> Response {
    refused(
        StatusCode::UNAUTHORIZED,
        "The printed address lets one browser in, once. Open it there, or start `samebits serve` again for a new one.",
    )
}

fn refused(status: StatusCode, why: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Refused");
    (status, layout::page(title, Place::None, &html! { h1 { (title) } p { (why) } })).into_response()
}

fn carry(headers: &mut HeaderMap) {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
