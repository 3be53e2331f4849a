"""Threads, forks, spawned processes, pickles."""

import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import samebits as sb


def test_eight_threads_on_one_store(store, cli):
    names = [run.name for run in store.runs(limit=64)]
    begin = threading.Barrier(8)

    def work(k):
        begin.wait()
        return [(store[name].replay().verdict, store[name].result_id, len(store[name].trades)) for name in names[k::8]]

    with ThreadPoolExecutor(8) as pool:
        found = [one for part in pool.map(work, range(8)) for one in part]
    assert len(found) == 64 and {verdict for verdict, _, _ in found} == {"IDENTICAL"}
    assert {result for _, result, _ in found} == {store[name].result_id for name in names}


def test_eight_threads_on_one_run(path):
    with sb.open(path) as store:
        run = store["02-ls-130-30/20"]
        with ThreadPoolExecutor(8) as pool:
            digests = set(pool.map(lambda _: (run.replay().stages["solution"], run.weights.tobytes()), range(64)))
        assert len(digests) == 1


def test_others_run_while_a_store_is_replayed(store):
    """The interpreter's lock is free: a counting thread goes on at a good part of its speed."""
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    begun = time.perf_counter()
    for _ in range(3):
        store.replay(threads=1)
    spent = time.perf_counter() - begun
    done.set()
    thread.join()
    assert counted[0] > 100 * spent, (counted, spent)


def test_the_keyboard_interrupts_a_long_replay(path):
    script = """
        import samebits as sb, sys, _thread, threading, time
        store = sb.open(sys.argv[1])
        names = [run.id for run in store.runs()] * 20
        threading.Timer(0.5, _thread.interrupt_main).start()
        begun = time.perf_counter()
        try:
            store.replay(names, threads=1)
            print("not interrupted")
        except KeyboardInterrupt:
            print("interrupted", time.perf_counter() - begun < 8, store["latest"].replay().verdict)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), path], capture_output=True, text=True)
    assert done.stdout == "interrupted True IDENTICAL\n", done.stdout + done.stderr


def test_closing_while_others_read(path):
    store = sb.open(path)
    names = [run.name for run in store.runs(limit=40)]

    def work(name):
        try:
            return store[name].replay().verdict
        except sb.InputError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(work, name) for name in names]
        store.close()
        assert {one.result() for one in found} <= {"IDENTICAL", "python.closed"}


def refused(store, unread):
    """Codes of what a forked child may not do."""
    codes = set()
    for use in (lambda: store["latest"], lambda: unread.trades, store.verify, store.replay, lambda: len(store)):
        try:
            use()
            codes.add("was done")
        except sb.InputError as error:
            codes.add(error.code)
    store.close()
    return codes


def forked(work):
    """Exit code of a child that does ``work``: 0 when it is true."""
    child = os.fork()
    if child:
        return child
    try:
        os._exit(0 if work() else 1)
    finally:
        os._exit(2)


def ended(children):
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_amid_work_is_refused_and_harmless(path):
    """Threads of the parent hold handles and locks while it forks: the child is told before it touches any."""
    store = sb.open(path)
    unread = store["01-di-us/19"]
    stop = threading.Event()

    def work():
        while not stop.is_set():
            assert store["latest"].replay().identical

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    codes = ended([forked(lambda: refused(store, unread) == {"python.forked"}) for _ in range(20)])
    stop.set()
    for thread in threads:
        thread.join()
    assert codes == [0] * 20
    assert unread.replay().identical and store.verify().verified


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_opens_the_store_itself(path):
    store = sb.open(path)
    loaded, unread = store["01-di-us/20"], store["01-di-us/19"]
    assert loaded.replay().identical

    def child():
        # What was read before the fork is memory of the child, too.
        own = sb.open(path)
        good = loaded.replay().identical and own["01-di-us/19"].replay().identical and own.verify().verified
        return good and refused(store, unread) == {"python.forked"}

    assert ended([forked(child) for _ in range(4)]) == [0] * 4
    assert unread.replay().identical and store.verify().verified


def test_a_fork_that_ends_normally(path):
    """The child's interpreter is torn down with the parent's handles in it."""
    script = """
        import os, samebits as sb, sys
        store = sb.open(sys.argv[1])
        runs = list(store.runs(limit=3))
        child = os.fork()
        if child:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert all(run.replay().identical for run in runs) and store.verify().verified
            print("fine")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), path], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "fine\n", done.stderr


def replayed(run):
    return run.name, run.replay().verdict


def test_spawned_workers_get_runs_by_pickle(store):
    runs = list(store.runs(account="01-di-us", limit=4))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(replayed, runs) == [(run.name, "IDENTICAL") for run in runs]


def test_pickles(store, run):
    again = pickle.loads(pickle.dumps(run))
    assert again == run and again.replay() == run.replay()
    assert pickle.loads(pickle.dumps(run.replay())) == run.replay()
    assert len(pickle.loads(pickle.dumps(store))) == len(store)
    assert pickle.loads(pickle.dumps(store.verify())) == store.verify()
    with pytest.raises(TypeError):
        pickle.dumps(run.trades)
