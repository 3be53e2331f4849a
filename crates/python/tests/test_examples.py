"""The examples, the notebook, and what the documents show: all of it runs."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from conftest import ROOT, need

EXAMPLES = ROOT / "crates/python/examples"


def python(*arguments, cwd):
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_replay(path, tmp_path):
    said = python(EXAMPLES / "replay.py", path, "01-di-us", cwd=tmp_path)
    assert "24 of 24 Runs have the same bits" in said and len(said.splitlines()) == 2


def test_tables(path, tmp_path):
    need("polars")
    assert "01-di-us" in python(EXAMPLES / "tables.py", path, cwd=tmp_path)


def test_what_if(path, tmp_path):
    need("polars")
    assert "IDENTICAL True" in python(EXAMPLES / "what_if.py", path, "01-di-us", tmp_path / "new.db", cwd=tmp_path)


def test_fleet(path, tmp_path):
    need("ray"), need("distributed")
    said = python(EXAMPLES / "fleet.py", path, cwd=tmp_path)
    assert said.count("times one") == 2 and "identical True" in said


def test_the_notebook(path, tmp_path):
    nbclient, nbformat = need("nbclient"), need("nbformat")
    need("ipykernel"), need("polars"), need("numpy")
    (tmp_path / "runs.db").write_bytes(pathlib.Path(path).read_bytes())
    notebook = nbformat.read(EXAMPLES / "tour.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    last = notebook.cells[-1].outputs[0]["data"]["text/plain"]
    assert last == "{'IDENTICAL': 336}", last


def snippets(document):
    """Blocks of Python in a document."""
    text = (ROOT / document).read_text()
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize("document", ["README.md", "docs/python.md"])
def test_documents(document, path, tmp_path):
    """Every block of a document, one after another, beside a store of the name that they use."""
    for package in ("numpy", "polars", "pyarrow", "pandas", "duckdb", "scipy", "cvxpy"):
        need(package)
    (tmp_path / "runs.db").write_bytes(pathlib.Path(path).read_bytes())
    blocks = snippets(document)
    assert blocks
    said = python("-c", "\n".join(blocks), cwd=tmp_path)
    if document == "README.md":
        assert said.startswith("IDENTICAL")


def test_every_example_is_tested():
    """A new one has its test in this file."""
    tested = pathlib.Path(__file__).read_text()
    for example in EXAMPLES.iterdir():
        assert f'"{example.name}"' in tested, example.name
    assert os.listdir(EXAMPLES)
