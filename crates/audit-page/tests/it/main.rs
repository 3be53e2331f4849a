//! Pages over real records, through a socket.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod client;
mod exported;
mod guarded;
mod hostile;
mod pages;
mod paging;
mod scene;
