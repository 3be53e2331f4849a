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
/// What only its message tells.
pub const REFUSED: Page = Page {
    code: "system.refused",
    title: "The command cannot do what it was asked",
    help: "The message says which argument or which input is wrong, and what was expected. `samebits help COMMAND` \
           describes the arguments.",
};

/// An argument of a tool that a program calls.
pub const ARGUMENT: Page = Page {
    code: "system.argument",
    title: "An argument of a tool is missing or out of range",
    help: "The message names it. The input schema of the tool has every argument with its range.",
};
/// An answer beyond its limit.
pub const TOO_LONG: Page = Page {
    code: "system.too-long",
    title: "The answer is longer than a program is given",
    help: "Ask for less: fewer parts, fewer Runs, one name.",
};
/// More calls than are taken on.
pub const BUSY: Page = Page {
    code: "system.busy",
    title: "Too many calls are waiting",
    help: "Calls are answered a few at a time. Wait for answers before asking on.",
};
/// A defect of the program.
pub const FAULT: Page = Page {
    code: "system.fault",
    title: "A defect of samebits",
    help: "Nothing was changed. Report what was asked, with the ids of the Runs, and what the program said on standard error.",
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
        ("Argument", ARGUMENT),
        ("TooLong", TOO_LONG),
        ("Busy", BUSY),
        ("Fault", FAULT),
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
