"""A store in PostgreSQL: the same Runs, threads, forks and new Runs."""

import glob
import os
import pickle
import pwd
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest
import samebits as sb


@pytest.fixture(scope="module")
def server():
    """A server of our own on a socket in a folder of its own."""
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL server is installed (no initdb)")
    folder = tempfile.mkdtemp(prefix="samebits-pg-")
    bin, user = os.path.dirname(programs[-1]), None
    if os.geteuid() == 0:
        # The server refuses to run as the administrator.
        user = "postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody"
        shutil.chown(folder, user)
    data = f"{folder}/data"

    def call(*command):
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=folder)

    call(f"{bin}/initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-k {folder} -c listen_addresses="
    call(f"{bin}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgres://test@/postgres?host={folder}"
    finally:
        call(f"{bin}/pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def place(server, path):
    command = [os.environ["SAMEBITS"], "store", "migrate", "--from", path, "--to", server]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return server


def test_the_same_runs(place, store):
    with sb.open(place) as there:
        assert [run.id for run in there.runs()] == [run.id for run in store.runs()] and there.verify().verified
        assert {one.verdict for one in there.replay(threads=2)} == {"IDENTICAL"}
        run = there["01-di-us/20"]
        assert run.trades.to_pylist() == store["01-di-us/20"].trades.to_pylist()
        assert "host=" not in there.place and "host=" not in repr(there)
        assert len(pickle.loads(pickle.dumps(there))) == len(there)
        with ThreadPoolExecutor(8) as pool:
            names = [run.name for run in there.runs(limit=24)]
            assert set(pool.map(lambda name: there[name].replay().verdict, names)) == {"IDENTICAL"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_leaves_the_connection_alone(place):
    there = sb.open(place)
    run = there["01-di-us/3"]
    assert run.replay().identical
    child = os.fork()
    if child == 0:
        code = 1
        try:
            there["latest"]
        except sb.InputError as error:
            code = 0 if error.code == "python.forked" else 2
        del there
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert there["latest"].replay().identical


def test_new_runs(place, run):
    with sb.open(place, append=True) as there:
        new = sb.record(there, run.question(account="new"), actor="test")
        assert new.result_id == run.result_id and there["new/0"].replay().identical
        with pytest.raises(sb.InputError) as caught:
            sb.record(there, run.question(account="new"), actor="test")
        assert caught.value.code == "store.not-next"
