//! Times as text.

/// UTC text of nanoseconds since 1970, to the second; the number itself where no calendar reaches.
pub fn utc(nanoseconds: i64) -> String {
    let seconds = jiff::Timestamp::from_second(nanoseconds / 1_000_000_000);
    seconds.map_or_else(|_| nanoseconds.to_string(), |time| time.to_string())
}
