"""Audit-grade replay for portfolio decisions.

>>> import samebits as sb
>>> store = sb.open("runs.db")          # a file, or postgres://USER@HOST/DATABASE
>>> run = store["01-di-us/20"]          # a prefix of an id, ACCOUNT/SEQUENCE, or "latest"
>>> run.replay().verdict                # decided again: IDENTICAL, EQUIVALENT or DIVERGED
>>> run.why("XOM")["trades"][0]["sentence"]
"""

from ._errors import DamagedError, Error, InputError, InternalError, MachineError, TooNewError
from ._qp import solve
from ._samebits import Question, Run, Runs, Store, Table, __version__, compare, open, record
from ._types import Answer, Compared, Difference, Problem, Replay, Report, Solution, Unit

__all__ = [
    "Answer",
    "Compared",
    "DamagedError",
    "Difference",
    "Error",
    "InputError",
    "InternalError",
    "MachineError",
    "Problem",
    "Question",
    "Replay",
    "Report",
    "Run",
    "Runs",
    "Solution",
    "Store",
    "Table",
    "TooNewError",
    "Unit",
    "__version__",
    "compare",
    "open",
    "record",
    "solve",
]
