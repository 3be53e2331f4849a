"""Answers of many workers, kept by question and solver: whoever decides a question again has to find the same bytes."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from . import _samebits
from ._errors import Error
from ._types import Answer, Unit, _reopened

#: Told of the answers of every unit as they come in.
Done = Callable[[list[Answer]], object]


class Disagreement(Error):
    """Two workers found different answers to one question."""


class Answers(Mapping[tuple[str, str], Answer]):
    """Answers by id of the question and solver."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Answer] = {}
        #: How many answers came in, repeated ones included.
        self.seen = 0

    def add(self, answers: Iterable[Answer]) -> None:
        """Keeps answers; one that differs from what is known of its question raises ``Disagreement``."""
        for answer in answers:
            self.seen += 1
            key = (answer.inputs_id, answer.solver)
            known = self._answers.get(key)
            # Whoever could not decide has not answered.
            if known is None or known.result_id is None:
                self._answers[key] = answer
            elif answer.result_id is not None and (known.result_id, known.stage) != (answer.result_id, answer.stage):
                raise Disagreement(
                    f"question {answer.inputs_id} by {answer.solver}: {known.result_id} by {known.worker} on "
                    f"{known.machine}, {answer.result_id} by {answer.worker} on {answer.machine}",
                    "python.disagree",
                    "one of the machines is at fault, or two versions of the code are at work: replay the Run on both",
                )

    def __getitem__(self, key: tuple[str, str]) -> Answer:
        return self._answers[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def identical(self) -> bool:
        """Whether there is an answer, and every one is the recorded one."""
        return bool(self._answers) and all(one.result_id and not one.stage for one in self._answers.values())

    @property
    def others(self) -> list[Answer]:
        """Answers that are not the recorded ones, and questions that could not be decided."""
        return [one for one in self._answers.values() if one.stage or not one.result_id]

    def to_bytes(self) -> bytes:
        """Everything but who answered and when, in one order: equal for equal answers."""
        lines = (
            "\t".join(map(str, (*key, one.run_id, one.result_id, one.stage, one.problem)))
            for key, one in sorted(self._answers.items())
        )
        return "".join(f"{line}\n" for line in lines).encode()


def place_of(store: _samebits.Store | str | os.PathLike[str]) -> str:
    """Where workers find the store: the same file system, or the same database."""
    if isinstance(store, _samebits.Store):
        location: str = store.__reduce__()[1][0]
    else:
        location = os.fspath(store)
    return location if "://" in location else os.path.abspath(location)


def answered(location: str, unit: Unit) -> list[Answer]:
    """What a worker does: its process opens the store once, and keeps the day's market and risk model."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    return _reopened(location, False).answer(unit, worker=worker)


def units_of(location: str, times: int, wanted: Mapping[str, Any]) -> Iterator[Unit]:
    """The units of a store, all of them as often as was asked for."""
    with _samebits.open(location) as store:
        units = store.units(**wanted)
    return itertools.chain.from_iterable(itertools.repeat(units, times))


def local(store: _samebits.Store | str | os.PathLike[str], **wanted: Any) -> Answers:
    """The answers of this process alone: ``account=``, ``start=``, ``end=``, ``block=`` as for ``Store.units``."""
    answers, location = Answers(), place_of(store)
    for unit in units_of(location, 1, wanted):
        answers.add(answered(location, unit))
    return answers
