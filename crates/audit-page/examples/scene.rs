//! Records the store of the browser's tests: `cargo run --example scene -- FILE`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a tool of the tests")]

#[path = "../tests/it/scene.rs"]
mod scene;

fn main() {
    let file = std::env::args_os().nth(1).expect("the file to write");
    scene::record(std::path::Path::new(&file));
}
