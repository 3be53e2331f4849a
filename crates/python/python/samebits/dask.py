"""A store's Runs decided again on a Dask cluster.

The unit of work is a day and a block of accounts. A worker process opens the store once and keeps the day's market and
risk model; whatever worker dies, its units are given to others.
"""

from __future__ import annotations

import os
from typing import Any

import distributed
from distributed import Client

from . import _samebits
from ._fleet import Answers, Disagreement, Done, answered, local, place_of, units_of

__all__ = ["Answers", "Disagreement", "local", "replay"]

#: Units for each thread of the cluster that are on their way at a time.
_AHEAD = 4
#: It has no types.
_as_completed: Any = distributed.as_completed


def replay(
    store: _samebits.Store | str | os.PathLike[str],
    client: Client,
    *,
    times: int = 1,
    done: Done | None = None,
    **wanted: Any,
) -> Answers:
    """Decides Runs again on the cluster of ``client``; ``wanted`` as for ``Store.units``.

    Every unit is decided ``times`` times, and all answers to a question must be the same bytes. How often a unit whose worker
    dies is tried again is Dask's setting ``distributed.scheduler.allowed-failures``.
    """
    location = place_of(store)
    answers = Answers()
    units = units_of(location, times, wanted)
    cluster: Any = client
    ahead = max(1, sum(cluster.nthreads().values())) * _AHEAD

    def fly() -> Any:
        for unit in units:
            # The second time is work of its own, not a result that is known.
            return cluster.submit(answered, location, unit, pure=False)
        return None

    first = [future for future in (fly() for _ in range(ahead)) if future is not None]
    flying = _as_completed(first)
    for future in flying:
        found = future.result()
        answers.add(found)
        if done is not None:
            done(found)
        following = fly()
        if following is not None:
            flying.add(following)
    return answers
