//! What is around every picture: the root, its title and description, its theme.

use crate::Error;
use crate::canvas::{FONT, WIDTH, hex};
use crate::figure::LARGEST;
use crate::text::{ABOUT, TITLE, clean, escape};
use crate::theme::{LIGHT, STYLE};

/// Where a picture will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In a file of its own: with a background and [`STYLE`].
    File,
    /// In a page whose style sheet has [`crate::CSS`]: without either, and without `style` attributes.
    Inline,
}

/// What a picture says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Caption<'a> {
    /// Prefix of its identifiers, another one for each picture of a page: a letter, then letters, digits, `-`, `_`.
    pub id: &'a str,
    /// One line.
    pub title: &'a str,
    /// A sentence with its figures; made from the data where none is given.
    pub about: Option<&'a str>,
    /// Where it will stand.
    pub form: Form,
}

/// The names of two axes, with their units.
#[derive(Debug, Clone, Copy)]
pub struct Axes<'a> {
    /// From left to right.
    pub x: &'a str,
    /// From below to above.
    pub y: &'a str,
}

/// The picture: `body` of `height` units, with `about` where the caption has none.
pub(crate) fn picture(caption: &Caption<'_>, height: i32, about: &str, body: &str) -> Result<String, Error> {
    let id = identifier(caption.id)?;
    let title = escape(&clean(caption.title, TITLE));
    let about = escape(&clean(caption.about.unwrap_or(about), ABOUT));
    let (style, paper) = match caption.form {
        Form::Inline => (String::new(), String::new()),
        Form::File => {
            let size = format!("width=\"{WIDTH}\" height=\"{height}\" fill=\"{}\"", hex(LIGHT.paper));
            (format!("<style>{STYLE}</style>\n"), format!("<rect class=\"paper\" x=\"0\" y=\"0\" {size}/>\n"))
        }
    };
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"samebits-chart\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"100%\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"sans-serif\" \
         font-size=\"{FONT}\">\n<title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{about}</desc>\n\
         {style}{paper}{body}</svg>\n"
    ))
}

fn identifier(id: &str) -> Result<&str, Error> {
    let good = id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.len() <= 64
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if good { Ok(id) } else { Err(Error::Id { found: clean(id, 64) }) }
}

/// Every number is one that an axis shows.
pub(crate) fn check(series: &str, values: impl Iterator<Item = f64>) -> Result<(), Error> {
    for (index, value) in values.enumerate() {
        if !(samebits_canon::abs(value) <= LARGEST) {
            let series = clean(series, TITLE);
            return Err(Error::NotFinite { series, index, value, limit: LARGEST });
        }
    }
    Ok(())
}

/// At most `limit` things.
pub(crate) fn at_most(limit: usize, found: usize, what: &'static str) -> Result<(), Error> {
    if found > limit { Err(Error::TooMany { what, found, limit }) } else { Ok(()) }
}
