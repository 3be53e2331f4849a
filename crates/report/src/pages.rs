//! The files of a report: a page and plots for each account, and an index with the summary.

use crate::{Error, Year, markdown, plots, summary};
use std::fmt::Write as _;

/// A file, to be written wherever the caller wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// `index.md`, then `ACCOUNT.md` and `ACCOUNT-PLOT.svg` for each account. What is neither a letter, a digit, `.` nor `-` in
/// the id of an account is written as `_` and two hexadecimal digits, so no two accounts share a file.
///
/// # Errors
/// [`Error::Plot`].
pub fn pages(years: &[Year]) -> Result<Vec<Page>, Error> {
    let mut index = format!("# Accounts\n\n{}\n", summary(years));
    let mut all = Vec::new();
    for year in years {
        let name = file_name(&year.account);
        let _ = writeln!(index, "- [{}]({name}.md)", year.account);
        all.push(Page { name: format!("{name}.md"), text: markdown(year) });
        for plot in plots(year)? {
            all.push(Page { name: format!("{name}-{}", plot.name), text: plot.svg });
        }
    }
    all.insert(0, Page { name: "index.md".to_owned(), text: index });
    Ok(all)
}

/// The name that an account's files begin with.
pub(crate) fn file_name(account: &str) -> String {
    let mut name = String::new();
    for byte in account.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "_{byte:02x}");
        }
    }
    // Not the file of the summary.
    if name == "index" { "index_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_apart_and_in_the_folder() {
        for (account, expected) in
            [("02-ls-130-30", "02-ls-130-30"), ("a/b", "a_2fb"), ("a_2fb", "a_5f2fb"), ("index", "index_")]
        {
            assert_eq!(file_name(account), expected);
        }
    }
}
