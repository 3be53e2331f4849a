//! A page each.

pub(crate) mod account;
pub(crate) mod compare;
pub(crate) mod drift;
pub(crate) mod fleet;
pub(crate) mod gate;
pub(crate) mod help;
pub(crate) mod reasons;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod solvers;
pub(crate) mod trade;

use crate::Error;
use crate::layout::allowed;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use samebits_units::Date;

/// A picture: it says how it looks itself, and loads nothing.
fn picture(svg: String) -> Response {
    let policy = format!("{}; frame-ancestors 'none'", allowed(samebits_charts::STYLE));
    let policy = HeaderValue::from_str(&policy);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (CONTENT_SECURITY_POLICY, policy.unwrap_or(HeaderValue::from_static("default-src 'none'"))),
    ];
    (headers, svg).into_response()
}

/// A day of a form; `None` where the field was left empty.
fn day(field: &'static str, text: Option<&str>) -> Result<Option<Date>, Error> {
    let Some(text) = given(text) else { return Ok(None) };
    let wrong = || Error::Field { field, found: text.to_owned(), expected: "a day as YYYY-MM-DD" };
    text.parse().map(Some).map_err(|_| wrong())
}

/// What a field says; `None` where it was left empty.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
