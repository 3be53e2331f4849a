"""CVXPY's quadratic programs through ``samebits.solve``: ``problem.solve(solver=samebits.cvxpy.SAMEBITS)``.

Options: ``tolerance`` and ``max_iterations``. The solution with its certificate and digest is in
``problem.solver_stats.extra_stats``.
"""

from __future__ import annotations

import importlib
from typing import Any

import cvxpy.settings as s
import numpy as np
from cvxpy.reductions.solution import Solution, failure_solution
from cvxpy.reductions.solvers import utilities
from cvxpy.reductions.solvers.qp_solvers.qp_solver import QpSolver

from . import __version__, solve
from ._errors import InputError

_STATUS = {
    "optimal": s.OPTIMAL,
    "infeasible": s.INFEASIBLE,
    "iteration limit": s.USER_LIMIT,
    "failed": s.SOLVER_ERROR,
}
_OPTIONS = {"tolerance", "max_iterations"}


#: It has no types.
_sparse: Any = importlib.import_module("scipy.sparse")


class SameBits(QpSolver):  # type: ignore[misc, unused-ignore]
    """A solver of quadratic programs: every answer that is called optimal has a certificate of our own."""

    MIP_CAPABLE = False
    BOUNDED_VARIABLES = True

    def name(self) -> str:
        return "SAMEBITS"

    def import_solver(self) -> None:
        """Nothing: this module is the solver's."""

    def version(self) -> str:
        return __version__

    def cite(self, data: Any) -> str:
        return f"samebits {__version__}, with the conic solver Clarabel inside"

    def solve_via_data(
        self,
        data: dict[str, Any],
        warm_start: bool,
        verbose: bool,
        solver_opts: dict[str, Any],
        solver_cache: Any = None,
    ) -> Any:
        unknown = sorted(set(solver_opts) - _OPTIONS)
        if unknown:
            raise InputError(f"option {unknown[0]}: not known", "python.argument", f"options: {', '.join(sorted(_OPTIONS))}")
        # Rounding may have left the two halves of P unequal in the last bit.
        quadratic = (data[s.P] + data[s.P].T) / 2
        rows = _sparse.vstack([data[s.A], data[s.F]], format="csc")
        equal, below = data[s.B], data[s.G]
        found = solve(
            quadratic,
            data[s.Q],
            rows,
            np.concatenate([equal, np.full(len(below), -np.inf)]),
            np.concatenate([equal, below]),
            lower=data[s.LOWER_BOUNDS],
            upper=data[s.UPPER_BOUNDS],
            **solver_opts,
        )
        if verbose:
            print(f"samebits: {found.status}, {found.iterations} iterations, {dict(found.certificate)}")
        return found

    def invert(self, solution: Any, inverse_data: dict[str, Any]) -> Any:
        status = _STATUS[solution.status]
        attributes = {s.SOLVE_TIME: solution.ms / 1e3, s.NUM_ITERS: solution.iterations, s.EXTRA_STATS: solution}
        if status not in s.SOLUTION_PRESENT:
            return failure_solution(status, attributes)
        equal = inverse_data[self.DIMS].zero
        multipliers = {}
        for part, constraints in (
            (solution.y[:equal], inverse_data[self.EQ_CONSTR]),
            (solution.y[equal:], inverse_data[self.NEQ_CONSTR]),
        ):
            multipliers.update(utilities.get_dual_values(part, utilities.extract_dual_value, constraints))
        variables = {inverse_data[self.VAR_ID]: solution.x}
        return Solution(status, solution.objective + inverse_data[s.OFFSET], variables, multipliers, attributes)


#: The solver.
SAMEBITS = SameBits()
