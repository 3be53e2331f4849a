"""What the tests share: a small store of the demo, the ``samebits`` command, packages that may be missing."""

import importlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest
import samebits as sb

ROOT = pathlib.Path(__file__).resolve().parents[3]
#: Packages that were installed for these tests: one of them that cannot be imported is a failure, not a skip.
INSTALLED = [name for name in os.environ.get("SAMEBITS_PACKAGES", "").split(",") if name]


def need(name):
    """The module of this name; the test is skipped where pip did not have it."""
    if name.split(".")[0] in INSTALLED:
        return importlib.import_module(name)
    return pytest.importorskip(name, exc_type=ImportError)


@pytest.fixture(scope="session")
def path():
    return os.environ["SAMEBITS_STORE"]


@pytest.fixture(scope="session")
def store(path):
    with sb.open(path) as store:
        yield store


@pytest.fixture(scope="session")
def run(store):
    return store["01-di-us/20"]


@pytest.fixture
def copy(path, tmp_path):
    """The store's file, to be changed."""
    target = tmp_path / "store.db"
    shutil.copyfile(path, target)
    return target


@pytest.fixture(scope="session")
def cli(path):
    """What the command prints as JSON."""

    def call(*arguments, store=path):
        command = [os.environ["SAMEBITS"], *arguments, "--json", "--store", str(store)]
        done = subprocess.run(command, capture_output=True, text=True)
        return json.loads(done.stdout) if done.stdout else {"error": done.stderr}

    return call
