"""CVXPY through our solver."""

import pytest
import samebits as sb
from conftest import need

np = need("numpy")
cp = need("cvxpy")
from samebits.cvxpy import SAMEBITS  # noqa: E402


def portfolio(run, gamma=20.0):
    """Tracking a benchmark under bounds on names and on a factor, on the covariance of a Run."""
    n = len(run.tickers)
    w = cp.Variable(n, nonneg=True)
    active = w - run.benchmark
    sigma = cp.psd_wrap(run.sigma.astype(float))
    tilt = np.linspace(-0.01, 0.01, n)
    constraints = [cp.sum(w) == 1, w <= 0.03, run.loadings[:, 1].astype(float) @ active <= 0.05]
    return cp.Problem(cp.Minimize(gamma / 2 * cp.quad_form(active, sigma) - tilt @ w), constraints), w


def test_a_portfolio_against_another_solver(run):
    problem, w = portfolio(run)
    ours = problem.solve(solver=SAMEBITS)
    weights, duals = w.value.copy(), [np.atleast_1d(one.dual_value).copy() for one in problem.constraints]
    assert problem.status == cp.OPTIMAL and problem.solver_stats.solver_name == "SAMEBITS"
    stats = problem.solver_stats.extra_stats
    assert stats.status == "optimal" and max(stats.certificate.values()) < 1e-6 and problem.solver_stats.num_iters > 0
    theirs = problem.solve(solver=cp.CLARABEL)
    assert ours == pytest.approx(theirs, abs=1e-8) and np.abs(weights - w.value).max() < 1e-6
    for mine, its in zip(duals, problem.constraints):
        assert np.allclose(mine, its.dual_value, atol=1e-5)
    # The second time the same bits.
    problem.solve(solver=SAMEBITS)
    assert problem.solver_stats.extra_stats.digest == stats.digest and (w.value == weights).all()


def test_options():
    x = cp.Variable(2)
    problem = cp.Problem(cp.Minimize(cp.sum_squares(x - 1)), [cp.sum(x) == 1])
    problem.solve(solver=SAMEBITS, tolerance=1e-7, max_iterations=50)
    assert np.allclose(x.value, 0.5, atol=1e-6)
    with pytest.raises(sb.InputError, match="eps_abs"):
        problem.solve(solver=SAMEBITS, eps_abs=1e-9)


def test_bounds_of_variables_and_no_rows():
    x = cp.Variable(3, bounds=[np.array([0.0, 0.5, -1.0]), np.array([1.0, 1.0, np.inf])])
    problem = cp.Problem(cp.Minimize(cp.sum_squares(x) - 4 * x[2]))
    assert problem.solve(solver=SAMEBITS) == pytest.approx(0.25 - 4, abs=1e-7)
    assert np.allclose(x.value, [0, 0.5, 2], atol=1e-4)


def test_a_linear_program_and_an_offset():
    x = cp.Variable(2, nonneg=True)
    problem = cp.Problem(cp.Maximize(x[0] + 2 * x[1] + 7), [x[0] + x[1] <= 1])
    assert problem.solve(solver=SAMEBITS) == pytest.approx(9, abs=1e-7)
    assert problem.constraints[0].dual_value == pytest.approx(2, abs=1e-6)


def test_what_has_no_answer():
    x = cp.Variable()
    infeasible = cp.Problem(cp.Minimize(cp.square(x)), [x >= 2, x <= 1])
    assert infeasible.solve(solver=SAMEBITS) == np.inf and infeasible.status == cp.INFEASIBLE
    with pytest.raises(cp.SolverError):
        cp.Problem(cp.Minimize(x), [x <= 1]).solve(solver=SAMEBITS)
    with pytest.raises(cp.SolverError):
        cp.Problem(cp.Minimize(cp.norm(cp.Variable(3) - 1, 2))).solve(solver=SAMEBITS)
