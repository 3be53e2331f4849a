//! Clause A4: products of a matrix and a vector, on an instruction set.

use crate::Isa;

/// `y = A x` for a symmetric row-major `A` (`n x n`): each `y[i]` is one ascending chain over the columns, read along the
/// rows because `A` is symmetric.
///
/// # Panics
/// When the shapes differ.
pub fn matvec_symmetric(isa: Isa, a: &[f64], x: &[f64], y: &mut [f64]) {
    assert!(a.len() == x.len() * y.len() && x.len() == y.len(), "matvec: shapes differ");
    y.fill(0.0);
    let mut at = 0;
    let mut list = [0; 64];
    for x in x.chunks(list.len()) {
        for entry in &mut list {
            *entry = at;
            at += 1;
        }
        at -= list.len() - x.len();
        (isa.kernels().system.columns)(a, &list[..x.len()], x, y);
    }
}

/// `y = y + A[:, columns] x` for a symmetric row-major `A`: each chain goes on in the order of the list.
///
/// # Panics
/// When the shapes differ or a column is not one of `A`.
pub fn add_columns(isa: Isa, a: &[f64], columns: &[usize], x: &[f64], y: &mut [f64]) {
    assert!(a.len() == y.len() * y.len() && columns.len() == x.len(), "matvec: shapes differ");
    (isa.kernels().system.columns)(a, columns, x, y);
}

/// `y = A x` for a row-major `A` (`y.len() x x.len()`): each `y[i]` is one ascending chain.
///
/// # Panics
/// When the shapes differ.
pub fn matvec_on(isa: Isa, a: &[f64], x: &[f64], y: &mut [f64]) {
    assert_eq!(a.len(), x.len() * y.len(), "matvec: shapes differ");
    (isa.kernels().system.rows)(a, x, y);
}

/// `y = A' x` for a row-major `A` (`x.len() x y.len()`): each `y[j]` is one chain over the rows, ascending.
///
/// # Panics
/// When the shapes differ.
pub fn matvec_transposed(isa: Isa, a: &[f64], x: &[f64], y: &mut [f64]) {
    assert_eq!(a.len(), x.len() * y.len(), "matvec: shapes differ");
    y.fill(0.0);
    if y.is_empty() {
        return;
    }
    (isa.kernels().system.transposed)(a, x, y);
}

/// `gram[p][q]` = chain over the rows `i` of `(x[i][p] weights[i]) x[i][q]`, for a row-major `x` of `width` columns.
///
/// # Panics
/// When the shapes differ.
pub fn weighted_gram(isa: Isa, x: &[f64], weights: &[f64], width: usize, gram: &mut [f64]) {
    assert!(x.len() == weights.len() * width && gram.len() == width * width, "gram: shapes differ");
    gram.fill(0.0);
    if width > 0 {
        (isa.kernels().system.weighted)(x, weights, width, gram);
    }
}
