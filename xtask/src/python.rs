//! `cargo xtask test --python`: the Python package, built, installed and tested as its users have it.

use crate::test::cargo;
use anyhow::{Context, Result, ensure};
use samebits_snapshot::record::Run;
use samebits_snapshot::{DaySections, pack_shared};
use samebits_store::{NewRun, Store};
use samebits_units::Money;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Without these there is nothing to test with.
const NEEDED: [&str; 2] = ["maturin>=1.9,<2", "pytest"];
/// What the package works together with; tests of what pip does not have here are reported as skipped.
const OPTIONAL: [&str; 15] = [
    "numpy",
    "pyarrow",
    "polars",
    "pandas",
    "duckdb",
    "scipy",
    "cvxpy",
    "dask",
    "distributed",
    "ray",
    "mypy",
    "nbclient",
    "ipykernel",
    "msgpack",
    "zstandard",
];

/// Lints of the crate, then a wheel in a virtual environment under `target`, then pytest.
///
/// # Errors
/// A lint, a build or a test that fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    cargo(
        root,
        &["clippy", "--release", "-p", "samebits-python", "--quiet", "--", "--deny", "warnings"],
        &[],
    )?;
    let venv = root.join("target/python-venv");
    if !succeeds(Command::new("python3").args(["-m", "venv"]).arg(&venv))? || !pip(&venv, &NEEDED)? {
        println!(
            "SKIPPED: the Python package: no interpreter with venv, or pip has no {}",
            NEEDED.join(", ")
        );
        return Ok(());
    }
    let installed = optional(&venv)?;
    let wheels = wheel(root, &venv)?;
    ensure!(
        succeeds(python(&venv).args(["-m", "pip", "install", "-q", "--no-deps", "--no-index"]).args([
            "--force-reinstall",
            "--find-links",
            &wheels.display().to_string(),
            "samebits",
        ]))?,
        "the wheel cannot be installed"
    );
    cargo(root, &["build", "--release", "--quiet", "--bin", "samebits"], &[])?;
    let store = demo(root)?;
    let mut tests = python(&venv);
    tests
        .args(["-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", "crates/python/tests"])
        .current_dir(root)
        .env("SAMEBITS", root.join("target/release/samebits"))
        .env("SAMEBITS_FORGED", forged(&store)?)
        .env("SAMEBITS_STORE", &store)
        .env("SAMEBITS_PACKAGES", installed.join(","))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    ensure!(succeeds(&mut tests)?, "tests of the Python package failed");
    Ok(())
}

/// Those of [`OPTIONAL`] that are installed.
fn optional(venv: &Path) -> Result<Vec<&'static str>> {
    if pip(venv, &OPTIONAL)? {
        return Ok(OPTIONAL.to_vec());
    }
    let mut installed = Vec::new();
    for package in OPTIONAL {
        if pip(venv, &[package])? {
            installed.push(package);
        } else {
            println!("SKIPPED: tests with {package}: pip has no {package} here");
        }
    }
    Ok(installed)
}

/// Builds the wheel from the workspace's own release build; returns the folder that it alone is in.
fn wheel(root: &Path, venv: &Path) -> Result<PathBuf> {
    let wheels = root.join("target/wheels");
    if wheels.exists() {
        std::fs::remove_dir_all(&wheels).context("target/wheels")?;
    }
    let mut maturin = Command::new(venv.join("bin/maturin"));
    maturin
        .args(["build", "--release", "--locked", "--quiet", "--compatibility", "linux", "--out"])
        .arg(&wheels)
        .arg("--manifest-path")
        .arg(root.join("crates/python/Cargo.toml"))
        .arg("--interpreter")
        .arg(venv.join("bin/python"))
        .current_dir(root);
    ensure!(succeeds(&mut maturin)?, "maturin builds no wheel");
    Ok(wheels)
}

/// A small store of the demo, made once by this very program.
fn demo(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/python-demo");
    let this = std::env::current_exe().context("the path of this program")?;
    let mut demo = Command::new(this);
    demo.args(["demo", "--days", "24", "--out"])
        .arg(&folder)
        .stdout(std::process::Stdio::null())
        .current_dir(root);
    ensure!(succeeds(&mut demo)?, "the demo failed");
    Ok(folder.join("store.db"))
}

/// What is done to a Run.
type Change = fn(&mut Run);

/// Another store with two Runs of `store` under the names `ulp` and `tax`, whose answers were changed by one float and by an
/// amount, and every id made right again.
fn forged(store: &Path) -> Result<PathBuf> {
    let path = store.with_file_name("forged.db");
    drop(std::fs::remove_file(&path));
    let source = samebits_replay::open(&store.to_owned())?;
    let stored = source.get(&source.find("01-di-us/0")?.run_id)?;
    let mut target = Store::create(&path)?;
    let changes: [(&str, Change); 2] = [
        ("ulp", |run| run.outcome.weights[3] = f64::from_bits(run.outcome.weights[3].to_bits() + 1)),
        ("tax", |run| run.outcome.tax.accrued = Money::from_micros(1)),
    ];
    for (name, change) in changes {
        let mut run = stored.run.clone();
        name.clone_into(&mut run.inputs.question.account);
        change(&mut run);
        let packed = pack_shared(&run, &DaySections::new(&run.inputs.market, &run.inputs.risk)?)?;
        target.append(&[NewRun { packed: &packed, run: &run, actor: "forger", recorded_at: 0 }])?;
    }
    Ok(path)
}

fn python(venv: &Path) -> Command {
    Command::new(venv.join("bin/python"))
}

/// Whether pip has all of them here.
fn pip(venv: &Path, packages: &[&str]) -> Result<bool> {
    succeeds(python(venv).args(["-m", "pip", "install", "-q", "--disable-pip-version-check"]).args(packages))
}

/// Whether a command can be started and succeeds.
fn succeeds(command: &mut Command) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    let words: Vec<_> = command.get_args().map(std::ffi::OsStr::to_string_lossy).collect();
    eprintln!("$ {name} {}", words.join(" "));
    match command.status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).context(name),
    }
}
