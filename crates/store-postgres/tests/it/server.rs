//! A PostgreSQL server of the system's package, in a folder of its own, for as long as the tests run.
//!
//! The server refuses to run as root, so a root runs it as `postgres` or `nobody`. A shell waits on a pipe from this process
//! and stops the server when the pipe closes, however this process ends.
#![allow(dead_code, reason = "shared with the tests of other crates")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// Its socket is here.
    folder: PathBuf,
    user: &'static str,
    port: u16,
    /// The shell that keeps it: ends when this is dropped.
    keeper: Child,
}

/// Who the server runs as: `None` for whoever we are.
type User = Option<(u32, u32)>;

/// The shell's part. It says when the server answers, and ends when its standard input does.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -p "$3" -c listen_addresses="$4" -c unix_socket_permissions=0777 \
    -c max_connections=60 -c fsync="$5" -c autovacuum=off >"$2/log" 2>&1 &
server=$!
tries=0
while ! "$1/pg_isready" -q -h "$2" -p "$3"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$server" 2>/dev/null; then echo failed; cat "$2/log"; exit 1; fi
    sleep 0.05
done
echo ready
read -r _
kill -INT "$server"
wait "$server"
cd / && rm -rf "$2" 2>/dev/null
"#;

impl Server {
    /// Starts a server that listens on a socket in its folder, and on `port` of the loopback when `tcp` says so. `None`, after
    /// a line that says so, where the package is not installed.
    pub(crate) fn start(tcp: bool) -> Option<Self> {
        Self::with(tcp, true)
    }

    /// The same, with a server that acknowledges what it has not written.
    pub(crate) fn start_without_fsync() -> Option<Self> {
        Self::with(false, false)
    }

    fn with(tcp: bool, fsync: bool) -> Option<Self> {
        let Some(programs) = programs() else {
            // Past the capture of test output: who reads the tests' results reads this.
            let line = "SKIPPED: no PostgreSQL server is installed (no initdb): nothing was tested on one";
            let _ = writeln!(std::io::stderr(), "{line}");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("samebits-pg-").tempdir().unwrap().keep();
        let user = user(&folder);
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let mut initdb = Command::new(programs.join("initdb"));
        initdb
            .args(["-A", "trust", "-U", "samebits", "-E", "UTF8", "--locale=C", "-D"])
            .arg(folder.join("data"));
        let made = run_as(&mut initdb, user).current_dir(&folder).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = if tcp { free_port() } else { 5432 };
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEPER, "keeper"]).arg(&programs).arg(&folder).arg(port.to_string());
        shell.arg(if tcp { "127.0.0.1" } else { "" }).arg(if fsync { "on" } else { "off" });
        let mut keeper = run_as(&mut shell, user)
            .current_dir(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(keeper.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        let first = lines.next().unwrap_or_default();
        assert_eq!(first, "ready", "{}", lines.collect::<Vec<_>>().join("\n"));
        Some(Self { folder, user: "samebits", port, keeper })
    }

    /// The address of a database, through the socket.
    pub(crate) fn address(&self, database: &str) -> String {
        format!("postgres://{}@/{database}?host={}&port={}", self.user, self.folder.display(), self.port)
    }

    /// The address of a database, through the loopback.
    pub(crate) fn loopback(&self, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{}/{database}", self.user, self.port)
    }

    /// A new, empty database.
    pub(crate) fn database(&self, name: &str) {
        let mut client = postgres::Client::connect(&self.address("postgres"), postgres::NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.keeper.stdin.take() {
            let _ = pipe.write_all(b"end\n");
        }
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest server's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut found: Vec<(u32, PathBuf)> = versions
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| Some((number(&entry.path())?, entry.path().join("bin"))))
        .collect();
    found.sort();
    let others =
        ["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    let mut all = found.into_iter().rev().map(|(_, path)| path).chain(others);
    all.find(|path| path.join("initdb").is_file() && path.join("postgres").is_file())
}

/// Root hands over to someone else.
fn user(folder: &Path) -> User {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let known = std::fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
        let fields: Vec<&str> = line.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(["postgres", "nobody"].into_iter().find_map(of).expect("a user that is not root"))
}

fn run_as(command: &mut Command, user: User) -> &mut Command {
    match user {
        Some((uid, gid)) => command.uid(uid).gid(gid),
        None => command,
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
