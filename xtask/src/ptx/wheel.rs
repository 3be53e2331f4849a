//! Where NVRTC comes from: the pinned Python package, fetched once into `target/nvrtc`.

use super::manifest::{PACKAGE, VERSION, WHEEL_SHA256};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

const LIBRARY: &str = "libnvrtc.so.12";
/// Tags of the machines that the wheel is built for; packages of this age carry the second.
const PLATFORMS: [&str; 4] = ["--platform", "manylinux2014_x86_64", "--platform", "manylinux1_x86_64"];

/// Why there is no compiler.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// The bytes of PTX are promised for one build of the compiler only.
    #[error(
        "PTX is built on Linux x86-64 only, where the pinned {PACKAGE} {VERSION} runs; `--lint-only` works everywhere"
    )]
    Platform,
    /// No interpreter to fetch the package with.
    #[error(
        "python3 cannot be started ({0}); it fetches {PACKAGE} {VERSION}. Or unpack that wheel into target/nvrtc"
    )]
    NoPython(std::io::Error),
    /// An interpreter without its installer.
    #[error("python3 has no pip, which fetches {PACKAGE} {VERSION}. Or put that wheel into target/nvrtc")]
    NoPip,
    /// The registry was not reached, or does not have the package.
    #[error(
        "pip did not fetch {PACKAGE} {VERSION}; is this machine offline? Then put the wheel into target/nvrtc. pip said:\n{0}"
    )]
    Fetch(String),
    /// Not the wheel that the PTX was made with.
    #[error("{path}: SHA-256 is {found}, not {WHEEL_SHA256}; delete it and try again")]
    Hash { path: PathBuf, found: String },
    /// A step of the unpacking.
    #[error("{path} cannot be unpacked: {said}")]
    Unpack { path: PathBuf, said: String },
    /// A folder or file that cannot be used.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
}

/// The path of the library; fetched, checked and unpacked first if `target/nvrtc` has none.
///
/// # Errors
/// What a person has to do: see [`Error`].
pub(crate) fn provide(root: &Path) -> Result<PathBuf, Error> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Error::Platform);
    }
    let target = root.join("target");
    let folder = target.join("nvrtc");
    std::fs::create_dir_all(&folder).map_err(|source| Error::File { path: folder.clone(), source })?;
    if let Some(library) = find(&folder, &|name| name == LIBRARY)? {
        return Ok(library);
    }
    let wheel = match find(&folder, &is_wheel)? {
        Some(wheel) => wheel,
        None => fetch(&folder)?,
    };
    verify(&wheel)?;
    unpack(&wheel, &target.join("nvrtc-unpacking"), &folder.join(VERSION))?;
    let said = format!("it has no {LIBRARY}");
    find(&folder, &|name| name == LIBRARY)?.ok_or(Error::Unpack { path: wheel, said })
}

fn is_wheel(name: &str) -> bool {
    let start = format!("{}-{VERSION}-", PACKAGE.replace('-', "_"));
    name.strip_prefix(&start)
        .and_then(|rest| rest.rsplit_once('.'))
        .is_some_and(|(_, ending)| ending == "whl")
}

fn fetch(folder: &Path) -> Result<PathBuf, Error> {
    eprintln!("{PACKAGE} {VERSION}: fetching into {}", folder.display());
    python(&["-m", "pip", "--version"], &[])?.map_err(|_| Error::NoPip)?;
    let mut arguments = vec!["-m", "pip", "download", "--quiet", "--disable-pip-version-check"];
    arguments.extend(["--no-deps", "--only-binary=:all:"]);
    arguments.extend(PLATFORMS);
    let package = format!("{PACKAGE}=={VERSION}");
    arguments.extend([package.as_str(), "-d"]);
    python(&arguments, &[folder])?.map_err(Error::Fetch)?;
    find(folder, &is_wheel)?.ok_or_else(|| Error::Fetch("nothing, and there is no wheel".to_owned()))
}

fn verify(wheel: &Path) -> Result<(), Error> {
    let script = "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())";
    let path = wheel.to_owned();
    let found = python(&["-c", script], &[wheel])?
        .map_err(|said| Error::Unpack { path: path.clone(), said })?
        .trim()
        .to_owned();
    if found == WHEEL_SHA256 { Ok(()) } else { Err(Error::Hash { path, found }) }
}

/// Unpacks beside the place and moves at the end, so that a half-written library is never found.
fn unpack(wheel: &Path, staging: &Path, place: &Path) -> Result<(), Error> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    for folder in [staging, place] {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(file(folder)(error)),
            _ => {}
        }
    }
    python(&["-m", "zipfile", "-e"], &[wheel, staging])?
        .map_err(|said| Error::Unpack { path: wheel.to_owned(), said })?;
    std::fs::rename(staging, place).map_err(file(place))
}

/// What python3 printed; the inner error is what it complained about.
fn python(arguments: &[&str], paths: &[&Path]) -> Result<Result<String, String>, Error> {
    let output = Command::new("python3").args(arguments).args(paths).output().map_err(Error::NoPython)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
}

/// The first file, in the order of paths, whose name is wanted.
fn find(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Option<PathBuf>, Error> {
    let error = |source| Error::File { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(error)? {
        entries.push(entry.map_err(error)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if let Some(found) = find(&path, wanted)? {
                return Ok(Some(found));
            }
        } else if path.file_name().and_then(|name| name.to_str()).is_some_and(wanted) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_is_known_by_its_name() {
        assert!(is_wheel("nvidia_cuda_nvrtc_cu12-12.0.76-py3-none-manylinux1_x86_64.whl"));
        assert!(!is_wheel("nvidia_cuda_nvrtc_cu12-12.0.140-py3-none-manylinux1_x86_64.whl"));
        assert!(!is_wheel("nvidia_cuda_nvrtc_cu12-12.0.76-py3-none-manylinux1_x86_64.whl.part"));
    }
}
