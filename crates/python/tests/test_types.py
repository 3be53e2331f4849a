"""The stubs: complete, true, and enough for strict readers."""

import os
import subprocess
import sys

from conftest import ROOT, need


def test_mypy_is_content_with_the_package_and_the_examples(tmp_path):
    for package in ("mypy", "numpy", "polars", "cvxpy", "ray", "distributed"):
        need(package)
    examples = sorted(str(path) for path in (ROOT / "crates/python/examples").glob("*.py"))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--config-file", os.devnull]
    # Dask has no types.
    command.append("--untyped-calls-exclude=distributed")
    for what in (["-p", "samebits"], examples):
        done = subprocess.run([*command, *what], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout


def test_the_stubs_say_what_the_module_has(tmp_path):
    need("mypy")
    command = [sys.executable, "-m", "mypy.stubtest", "samebits._samebits", "--ignore-disjoint-bases"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
