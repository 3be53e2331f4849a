//! `manifest.toml` beside the kernels: which compiler made the PTX, from which bytes, into which bytes.

use super::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Its name.
pub(crate) const NAME: &str = "manifest.toml";
/// The compiler; other versions give other PTX.
pub(crate) const VERSION: &str = "12.0.76";
/// The Python package that it comes in, built for Linux on x86-64.
pub(crate) const PACKAGE: &str = "nvidia-cuda-nvrtc-cu12";
/// SHA-256 of that wheel.
pub(crate) const WHEEL_SHA256: &str = "8dd4458a7d8bf8fd2b01a34a9069856d53a9b4c0af2037b77c12b270daf9c828";
/// Compute capabilities times ten; one PTX per kernel and capability.
pub(crate) const CAPABILITIES: [u32; 3] = [70, 80, 90];
/// Flags beside the architecture. Nothing is fused unless a kernel says so.
pub(crate) const FLAGS: [&str; 2] = ["--fmad=false", "--std=c++17"];

/// The flag that names the architecture.
pub(crate) fn architecture(capability: &str) -> String {
    format!("--gpu-architecture=compute_{capability}")
}

/// The manifest of these files, byte for byte.
pub(crate) fn text(files: &Files) -> String {
    let flags: Vec<String> = [architecture("XX")].into_iter().chain(FLAGS.map(str::to_owned)).collect();
    let mut out = format!(
        "# Written by `cargo xtask ptx`. Every kernel is compiled once per capability XX, headers beside it in the order\n\
         # of their names. The hashes are BLAKE3.\n\n\
         [compiler]\nname = \"NVRTC\"\nversion = \"{VERSION}\"\npackage = \"{PACKAGE}\"\nwheel_sha256 = \"{WHEEL_SHA256}\"\n\
         flags = {flags:?}\ncapabilities = {CAPABILITIES:?}\n\n[files]\n"
    );
    for (name, bytes) in files {
        writeln!(out, "\"{name}\" = \"{}\"", blake3::hash(bytes).to_hex())
            .expect("a string takes every text");
    }
    out
}

/// What a manifest says differently from the one that the files ask for.
pub(crate) fn differences(found: &str, expected: &str) -> Vec<String> {
    let (found, expected) = (entries(found), entries(expected));
    let keys: BTreeSet<&str> = found.keys().chain(expected.keys()).copied().collect();
    let difference = |key: &str| match (found.get(key), expected.get(key)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(_), Some(_)) => Some(format!("{}: not what {NAME} says", key.trim_matches('"'))),
        (None, _) => Some(format!("{}: not in {NAME}", key.trim_matches('"'))),
        (_, None) => Some(format!("{}: in {NAME} only", key.trim_matches('"'))),
    };
    keys.into_iter().filter_map(difference).collect()
}

/// Keys and values as they are written.
fn entries(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once(" = ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_difference_is_named() {
        let files = Files::from([("a.cu".to_owned(), b"a".to_vec()), ("b.cuh".to_owned(), b"b".to_vec())]);
        let expected = text(&files);
        assert!(differences(&expected, &expected).is_empty());
        let hash = blake3::hash(b"a").to_hex();
        for (from, to, name) in [
            ("\"a.cu\"", "\"c.cu\"", "c.cu: in manifest.toml only"),
            ("\"a.cu\"", "\"c.cu\"", "a.cu: not in manifest.toml"),
            (hash.as_str(), "0", "a.cu: not what manifest.toml says"),
            (VERSION, "12.1.0", "version: not what manifest.toml says"),
        ] {
            let all = differences(&expected.replace(from, to), &expected);
            assert!(all.iter().any(|line| line == name), "{name}: {all:?}");
        }
    }
}
