"""Times qpax, qpth and cuSOLVER (through torch) on the instances in a folder; run by samebits-gpu-verify --peers.

The first row of an instance is the budget (an equality), the others have two limits. What cannot be imported, or fails, is a
row that says so.
"""

import json
import pathlib
import statistics
import sys
import time

folder = pathlib.Path(sys.argv[1])
meta = json.loads((folder / "meta.json").read_text())
n, count, m = meta["n"], meta["count"], meta["rows"]
answers = []


def add(name, detail, weights=None, **more):
    entry = {"name": f"{name}, {n} names x {count}", "detail": detail, **more}
    if weights is not None:
        file = f"weights_{len(answers)}.bin"
        np.ascontiguousarray(weights, dtype="<f8").tofile(folder / file)
        entry["weights"] = file
    answers.append(entry)


def median(work, sync):
    """Median of 7 after 2 warm-ups, milliseconds; the first call compiles."""
    times = []
    for _ in range(9):
        sync()
        begun = time.perf_counter()
        found = work()
        sync()
        times.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(times[2:]), found


def attempt(name, work):
    try:
        work()
    except ImportError as error:
        add(name, f"not importable: {error}")
    except Exception as error:  # a peer's failure is a row, never ours
        add(name, f"failed: {type(error).__name__}: {str(error)[:200]}")


def data():
    read = lambda name, kind, *shape: np.fromfile(folder / f"{name}.bin", dtype=kind).reshape(shape)
    P = meta["gamma"] * read("sigma", "<f4", count, n, n).astype("f8")
    q = read("q", "<f8", count, n)
    rows = read("rows", "<f8", count, m, n)
    lower, upper = read("lower", "<f8", count, m), read("upper", "<f8", count, m)
    most = read("most", "<f8", count, n)
    eye = np.broadcast_to(np.eye(n), (count, n, n))
    A, b = rows[:, :1], upper[:, :1]
    G = np.concatenate([eye, -eye, rows[:, 1:], -rows[:, 1:]], axis=1)
    h = np.concatenate([most, np.zeros_like(most), upper[:, 1:], -lower[:, 1:]], axis=1)
    return P, q, A, b, G, h


def run_qpax():
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    import qpax

    arrays = [jnp.asarray(x) for x in data()]
    one = lambda *x: qpax.solve_qp(*x, solver_tol=meta["tolerance"])
    solve = jax.jit(jax.vmap(one))
    ms, found = median(lambda: jax.block_until_ready(solve(*arrays)), lambda: None)
    where = jax.devices()[0]
    x = found[0] if isinstance(found, (tuple, list)) else found
    add("qpax", f"{ms:.2f} ms on {where}, data on the device", np.asarray(x), ms=ms)


def run_qpth():
    import torch
    from qpth.qp import QPFunction

    where = "cuda" if torch.cuda.is_available() else "cpu"
    sync = torch.cuda.synchronize if where == "cuda" else (lambda: None)
    P, q, A, b, G, h = [torch.from_numpy(np.ascontiguousarray(x)).to(where) for x in data()]
    solve = QPFunction(eps=meta["tolerance"], verbose=-1, check_Q_spd=False)
    with torch.no_grad():
        ms, x = median(lambda: solve(P, q, G, h, A, b), sync)
    add("qpth", f"{ms:.2f} ms on {where}, data on the device", x.cpu().numpy(), ms=ms)


def run_cholesky():
    import torch

    if not torch.cuda.is_available():
        add("torch.linalg.cholesky", "torch finds no CUDA device")
        return
    shapes = [(500, 252), (1000, 252), (100, 2048)] if n == 500 else [(n, count)]
    for order, batch in shapes:
        G = torch.randn(batch, order, order, dtype=torch.float64, device="cuda")
        S = G @ G.transpose(1, 2) / order + torch.eye(order, dtype=torch.float64, device="cuda")
        ms, L = median(lambda: torch.linalg.cholesky(S), torch.cuda.synchronize)
        residual = (L @ L.transpose(1, 2) - S).abs().max().item()
        detail = f"order {order} x {batch}: {ms:.3f} ms, data on the device; largest residual {residual:.1e}"
        add("torch.linalg.cholesky", detail, ms=ms, order=order, batch=batch)


try:
    import numpy as np
except ImportError as error:
    for name in ["qpax", "qpth", "torch.linalg.cholesky"]:
        add(name, f"not importable: {error}")
else:
    attempt("qpax", run_qpax)
    attempt("qpth", run_qpth)
    attempt("torch.linalg.cholesky", run_cholesky)
(folder / "answers.json").write_text(json.dumps(answers))
