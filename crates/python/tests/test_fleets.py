"""Ray and Dask on clusters of several processes, with a worker that is killed in the middle."""

import dataclasses
import os
import signal

import pytest
import samebits as sb
from conftest import need
from samebits import _fleet


@pytest.fixture(scope="module")
def alone(path):
    """What one process finds."""
    return _fleet.local(path, block=1)


def test_units_share_out_the_runs(store):
    for block in (1, 3, 64):
        units = store.units(block=block)
        assert [run for unit in units for run in unit.runs] == [run.id for run in store.runs()]
        assert all(0 < len(unit.runs) <= block and {store[run].date for run in unit.runs} == {unit.day} for unit in units)
    assert len(store.units(account="01-di-us")) == len(store.runs(account="01-di-us"))


def test_alone(alone, store):
    assert len(alone) == alone.seen == len(store) and alone.identical and not alone.others
    for run in store.runs():
        answer = alone[run.inputs_id, run.solver]
        assert (answer.run_id, answer.result_id, answer.stage) == (run.id, run.result_id, None)
    assert _fleet.local(store).to_bytes() == alone.to_bytes()


def test_answers_must_agree(alone):
    answers, one = _fleet.Answers(), next(iter(alone.values()))
    failed = dataclasses.replace(one, result_id=None, problem="no solver")
    answers.add([failed])
    assert not answers.identical and answers.others == [failed]
    answers.add([one, one, failed])
    assert answers.identical and answers.seen == 4 and len(answers) == 1
    with pytest.raises(sb.Error) as caught:
        answers.add([dataclasses.replace(one, result_id="0" * 64, stage="trades", worker="other:1")])
    assert isinstance(caught.value, _fleet.Disagreement) and caught.value.code == "python.disagree"
    assert "other:1" in str(caught.value) and one.inputs_id in str(caught.value)


class Killer:
    """Kills the worker of the first answers, once, and remembers who answered."""

    def __init__(self):
        self.killed, self.after, self.answers = None, {}, 0

    def __call__(self, answers):
        worker = int(answers[0].worker.rsplit(":", 1)[1])
        self.answers += len(answers)
        if self.killed is None and self.answers > 20:
            assert worker != os.getpid()
            os.kill(worker, signal.SIGKILL)
            self.killed = worker
        elif self.killed is not None:
            self.after[worker] = self.after.get(worker, 0) + 1

    def check(self, expected):
        """It died in the middle; whoever came after did the rest."""
        assert self.killed is not None and expected - 20 > sum(self.after.values()) - self.after.get(self.killed, 0) > expected / 2
        assert self.after.get(self.killed, 0) < expected / 4


def test_ray(path, store, alone, monkeypatch):
    ray = need("ray")
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import samebits.ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR", object_store_memory=80 << 20)
    try:
        assert samebits.ray.replay(path).to_bytes() == alone.to_bytes()
        killer = Killer()
        found = samebits.ray.replay(store, block=1, times=2, done=killer)
        assert found.to_bytes() == alone.to_bytes() and found.identical and found.seen == 2 * len(store)
        killer.check(2 * len(store))
        with pytest.raises(sb.InputError) as caught:
            ray.get(ray.remote(_fleet.answered).remote("/no/such/store.db", store.units()[0]))
        assert caught.value.code == "store.no-store" and caught.value.help
    finally:
        ray.shutdown()


def test_dask(path, store, alone, tmp_path):
    need("distributed")
    from distributed import Client, LocalCluster

    import samebits.dask

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path), silence_logs="CRITICAL"
        ) as cluster,
        Client(cluster) as client,
    ):
        assert samebits.dask.replay(path, client).to_bytes() == alone.to_bytes()
        killer = Killer()
        found = samebits.dask.replay(store, client, block=1, times=2, done=killer)
        assert found.to_bytes() == alone.to_bytes() and found.identical and found.seen == 2 * len(store)
        killer.check(2 * len(store))
        with pytest.raises(sb.InputError) as caught:
            client.submit(_fleet.answered, "/no/such/store.db", store.units()[0]).result()
        assert caught.value.code == "store.no-store" and caught.value.help
