//! Writes every frozen picture: `cargo run -p samebits-charts --example pictures -- FOLDER`.

#[path = "../tests/it/scenes.rs"]
mod scenes;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).map(std::path::PathBuf::from);
    let folder = folder.ok_or_else(|| std::io::Error::other("which folder?"))?;
    std::fs::create_dir_all(&folder)?;
    for (name, svg) in scenes::scenes().map_err(std::io::Error::other)? {
        std::fs::write(folder.join(name), svg)?;
    }
    Ok(())
}
