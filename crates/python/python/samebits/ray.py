"""A store's Runs decided again on a Ray cluster.

The unit of work is a day and a block of accounts. A worker process opens the store once and keeps the day's market and
risk model; whatever worker dies, its units are given to others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import ray

from . import _samebits
from ._fleet import Answers, Disagreement, Done, answered, local, place_of, units_of
from ._types import Unit

__all__ = ["Answers", "Disagreement", "local", "replay"]

#: Units for each processor that are on their way at a time.
_AHEAD = 4
#: Parts of it have no types.
_ray: Any = ray


def replay(
    store: _samebits.Store | str | os.PathLike[str],
    *,
    times: int = 1,
    max_retries: int = 10,
    done: Done | None = None,
    **wanted: Any,
) -> Answers:
    """Decides Runs again on the cluster that ``ray.init`` named; ``wanted`` as for ``Store.units``.

    Every unit is decided ``times`` times, and all answers to a question must be the same bytes. A unit whose worker dies is
    tried ``max_retries`` times more.
    """
    location = place_of(store)
    task: Any = _ray.remote(num_cpus=1, max_retries=max_retries)(answered)
    answers = Answers()
    ahead = max(1, int(_ray.cluster_resources().get("CPU", 1))) * _AHEAD
    units: Iterator[Unit] = units_of(location, times, wanted)
    flying: list[Any] = []
    for unit in units:
        flying.append(task.remote(location, unit))
        if len(flying) >= ahead:
            flying = _landed(flying, answers, done)
    while flying:
        flying = _landed(flying, answers, done)
    return answers


def _landed(flying: list[Any], answers: Answers, done: Done | None) -> list[Any]:
    """Takes what has come in; returns what is still on its way."""
    landed, flying = _ray.wait(flying, num_returns=1)
    for found in _ray.get(landed):
        answers.add(found)
        if done is not None:
            done(found)
    return flying
