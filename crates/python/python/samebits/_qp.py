"""General quadratic programs from numpy and scipy arrays."""

from __future__ import annotations

from typing import Any

from . import _samebits
from ._errors import InputError, MachineError
from ._types import Solution

_HELP = "dense arrays of real numbers, or scipy.sparse matrices"


def _numpy() -> Any:
    try:
        import numpy
    except ImportError as error:
        raise MachineError(f"numpy cannot be imported: {error}", "python.no-numpy", "pip install numpy") from error
    return numpy


def _wrong(name: str, message: str) -> InputError:
    return InputError(f"{name}: {message}", "python.array", _HELP)


def _reals(name: str, value: Any) -> Any:
    np = _numpy()
    try:
        array = np.asarray(value)
    except Exception as error:
        raise _wrong(name, f"not an array: {error}") from error
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise _wrong(name, f"expected numbers of at most 64 bits, found {array.dtype}")
    return array.astype("<f8")


def _vector(name: str, value: Any, length: int, default: float) -> bytes:
    np = _numpy()
    if value is None:
        array = np.full(length, default, dtype="<f8")
    else:
        array = _reals(name, value)
        if array.ndim == 0:
            array = np.full(length, array, dtype="<f8")
    if array.shape != (length,):
        raise _wrong(name, f"expected shape ({length},), found {array.shape}")
    data: bytes = array.tobytes()
    return data


def _columns(name: str, value: Any, shape: tuple[int | None, int], triangle: bool) -> dict[str, Any]:
    """A matrix by compressed columns; of a symmetric one the upper triangle."""
    np = _numpy()
    sparse = hasattr(value, "tocoo")
    if sparse:
        found = tuple(value.shape)
    else:
        value = _reals(name, value)
        found = value.shape
    if len(found) != 2 or found[1] != shape[1] or shape[0] not in (None, found[0]):
        wanted = f"({'m' if shape[0] is None else shape[0]}, {shape[1]})"
        raise _wrong(name, f"expected shape {wanted}, found {found}")
    if sparse:
        entries = value.tocsc(copy=True)
        entries.sum_duplicates()
        if entries.dtype.kind not in "fiu":
            raise _wrong(name, f"expected numbers of at most 64 bits, found {entries.dtype}")
        entries = entries.tocoo()
        row, column, data = entries.row, entries.col, entries.data.astype("<f8")
        if triangle and abs(value - value.T).nnz:
            raise _wrong(name, "not symmetric")
    else:
        if triangle and not np.array_equal(value, value.T, equal_nan=True):
            at = np.argwhere(~((value == value.T) | (np.isnan(value) & np.isnan(value.T))))[0]
            raise _wrong(name, f"not symmetric at row {at[0]}, column {at[1]}")
        row, column = np.nonzero(value)
        data = value[row, column]
    if triangle:
        upper = row <= column
        row, column, data = row[upper], column[upper], data[upper]
    order = np.lexsort((row, column))
    start = np.zeros(found[1] + 1, dtype="<i8")
    np.cumsum(np.bincount(column, minlength=found[1]), out=start[1:])
    return {
        f"{name}.rows": int(found[0]),
        f"{name}.start": start.tobytes(),
        f"{name}.index": row[order].astype("<i8").tobytes(),
        f"{name}.value": np.ascontiguousarray(data[order], dtype="<f8").tobytes(),
    }


def solve(
    P: Any,
    q: Any,
    A: Any = None,
    l: Any = None,
    u: Any = None,
    *,
    lower: Any = None,
    upper: Any = None,
    constant: float = 0.0,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
) -> Solution:
    """Minimise ``1/2 x'Px + q'x + constant`` subject to ``l <= Ax <= u`` and ``lower <= x <= upper``.

    ``P`` and ``A`` are dense or ``scipy.sparse``; ``P`` is symmetric. Limits that are left out are infinite.
    The status is optimal or infeasible only where our own certificate agrees.
    """
    np = _numpy()
    q = _reals("q", q)
    if q.ndim != 1:
        raise _wrong("q", f"expected shape (n,), found {q.shape}")
    n = q.shape[0]
    matrix = np.zeros((0, n)) if A is None else A
    problem: dict[str, Any] = {
        **_columns("P", P, (n, n), triangle=True),
        **_columns("A", matrix, (None, n), triangle=False),
        "q": q.tobytes(),
        "constant": float(constant),
        "lower": _vector("lower", lower, n, -np.inf),
        "upper": _vector("upper", upper, n, np.inf),
    }
    m = problem["A.rows"]
    problem["l"] = _vector("l", l, m, -np.inf)
    problem["u"] = _vector("u", u, m, np.inf)
    return _samebits._solve(problem, tolerance, max_iterations)
