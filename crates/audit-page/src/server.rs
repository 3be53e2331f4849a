//! The server: addresses, and which view answers them.

use crate::desk::Desk;
use crate::guard::{Guard, Secrets, guard};
use crate::layout::{self, Place};
use crate::{Error, parts, views};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::html;
use samebits_present::page_of;
use samebits_store::Opener;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of a form.
const BODY: usize = 64 << 10;
/// So long requests under way may take after an interrupt.
const LAST: Duration = Duration::from_secs(3);
/// Addresses that need no cookie: they say nothing of a store.
const ASSETS: [(&str, &str, &str); 3] = [
    ("/page.css", "text/css; charset=utf-8", layout::STYLE),
    ("/page.js", "text/javascript; charset=utf-8", layout::SCRIPT),
    ("/icon.svg", "image/svg+xml", layout::ICON),
];

/// What a server shows, and what it is handed in.
#[derive(Clone)]
pub struct Options {
    /// The store; it is opened to read.
    pub store: Opener,
    /// The answers of its fleet; there need not be any.
    pub answers: Opener,
    /// The folder of the gate's scenarios.
    pub gate: Option<PathBuf>,
    /// A report that `samebits drift --json` wrote.
    pub drift: Option<PathBuf>,
    /// Nanoseconds since some fixed moment.
    pub clock: fn() -> u64,
    /// UTC nanoseconds since 1970.
    pub now: fn() -> i64,
}

/// Answers requests at `listener`, a loopback address, until the program is interrupted; `ready` is called before the first
/// one, when the store is open.
///
/// # Errors
/// A store that cannot be opened, an address that is not loopback, and what the network says.
pub fn serve(
    listener: TcpListener,
    options: Options,
    secrets: Secrets,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    let at = listener.local_addr()?;
    if !at.ip().is_loopback() {
        return Err(Error::Field { field: "address", found: at.to_string(), expected: "a loopback address" });
    }
    listener.set_nonblocking(true)?;
    let clock = options.clock;
    let desk = Arc::new(Desk::new(options)?);
    let router = pages(desk)
        .layer(from_fn_with_state(clock, timed))
        .layer(from_fn_with_state(Arc::new(Guard::new(secrets, at.port())), guard));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    ready(at);
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            served = async { axum::serve(listener, router).with_graceful_shutdown(interrupted()).await } => served,
            () = given_up() => Ok(()),
        }
    });
    // Work that nobody waits for any more does not keep the program.
    runtime.shutdown_background();
    Ok(served?)
}

/// A while after the interrupt: a connection that says nothing does not keep the program.
async fn given_up() {
    interrupted().await;
    tokio::time::sleep(LAST).await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "no interrupt will be heard");
        std::future::pending::<()>().await;
    }
}

fn pages(desk: Arc<Desk>) -> Router {
    let mut router = Router::new()
        .route("/", get(|| async { Redirect::to("/runs") }))
        .route("/runs", get(views::runs::show))
        .route("/run/{id}", get(views::run::show))
        .route("/run/{id}/frontier.svg", get(views::run::frontier))
        .route("/run/{id}/replay", post(views::run::replay))
        .route("/run/{id}/solvers", post(views::solvers::show))
        .route("/run/{id}/trade/{ticker}", get(views::trade::show))
        .route("/compare", get(views::compare::show))
        .route("/account", get(views::account::show))
        .route("/account/picture", get(views::account::picture))
        .route("/fleet", get(views::fleet::show))
        .route("/drift", get(views::drift::show))
        .route("/gate", get(views::gate::list).post(views::gate::judge))
        .route("/gate/{*name}", get(views::gate::show))
        .route("/help", get(views::help::show))
        .fallback(|| async { Error::NoPage })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED });
    for (address, kind, text) in ASSETS {
        let asset = move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "max-age=3600")], text) };
        router = router.route(address, get(asset));
    }
    router.layer(DefaultBodyLimit::max(BODY)).with_state(desk)
}

/// Whether an address is one of the files that every page has.
pub(crate) fn is_asset(path: &str) -> bool {
    ASSETS.iter().any(|(address, ..)| *address == path)
}

/// Says in a header how long the page took here.
async fn timed(State(clock): State<fn() -> u64>, request: Request, next: Next) -> Response {
    let begun = clock();
    let path = request.uri().path().to_owned();
    let mut answer = next.run(request).await;
    let spent = clock().saturating_sub(begun) as f64 / 1e6;
    tracing::debug!(path, milliseconds = spent, status = answer.status().as_u16(), "page");
    if let Ok(value) = HeaderValue::from_str(&format!("page;dur={spent:.3}")) {
        answer.headers_mut().insert(HeaderName::from_static("server-timing"), value);
    }
    answer
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::warn!(error = %self, "no page");
        }
        let title = match status {
            _ if self.is_damage() => "Damaged",
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::BAD_REQUEST => "Not understood",
            StatusCode::SERVICE_UNAVAILABLE => "Too slow",
            _ => "Not shown",
        };
        let main = html! {
            h1 { (title) }
            @if self.is_damage() {
                p { (parts::chip(parts::Mark { letter: "!", word: "DAMAGED", class: "bad" })) " the evidence itself is broken" }
            }
            p.error { (parts::data(&self.to_string())) }
            @if !self.is_own() {
                @let page = page_of(self.cause());
                h2 { (page.title) }
                p { (page.help) }
                p.soft { "Code " code { (page.code) } "." }
            }
            p { a href="/runs" { "Back to the Runs" } }
        };
        (status, layout::page(title, Place::None, &main)).into_response()
    }
}
