//! The suite on a database of a server that all tests share.

use crate::server::Server;
use crate::suite::{Place, hex};
use postgres::{Client, NoTls};
use samebits_store::{Drivers, Location, Opener};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database of its own.
pub(crate) struct Database {
    pub(crate) address: String,
}

/// The server of this process: one that could be started, or none. The keeper ends it with the process.
static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// A new one; `None` where there is no PostgreSQL.
    pub(crate) fn new() -> Option<Self> {
        let server = SERVER.get_or_init(|| Server::start(false)).as_ref()?;
        let name = format!("t{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        server.database(&name);
        Some(Self { address: server.address(&name) })
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.address, NoTls).unwrap()
    }
}

pub(crate) fn drivers() -> Drivers {
    Drivers {
        postgres: Some(samebits_store_postgres::open),
        answers: Some(samebits_store_postgres::open_answers),
        ..Drivers::default()
    }
}

suite!(Database::new());

impl Place for Database {
    fn opener(&self) -> Opener {
        Opener::new(Location::Postgres(self.address.clone()), drivers())
    }

    fn accident(&self, statement: &str) -> Result<(), String> {
        let told = |error: postgres::Error| error.as_db_error().unwrap().message().to_owned();
        self.client().execute(statement, &[]).map(drop).map_err(told)
    }

    fn forge(&self, statement: &str) {
        let mut client = self.client();
        client.batch_execute("SET session_replication_role = replica").unwrap();
        client.batch_execute(statement).unwrap();
    }

    fn flip(&self, table: &str, column: &str, row: usize, at: usize) -> bool {
        let mut client = self.client();
        client.batch_execute("SET session_replication_role = replica").unwrap();
        let key = match (table, column) {
            ("heads", _) => "account",
            ("corrections", "link") => "run_id",
            ("corrections", _) => "link",
            _ => "position",
        };
        let kind =
            "SELECT data_type FROM information_schema.columns WHERE table_name = $1 AND column_name = $2";
        let kind: String = client.query_one(kind, &[&table, &column]).unwrap().get(0);
        let at = at as i32;
        let (fits, changed) = match kind.as_str() {
            "bytea" => (
                format!("length({column}) > {at}"),
                format!("set_byte({column}, {at}, get_byte({column}, {at}) # 1)"),
            ),
            "bigint" => (format!("{at} < 8"), format!("{column} # (1::bigint << {})", 8 * at.min(7))),
            _ => (
                format!("length({column}) > {at}"),
                format!(
                    "overlay({column} placing chr(ascii(substr({column}, {0}, 1)) # 1) from {0} for 1)",
                    at + 1
                ),
            ),
        };
        let which = format!("ctid = (SELECT ctid FROM {table} ORDER BY {key} LIMIT 1 OFFSET {row})");
        let fits: bool =
            client.query_one(&format!("SELECT {fits} FROM {table} WHERE {which}"), &[]).unwrap().get(0);
        // A number that the database counts itself is not set by hand; no column of the suite is one.
        fits && client.execute(&format!("UPDATE {table} SET {column} = {changed} WHERE {which}"), &[]).is_ok()
    }

    fn literal(&self, bytes: &[u8]) -> String {
        format!("'\\x{}'::bytea", hex(bytes))
    }

    fn overriding(&self) -> &'static str {
        "OVERRIDING SYSTEM VALUE"
    }

    fn every_byte(&self) -> bool {
        false
    }
}
