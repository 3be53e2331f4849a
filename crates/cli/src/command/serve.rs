//! `samebits serve`

use crate::DRIVERS;
use crate::arguments::Serve;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samebits_audit_page::{Error, Options, Secrets, serve};
use samebits_store::Opener;
use serde_json::json;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::time::{Instant, SystemTime};

/// Random bytes of a secret.
const SECRET: usize = 32;

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(crate) fn run(store: &Opener, wanted: &Serve, output: Output) -> anyhow::Result<Exit> {
    let results = wanted.results.clone().unwrap_or_else(|| store.location().of_answers());
    let options = Options {
        store: store.clone(),
        answers: Opener::new(results, DRIVERS),
        gate: wanted.gate.clone(),
        drift: wanted.drift.clone(),
        clock: || BEGUN.elapsed().as_nanos() as u64,
        now: || {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
        },
    };
    let secrets = Secrets { token: secret()?, cookie: secret()? };
    let token = secrets.token.clone();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted.port))
        .with_context(|| format!("127.0.0.1:{}", wanted.port))?;
    serve(listener, options, secrets, |at| {
        let url = format!("http://{at}/?token={token}");
        output.json(&json!({ "url": url, "store": store.location().to_string() }));
        output.line(format!(
            "{} is served, read only, to one browser on this machine; Ctrl-C ends it",
            store.location()
        ));
        output.verdict(format!("open {url}"));
    })
    .map_err(cause)?;
    Ok(Exit::Same)
}

/// 32 random bytes as text for an address.
fn secret() -> anyhow::Result<String> {
    let mut bytes = [0_u8; SECRET];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What went wrong, without the page around it: verdict and code are those of the cause.
pub(super) fn cause(error: Error) -> anyhow::Error {
    match error {
        Error::Store(error) => error.into(),
        Error::Replay(error) => error.into(),
        Error::Report(error) => error.into(),
        Error::Gate(error) => error.into(),
        own => own.into(),
    }
}
