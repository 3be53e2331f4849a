//! A server in a thread, and requests as a browser sends them.

use crate::scene;
use samebits_audit_page::{Options, Secrets, serve};
use samebits_store::{Drivers, Opener};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What the printed address carries.
pub(crate) const TOKEN: &str = "a-token";
/// What the cookie does.
pub(crate) const COOKIE: &str = "a-cookie";

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// The scene's store, recorded once.
pub(crate) fn store() -> &'static Path {
    static STORE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &STORE
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("s.db");
            scene::record(&path);
            (folder, path)
        })
        .1
}

/// A server of the scene's store; it runs until the tests end.
pub(crate) fn server() -> SocketAddr {
    server_of(store())
}

pub(crate) fn server_of(path: &Path) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let store = Opener::from(path);
    let options = Options {
        answers: Opener::new(store.location().of_answers(), Drivers::default()),
        store,
        gate: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gate")),
        drift: None,
        clock: scene::clock,
        now: || 0,
    };
    let secrets = Secrets { token: TOKEN.to_owned(), cookie: COOKIE.to_owned() };
    std::thread::spawn(move || serve(listener, options, secrets, |_| {}).unwrap());
    at
}

/// Sends a request with these lines of a head.
pub(crate) fn send(at: SocketAddr, method: &str, path: &str, lines: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(at).unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    for line in lines {
        write!(request, "{line}\r\n").unwrap();
    }
    if !body.is_empty() || method == "POST" {
        request += "Content-Type: application/x-www-form-urlencoded\r\n";
        write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    // A server that has answered already need not have read all of it.
    let _ = stream.write_all(format!("{request}\r\n{body}").as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// As the browser that was let in.
pub(crate) fn get(at: SocketAddr, path: &str) -> Answer {
    send(at, "GET", path, &[&host(at), &cookie(at)], "")
}

/// A form of a page of the server.
pub(crate) fn post(at: SocketAddr, path: &str, body: &str) -> Answer {
    send(at, "POST", path, &[&host(at), &cookie(at), "Sec-Fetch-Site: same-origin"], body)
}

pub(crate) fn host(at: SocketAddr) -> String {
    format!("Host: {at}")
}

pub(crate) fn cookie(at: SocketAddr) -> String {
    format!("Cookie: samebits-{}={COOKIE}", at.port())
}

/// The first address on a page that begins like this.
pub(crate) fn link(body: &str, begin: &str) -> String {
    let from = body.find(&format!("\"{begin}")).unwrap_or_else(|| panic!("no link to {begin}"));
    let rest = &body[from + 1..];
    rest[..rest.find('"').unwrap()].replace("&amp;", "&")
}
