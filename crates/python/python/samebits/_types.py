"""Answers: plain data, comparable and fit for a pickle."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from . import _samebits
from ._errors import Error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Difference(NamedTuple):
    """A field that differs; ``ulps`` counts the floats between two floats."""

    field: str
    recorded: str | None
    replayed: str | None
    ulps: int | None


@dataclass(frozen=True)
class Replay:
    """What deciding a Run again came to. Neither true nor false: ask ``verdict`` or ``identical``."""

    run_id: str
    name: str
    #: IDENTICAL, EQUIVALENT or DIVERGED; DAMAGED or ERROR with an ``error``.
    verdict: str
    #: The first stage of the decision whose digest differs.
    first_stage: str | None
    differences: tuple[Difference, ...]
    #: Digests of the stages of the new decision.
    stages: Mapping[str, str]
    weights_equal: bool
    trades_equal: bool
    largest_weight_difference: float
    #: Milliseconds of the decision.
    ms: float = field(compare=False)
    error: Error | None = None

    @property
    def identical(self) -> bool:
        """Whether every field has the same bits."""
        return self.verdict == "IDENTICAL"

    def __bool__(self) -> NoReturn:
        raise TypeError("a Replay is neither true nor false: ask .verdict or .identical")

    @classmethod
    def _failed(cls, run_id: str, name: str, verdict: str, error: Error) -> Replay:
        return cls(run_id, name, verdict, None, (), {}, False, False, float("nan"), 0.0, error)


@dataclass(frozen=True)
class Compared:
    """One solver's answer to a question, against the first solver's finished one."""

    solver: str
    solved: bool
    weights_equal: bool
    trades_equal: bool
    raw_trades_equal: bool
    difference: float
    raw_difference: float
    objective_bp: float
    after_tax_bp: float
    raw_ms: float = field(compare=False)
    ms: float = field(compare=False)
    #: Another state describes the finished optimum, so that bits may differ.
    degenerate: bool = False


class Problem(NamedTuple):
    """Something that is not as it was recorded."""

    run: str | None
    part: str
    problem: str


@dataclass(frozen=True)
class Report:
    """What a walk through a store found. Neither true nor false: ask ``verified``."""

    runs: int
    corrections: int
    blobs: int
    accounts: int
    problems: tuple[Problem, ...]

    @property
    def verified(self) -> bool:
        """Whether everything is as it was recorded."""
        return not self.problems

    def __bool__(self) -> NoReturn:
        raise TypeError("a Report is neither true nor false: ask .verified or .problems")


@dataclass(frozen=True, eq=False)
class Solution:
    """An answer to a general quadratic program, judged by our own certificate."""

    #: optimal, infeasible, iteration limit or failed.
    status: str
    x: NDArray[np.float64]
    #: A multiplier a row; positive where the upper limit binds.
    y: NDArray[np.float64]
    objective: float
    #: Residuals: primal, dual, gap.
    certificate: Mapping[str, float]
    #: Of the bits of ``x`` and ``y``.
    digest: str
    iterations: int
    ms: float


class Unit(NamedTuple):
    """Work for one task: Runs of one day, which share its market and risk model."""

    day: datetime.date
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What deciding a question again came to, by question and solver."""

    inputs_id: str
    solver: str
    run_id: str
    #: Id of the answer; ``None`` when the question could not be decided.
    result_id: str | None
    #: The first stage that differs from the recorded one; ``None`` when nothing does.
    stage: str | None
    problem: str | None
    worker: str = field(compare=False)
    machine: str = field(compare=False)
    code: str
    ms: float = field(compare=False)


def _solution(
    status: str,
    x: bytes,
    y: bytes,
    objective: float,
    certificate: Mapping[str, float],
    digest: str,
    iterations: int,
    ms: float,
) -> Solution:
    import numpy as np

    variables, multipliers = np.frombuffer(x, dtype="<f8"), np.frombuffer(y, dtype="<f8")
    return Solution(status, variables, multipliers, objective, certificate, digest, iterations, ms)


#: Stores of this process that came out of pickles, by place.
_stores: dict[tuple[int, str, bool], Any] = {}


def _reopened(location: str, append: bool) -> _samebits.Store:
    key = (os.getpid(), location, append)
    if key not in _stores or _stores[key].closed:
        _stores[key] = _samebits.open(location, append=append)
    store: _samebits.Store = _stores[key]
    return store


def _reopened_run(location: str, run_id: str) -> _samebits.Run:
    return _reopened(location, False)[run_id]
