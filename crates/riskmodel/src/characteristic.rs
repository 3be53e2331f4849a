//! Characteristics that the caller brings: further columns of the loadings.

use crate::{Error, FACTORS, Recipe, scaled_ranks};

/// One number a name that prices and volumes do not tell, such as book-to-price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Characteristic<'a> {
    /// Name of the factor.
    pub name: &'a str,
    /// One value a name, of any unit; `None` where none is known.
    pub values: &'a [Option<f64>],
}

/// Names of the columns of the loadings: [`FACTORS`], then the characteristics in their order.
pub(crate) fn factors(characteristics: &[Characteristic<'_>]) -> Vec<String> {
    let brought = characteristics.iter().map(|characteristic| characteristic.name);
    FACTORS.into_iter().chain(brought).map(str::to_owned).collect()
}

/// Whether `recipe` takes these characteristics, each with a name of its own and a number or nothing for all `n` names.
///
/// # Errors
/// [`Error::Characteristics`], [`Error::BadFactorName`], [`Error::Shape`], [`Error::NotANumber`].
pub(crate) fn check(recipe: &Recipe, characteristics: &[Characteristic<'_>], n: usize) -> Result<(), Error> {
    let found = characteristics.len();
    let allowed = if recipe.takes_characteristics() { "at least one" } else { "no" };
    if recipe.takes_characteristics() == characteristics.is_empty() {
        return Err(Error::Characteristics { recipe: recipe.id.clone(), found, allowed });
    }
    for (at, Characteristic { name, values }) in characteristics.iter().enumerate() {
        let taken = characteristics[..at].iter().any(|before| before.name == *name);
        if name.is_empty() || *name == INTERCEPT || FACTORS.contains(name) || taken {
            return Err(Error::BadFactorName { name: (*name).to_owned() });
        }
        if values.len() != n {
            return Err(Error::Shape {
                what: "values of a characteristic",
                found: values.len(),
                expected: n,
            });
        }
        if let Some(column) = values.iter().position(|value| value.is_some_and(f64::is_nan)) {
            return Err(Error::NotANumber { factor: (*name).to_owned(), column });
        }
    }
    Ok(())
}

/// Name of the first column of `B`.
pub(crate) const INTERCEPT: &str = "intercept";

/// The rank of each value among those that are known; a name without a value gets 0, the middle.
pub(crate) fn ranks(values: &[Option<f64>]) -> Vec<f32> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let mut found = scaled_ranks(&known).into_iter();
    values.iter().map(|value| value.and_then(|_| found.next()).unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_value_is_in_the_middle() {
        let check = |values: &[Option<f64>], expected: &[f32]| assert_eq!(ranks(values), expected);
        check(&[Some(3.0), None, Some(1.0), Some(2.0), None], &[1.0, 0.0, -1.0, 0.0, 0.0]);
        check(&[None, Some(-5.0), Some(7.0)], &[0.0, -1.0, 1.0]);
        check(&[None, Some(2.0)], &[0.0, 0.0]);
        check(&[None, None], &[0.0, 0.0]);
        check(&[Some(2.0), Some(2.0), Some(1.0)], &[0.5, 0.5, -1.0]);
    }
}
