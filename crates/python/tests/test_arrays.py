"""numpy views: the recorded bits, never a copy, never written to."""

import gc
import struct

import pytest
from conftest import need

np = need("numpy")
NAMES = ["weights", "benchmark", "alpha", "sigma", "loadings", "factor_covariance", "specific"]


def test_the_recorded_bits(run):
    recorded = run.record["outcome"]["weights"]
    assert run.weights.dtype == np.float64 and run.weights.tolist() == recorded
    assert run.weights.tobytes() == struct.pack(f"<{len(recorded)}d", *recorded)
    assert run.benchmark.tolist() == run.record["market"]["benchmark"]["weights"]
    n, k = len(run.tickers), len(run.factors)
    assert run.sigma.shape == (n, n) and run.sigma.dtype == np.float32 and (run.sigma == run.sigma.T).all()
    assert run.loadings.shape == (n, k) and run.factor_covariance.shape == (k + 1, k + 1)
    assert run.specific.shape == (n,) and (run.specific > 0).all()


def test_the_factor_model_is_near_the_covariance(run):
    """A wrong stride or order would show here."""
    b = np.hstack([np.ones((len(run.tickers), 1)), run.loadings.astype(float)])
    model = b @ run.factor_covariance @ b.T + np.diag(run.specific)
    spread = np.abs(model - run.sigma).max() / np.diag(run.sigma).max()
    assert spread < 0.5 and np.corrcoef(np.diag(model), np.diag(run.sigma))[0, 1] > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_read_only_and_without_a_copy(run, name):
    view = getattr(run, name)
    assert not view.flags.owndata and not view.flags.writeable
    again = getattr(run, name)
    assert view.size == 0 or np.shares_memory(view, again)
    with pytest.raises(ValueError):
        view.flags.writeable = True
    if view.size:
        with pytest.raises(ValueError):
            view[(0,) * view.ndim] = 1.0


def test_a_view_keeps_its_numbers(path):
    import samebits as sb

    store = sb.open(path)
    sigma = store["01-di-us/5"].sigma
    before = sigma.tobytes()
    store.close()
    del store
    gc.collect()
    rubbish = [np.full(10_000, 7.0, dtype=np.float32) for _ in range(200)]
    assert sigma.tobytes() == before and len(rubbish) == 200
    corner = sigma[:2, :2]
    del sigma
    gc.collect()
    assert corner.tobytes() == np.frombuffer(before, dtype="<f4").reshape(100, 100)[:2, :2].tobytes()
