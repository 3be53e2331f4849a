"""Other solvers on an instance that `cargo xtask bench-solvers --peers` wrote.

usage: peers.py FOLDER    reads the arrays there, writes FOLDER/answers.json

Variables x = [weights, trades] (factor form: and the factor exposures), the link weights = start + sum of signed trades
as equalities; long-only: the weights alone. Times are of one call from arrays in memory to an answer, setup included;
for CVXPY the building of the expression tree is not counted, its canonicalisation is.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp


def load(folder):
    meta = json.loads((folder / "meta.json").read_text())
    array = lambda name: np.fromfile(folder / f"{name}.bin", dtype="<f8")
    n, m, k = meta["n"], meta["rows"], meta["k"]
    p = dict(meta)
    for name in "benchmark start alpha lower upper sign cost most row_lower row_upper".split():
        p[name] = array(name)
    p["asset"] = array("asset").astype(int)
    p["A"] = array("rows").reshape(m, n)
    if k:
        p["B"] = array("exposures").reshape(n, k)
        p["F"] = array("covariance").reshape(k, k)
        p["D"] = array("specific")
    else:
        p["S"] = array("sigma").reshape(n, n)
    return p


def form(p):
    """minimise 1/2 x'Px + q'x  subject to  l <= Ax <= u, lb <= x <= ub."""
    n, t, k, g, b = p["n"], p["trades"], p["k"], p["gamma"], p["benchmark"]
    if p["long_only"]:
        return dict(P=g * p["S"], q=-g * p["S"] @ b - p["alpha"], A=p["A"], l=p["row_lower"], u=p["row_upper"],
                    lb=p["lower"], ub=p["upper"], rows=slice(0, p["rows"]))
    link = sp.hstack([sp.eye(n), sp.csc_matrix((-p["sign"], (p["asset"], np.arange(t))), (n, t))])
    rows = sp.hstack([sp.csc_matrix(p["A"]), sp.csc_matrix((p["rows"], t))])
    l, u = np.concatenate([p["start"], p["row_lower"]]), np.concatenate([p["start"], p["row_upper"]])
    lb, ub = np.concatenate([p["lower"], np.zeros(t)]), np.concatenate([p["upper"], p["most"]])
    if k:
        P = sp.block_diag([sp.diags(g * p["D"]), sp.csc_matrix((t, t)), sp.csc_matrix(g * p["F"])], format="csc")
        q = np.concatenate([-g * p["D"] * b - p["alpha"], p["cost"], np.zeros(k)])
        define = sp.hstack([sp.csc_matrix(p["B"].T), sp.csc_matrix((k, t)), -sp.eye(k)])
        A = sp.vstack([sp.hstack([link, sp.csc_matrix((n, k))]), sp.hstack([rows, sp.csc_matrix((p["rows"], k))]), define])
        bb = p["B"].T @ b
        l, u = np.concatenate([l, bb]), np.concatenate([u, bb])
        lb, ub = np.concatenate([lb, np.full(k, -np.inf)]), np.concatenate([ub, np.full(k, np.inf)])
    else:
        P = sp.block_diag([sp.csc_matrix(g * p["S"]), sp.csc_matrix((t, t))], format="csc")
        q = np.concatenate([-g * p["S"] @ b - p["alpha"], p["cost"]])
        A = sp.vstack([link, rows])
    return dict(P=sp.csc_matrix(P), q=q, A=sp.csc_matrix(A), l=l, u=u, lb=lb, ub=ub, rows=slice(n, n + p["rows"]))


def stacked(f):
    A = sp.vstack([sp.csc_matrix(f["A"]), sp.eye(f["q"].size)], format="csr")
    l, u = np.concatenate([f["l"], f["lb"]]), np.concatenate([f["u"], f["ub"]])
    eq = l == u
    return A, l, u, eq, ~eq & np.isfinite(u), ~eq & np.isfinite(l)


def upper(P):
    return sp.triu(sp.csc_matrix(P), format="csc")


def dense(M):
    return np.ascontiguousarray(M.toarray() if sp.issparse(M) else M)


def run_clarabel(f, tol):
    import clarabel
    A, l, u, eq, up, lo = stacked(f)
    G = sp.vstack([A[eq], A[up], -A[lo]], format="csc")
    h = np.concatenate([u[eq], u[up], -l[lo]])
    s = clarabel.DefaultSettings()
    s.verbose, s.max_threads = False, 1
    s.tol_gap_abs = s.tol_gap_rel = s.tol_feas = tol
    cones = [clarabel.ZeroConeT(int(eq.sum())), clarabel.NonnegativeConeT(int(up.sum() + lo.sum()))]
    r = clarabel.DefaultSolver(upper(f["P"]), f["q"], G, h, cones, s).solve()
    z, v, a, b = np.array(r.z), np.zeros(l.size), eq.sum(), up.sum()
    v[eq], v[up] = z[:a], z[a:a + b]
    v[lo] -= z[a + b:]
    return np.array(r.x), v, r.iterations, str(r.status)


def run_piqp(f, tol):
    import piqp
    s = piqp.DenseSolver() if not sp.issparse(f["P"]) else piqp.SparseSolver()
    s.settings.verbose, s.settings.max_iter = False, 300
    s.settings.eps_abs = s.settings.eps_duality_gap_abs = tol
    s.settings.eps_rel = s.settings.eps_duality_gap_rel = 1e-12
    eq = f["l"] == f["u"]
    if sp.issparse(f["P"]):
        Ar = f["A"].tocsr()
        P, A, G = f["P"], Ar[eq].tocsc(), Ar[~eq].tocsc()
    else:
        P, A, G = np.asfortranarray(f["P"]), f["A"][eq], f["A"][~eq]
    s.setup(P, f["q"], A, f["l"][eq], G, f["l"][~eq], f["u"][~eq], f["lb"], f["ub"])
    status = s.solve()
    r, y = s.result, np.zeros(f["l"].size)
    y[eq], y[~eq] = r.y, r.z_u - r.z_l
    return np.array(r.x), np.concatenate([y, np.array(r.z_bu) - np.array(r.z_bl)]), r.info.iter, str(status)


def run_qoco(f, tol):
    import qoco
    A, l, u, eq, up, lo = stacked(f)
    G, h = sp.vstack([A[up], -A[lo]], format="csc"), np.concatenate([u[up], -l[lo]])
    s = qoco.QOCO()
    s.setup(f["q"].size, h.size, int(eq.sum()), upper(f["P"]), f["q"], A[eq].tocsc(), u[eq], G, h, h.size, 0,
            np.array([], int), abstol=tol, reltol=1e-12, verbose=False)
    r = s.solve()
    v = np.zeros(l.size)
    v[eq], v[up] = r.y, r.z[:up.sum()]
    v[lo] -= r.z[up.sum():]
    return np.array(r.x), v, r.iters, str(r.status)


def run_scs(f, tol):
    import scs
    A, l, u, eq, up, lo = stacked(f)
    G, h = sp.vstack([A[eq], A[up], -A[lo]], format="csc"), np.concatenate([u[eq], u[up], -l[lo]])
    s = scs.SCS(dict(P=upper(f["P"]), A=G, b=h, c=f["q"]), dict(z=int(eq.sum()), l=int(up.sum() + lo.sum())),
                eps_abs=tol, eps_rel=1e-12, max_iters=100000, verbose=False)
    r = s.solve()
    y, v, a, b = r["y"], np.zeros(l.size), eq.sum(), up.sum()
    v[eq], v[up] = y[:a], y[a:a + b]
    v[lo] -= y[a + b:]
    return r["x"], v, r["info"]["iter"], r["info"]["status"]


def run_osqp(f, tol):
    import osqp
    A, l, u, *_ = stacked(f)
    m = osqp.OSQP()
    m.setup(upper(f["P"]), f["q"], A.tocsc(), l, u, verbose=False, eps_abs=tol, eps_rel=1e-12, max_iter=200000,
            polishing=True, check_termination=50)
    r = m.solve()
    return r.x, r.y, r.info.iter, r.info.status


def run_daqp(f, tol):
    import daqp
    bu, bl = np.concatenate([f["ub"], f["u"]]), np.concatenate([f["lb"], f["l"]])
    bu, bl = np.minimum(bu, 1e30), np.maximum(bl, -1e30)
    sense = np.where(bu == bl, 5, 0).astype(np.int32)
    x, _, status, info = daqp.solve(dense(f["P"]), f["q"].copy(), dense(f["A"]), bu, bl, sense,
                                    primal_tol=min(tol, 1e-9), dual_tol=min(tol, 1e-9), iter_limit=100000)
    lam, n = np.array(info["lam"]), f["q"].size
    return np.array(x), np.concatenate([lam[n:], lam[:n]]), info["iterations"], str(status)


def run_proxqp(f, tol):
    import proxsuite
    A, l, u, eq, *_ = stacked(f)
    qp = proxsuite.proxqp.sparse.QP(f["q"].size, int(eq.sum()), int((~eq).sum()))
    qp.settings.eps_abs, qp.settings.eps_rel, qp.settings.max_iter = tol, 0, 2000
    qp.init(sp.csc_matrix(f["P"]), f["q"], A[eq].tocsc(), l[eq], A[~eq].tocsc(), np.maximum(l[~eq], -1e20),
            np.minimum(u[~eq], 1e20))
    qp.solve()
    r, v = qp.results, np.zeros(l.size)
    v[eq], v[~eq] = r.y, r.z
    return np.array(r.x), v, r.info.iter, str(r.info.status)


def cvxpy_problem(p):
    import cvxpy as cp
    n, b = p["n"], p["benchmark"]
    w = cp.Variable(n)
    d = w - b
    parts = [w >= p["lower"], w <= p["upper"], p["A"] @ w >= p["row_lower"], p["A"] @ w <= p["row_upper"]]
    if p["k"]:
        root = np.linalg.cholesky(p["F"]).T @ p["B"].T
        risk = cp.sum_squares(cp.multiply(np.sqrt(p["D"]), d)) + cp.sum_squares(root @ d)
    else:
        risk = cp.quad_form(d, cp.psd_wrap(p["S"]))
    cost = 0.5 * p["gamma"] * risk - p["alpha"] @ w
    t = None
    if not p["long_only"]:
        t = cp.Variable(p["trades"], nonneg=True)
        held = sp.csc_matrix((p["sign"], (p["asset"], np.arange(p["trades"]))), (n, p["trades"]))
        some = np.isfinite(p["most"])
        cost = cost + p["cost"] @ t
        parts += [w == p["start"] + held @ t, t[some] <= p["most"][some]]
    if p["cap"] is not None:
        parts.append(cp.norm(np.linalg.cholesky(p["S"]).T @ d) <= p["cap"])
    return cp.Problem(cp.Minimize(cost), parts), w, t


OPTIONS = {
    "CLARABEL": lambda tol: dict(tol_gap_abs=tol, tol_gap_rel=tol, tol_feas=tol, max_threads=1),
    "SCS": lambda tol: dict(eps_abs=tol, eps_rel=1e-12, max_iters=100000),
    "QOCO": lambda tol: dict(abstol=tol, reltol=1e-12),
    "MOREAU": lambda tol: {},
}


def run_cvxpy(p, solver, tol):
    problem, w, t = cvxpy_problem(p)
    begun = time.perf_counter()
    problem.solve(solver=solver, **OPTIONS[solver](tol))
    elapsed = time.perf_counter() - begun
    trades = w.value if t is None else t.value
    return (w.value, trades), problem.solver_stats.num_iters or 0, problem.status, elapsed


DIRECT = dict(Clarabel=run_clarabel, PIQP=run_piqp, QOCO=run_qoco, SCS=run_scs, OSQP=run_osqp, ProxQP=run_proxqp,
              DAQP=run_daqp)


def measured(name, p, once):
    """Runs at least once, then up to four times more within the budget."""
    times, answer = [], dict(solver=name)
    try:
        while len(times) < 5 and (not times or sum(times) + times[-1] < p["budget"]):
            elapsed, found = once()
            times.append(elapsed)
            answer.update(found)
        answer.update(ms=1e3 * float(np.median(times)), runs=len(times))
    except BaseException as error:  # a package that is missing or fails is a row of its own
        answer["status"] = f"not run: {type(error).__name__}: {str(error)[:120]}"
    return answer


def child(folder, name):
    p = load(folder)
    tol = p["tolerance"]
    f = form(p)

    def direct():
        begun = time.perf_counter()
        x, v, iterations, status = DIRECT[name](f, tol)
        elapsed = time.perf_counter() - begun
        n, t, m = p["n"], p["trades"], f["l"].size
        y, z = v[:m], v[m:]
        weights = x[:n]
        trades, z_trades = (x[n:n + t], z[n:n + t]) if not p["long_only"] else (x[:n], np.zeros(t))
        found = dict(weights=weights.tolist(), trades=trades.tolist(), y_rows=y[f["rows"]].tolist(),
                     z_weights=z[:n].tolist(), z_trades=z_trades.tolist(), iterations=int(iterations), status=status)
        return elapsed, found

    def through_cvxpy():
        (w, t), iterations, status, elapsed = run_cvxpy(p, name.split("+")[1].upper(), tol)
        return elapsed, dict(weights=w.tolist(), trades=t.tolist(), iterations=int(iterations), status=status)

    return measured(name, p, direct if name in DIRECT else through_cvxpy)


def names(p):
    if p["cap"] is not None:
        return ["CVXPY+Clarabel", "CVXPY+QOCO", "CVXPY+SCS", "CVXPY+Moreau"]
    all = ["CVXPY+Clarabel", "Clarabel", "PIQP", "QOCO", "SCS", "OSQP", "ProxQP", "CVXPY+Moreau"]
    # An active-set method for dense strictly convex problems.
    return all + (["DAQP"] if p["long_only"] and p["n"] <= 1000 else [])


def main(folder):
    import subprocess
    p, answers = load(folder), []
    for name in names(p):
        # A process of its own, so that no package can take the others down or run for ever.
        try:
            out = subprocess.run([sys.executable, __file__, str(folder), name], capture_output=True, text=True,
                                 timeout=60 + 3 * p["budget"])
            answers.append(json.loads(out.stdout.splitlines()[-1]) if out.stdout.strip() else
                           dict(solver=name, status=f"not run: {out.stderr.strip()[-120:]}"))
        except subprocess.TimeoutExpired:
            answers.append(dict(solver=name, status="not run: beyond the time budget"))
    (folder / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(child(Path(sys.argv[1]), sys.argv[2])))
    else:
        main(Path(sys.argv[1]))
