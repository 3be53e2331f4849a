//! What the database says, as an error of the store.

use postgres::error::SqlState;
use samebits_store::Error;

/// A failure of the database.
pub(crate) fn database(problem: impl ToString) -> Error {
    Error::Database { problem: problem.to_string(), corrupt: false }
}

/// A failure that the driver reports, with the server's own words.
pub(crate) fn told(error: &postgres::Error) -> Error {
    let Some(server) = error.as_db_error() else { return database(causes(error)) };
    let corrupt = [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(server.code());
    let detail = server.detail().map_or_else(String::new, |detail| format!(": {detail}"));
    Error::Database { problem: format!("{} ({}){detail}", server.message(), server.code().code()), corrupt }
}

/// An error and what caused it.
fn causes(error: &postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Whether the transaction may succeed when it is tried again as it was.
pub(crate) fn is_transient(error: &postgres::Error) -> bool {
    let codes = [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE];
    error.code().is_some_and(|code| codes.contains(code))
}
