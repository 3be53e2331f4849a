//! Errors of the system, and those that only their message tells.

use super::{Family, Page};
use std::io::{Error, ErrorKind};

const MISSING: Page = Page {
    code: "system.not-found",
    title: "A file or folder is not there",
    help: "The message has its name. Check the spelling and the folder that the command runs in.",
};
const DENIED: Page = Page {
    code: "system.denied",
    title: "The system denies access to a file",
    help: "Check the rights of the file and of its folder, and who runs the command.",
};
const EXISTS: Page = Page {
    code: "system.exists",
    title: "A file is there already",
    help: "Nothing was overwritten. Name another file, or move the one that is there.",
};
const FAILED: Page = Page {
    code: "system.failed",
    title: "Reading or writing failed",
    help: "The message is that of the system: a full disk, a lost connection, a file that ends too early.",
};
pub(super) const REFUSED: Page = Page {
    code: "system.refused",
    title: "The command cannot do what it was asked",
    help: "The message says which argument or which input is wrong, and what was expected. `samebits help COMMAND` \
           describes the arguments.",
};

pub(super) const FAMILY: Family = Family {
    name: "system",
    about: "Files, and requests that cannot be served.",
    source: "",
    enumeration: "",
    pages: &[
        ("NotFound", MISSING),
        ("PermissionDenied", DENIED),
        ("AlreadyExists", EXISTS),
        ("Other", FAILED),
        ("Refused", REFUSED),
    ],
    inner: &[],
};

pub(super) fn page(error: &Error) -> &'static Page {
    match error.kind() {
        ErrorKind::NotFound => &MISSING,
        ErrorKind::PermissionDenied => &DENIED,
        ErrorKind::AlreadyExists => &EXISTS,
        _ => &FAILED,
    }
}
