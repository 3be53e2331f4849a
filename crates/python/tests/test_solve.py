"""General quadratic programs."""

import numbers

import pytest
import samebits as sb
from conftest import ROOT, need

np = need("numpy")


def small():
    p = np.array([[4.0, 1.0], [1.0, 2.0]])
    return p, np.array([1.0, 1.0]), np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])


def test_a_known_optimum():
    p, q, a = small()
    found = sb.solve(p, q, a, [1, 0, 0], [1, 0.7, 0.7])
    assert found.status == "optimal" and np.allclose(found.x, [0.3, 0.7], atol=1e-7)
    assert found.objective == pytest.approx(1.88, abs=1e-8)
    # Stationarity with our sign of the multipliers: positive where the upper limit binds.
    assert np.allclose(p @ found.x + q + a.T @ found.y, 0, atol=1e-6)
    assert max(found.certificate.values()) <= 1e-6
    assert not found.x.flags.writeable


def test_dense_sparse_and_other_types_are_one_problem():
    scipy = need("scipy.sparse")
    p, q, a = small()
    first = sb.solve(p, q, a, [1, 0, 0], [1, 0.7, 0.7])
    for form in (scipy.csc_matrix, scipy.csr_matrix, scipy.coo_matrix, scipy.csc_array):
        assert sb.solve(form(p), q, form(a), [1, 0, 0], [1, 0.7, 0.7]).digest == first.digest
    assert sb.solve(p.astype(np.float32), [1, 1], a.astype(int), [1, 0, 0], [1, 0.7, 0.7]).digest == first.digest
    assert sb.solve(np.asfortranarray(p), q[::1], a[:, :], (1, 0, 0), (1, 0.7, 0.7)).digest == first.digest
    other = sb.solve(p, q + 1e-9, a, [1, 0, 0], [1, 0.7, 0.7])
    assert other.digest != first.digest


def test_bounds_and_defaults():
    found = sb.solve(np.eye(3), [-1.0, -2.0, -3.0], lower=0.0, upper=[5.0, 5.0, 2.0], constant=7.0)
    assert np.allclose(found.x, [1, 2, 2], atol=1e-7) and found.y.shape == (0,)
    assert found.objective == pytest.approx(7 + 0.5 * 9 - 1 - 4 - 6, abs=1e-7)


def test_infeasible_is_proven():
    found = sb.solve(np.eye(2), [0.0, 0.0], [[1.0, 1.0]], 3.0, 4.0, lower=0.0, upper=1.0)
    assert found.status == "infeasible"


def test_the_same_bits_as_the_command(cli):
    """A general problem of the fixtures, by the command and from its arrays."""
    file = sorted((ROOT / "fixtures/qp").glob("*.mp.zst"))

    msgpack, zstandard = need("msgpack"), need("zstandard")
    for name in file:
        raw = msgpack.unpackb(zstandard.ZstdDecompressor().stream_reader(name.open("rb")).read())
        sparse = need("scipy.sparse")
        n, m = raw["n"], raw["m"]
        upper = sparse.csc_matrix((raw["p_val"], raw["p_idx"], raw["p_ptr"]), shape=(n, n))
        p = upper + sparse.triu(upper, 1).T
        a = sparse.csc_matrix((raw["a_val"], raw["a_idx"], raw["a_ptr"]), shape=(m, n))
        found = sb.solve(p, raw["q"], a, raw["l"], raw["u"], lower=raw["lb"], upper=raw["ub"], constant=raw["c0"])
        its = cli("solve", str(name))
        assert found.status == its["status"] and found.x.tolist() == its["weights"]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"P": np.eye(3)}, r"P: expected shape \(2, 2\), found \(3, 3\)"),
        ({"P": np.array([[1.0, 2.0], [0.0, 1.0]])}, "P: not symmetric at row 0, column 1"),
        ({"P": np.eye(2, dtype=complex)}, "P: expected numbers of at most 64 bits, found complex128"),
        ({"P": np.eye(2, dtype=object)}, "P: expected numbers"),
        ({"P": [[1.0], [1.0, 2.0]]}, "P: not an array"),
        ({"q": np.zeros((2, 1))}, r"q: expected shape \(n,\)"),
        ({"q": ["a", "b"]}, "q: expected numbers"),
        ({"A": np.zeros((3, 4))}, r"A: expected shape \(m, 2\), found \(3, 4\)"),
        ({"A": 5.0}, "A: expected shape"),
        ({"l": [0.0] * 4}, r"l: expected shape \(3,\), found \(4,\)"),
        ({"q": [np.nan, 0.0]}, "q"),
        ({"P": np.diag([np.inf, 1.0])}, "p"),
        ({"l": 2.0, "u": 1.0}, "rows"),
        ({"tolerance": 0.0}, "tolerance"),
    ],
)
def test_what_is_wrong_is_named(change, part):
    p, q, a = small()
    arguments = {"P": p, "q": q, "A": a, "l": 0.0, "u": 1.0} | change
    with pytest.raises(sb.InputError, match=part) as caught:
        sb.solve(**arguments)
    assert caught.value.code and caught.value.help


def test_numbers_come_back():
    found = sb.solve(np.eye(1), [1.0])
    assert isinstance(found.objective, numbers.Real) and found.iterations >= 0 and found.ms > 0
