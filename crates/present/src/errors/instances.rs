//! Problem files.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "instances", "Problem files.", samebits_instances::Error, "crates/instances/src/error.rs", "Error";
    Json = "json", "The file is not JSON of a portfolio problem",
        "The message has the place. docs/qp.md, 7 describes the fields.";
    MessagePack = "message-pack", "The file is not a general quadratic program",
        "The message has the place. docs/qp.md, 7 describes the fields.";
    Field = "field", "A field of the problem is wrong",
        "The message names it and what is expected.";
    Compressed = "compressed", "The compressed file is damaged",
        "It cannot be unpacked as zstd to its end. Fetch it again.";
    TooLarge = "too-large", "The problem is larger than allowed",
        "The message has the limit. Sizes are limited before memory is taken; check that the right file was \
         named.";
    [told by]
    Problem (error) => qp(error);
}
