//! Attestations, keys and proofs.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "attest", "Attestations, keys and proofs.", samebits_attest::Error, "crates/attest/src/error.rs", "Error";
    TooLong = "too-long", "A file of an attestation is longer than allowed",
        "Attest fewer days at a time, or without the list of Runs.";
    TooNew = "too-new", "Written by a later release",
        "Use the release that wrote the file, or a later one.";
    Malformed = "malformed", "A line is not as the format has it",
        "The message has the line, and what was expected. Somebody edited the file, or it was cut: fetch it again \
         from where it is kept.";
    NotCanonical = "not-canonical", "The file is not as its writer would have put it",
        "Its content can be read, but a byte differs from the one form. Fetch it again from where it is kept.";
    Inconsistent = "inconsistent", "The parts of an attestation contradict each other",
        "Counts, roots and lists of a day do not agree: do not trust the file. Fetch it again from where it is \
         kept.";
    BadSignature = "bad-signature", "The signature does not fit",
        "The bytes were changed after they were signed, or the key in the file is not the signer's. Do not trust \
         the file.";
    OtherKey = "other-key", "Signed by another key than the one that you trust",
        "The message has both. Ask the signer by another way whether the key was changed.";
    BadKey = "bad-key", "The file is no key of the kind that is needed",
        "`samebits attest keygen` writes a private key and, beside it, the public one (.pub). Verifying takes the \
         public one.";
    Nothing = "nothing", "There are no Runs in those days",
        "Nothing can be attested. Check --from, --through and --store.";
    NoRun = "no-run", "The day has no such Run",
        "Check the account, the number and the day; `samebits runs` lists them.";
    NotAttested = "not-attested", "The attestation says nothing of that day",
        "Take the attestation whose days include the one of the proof.";
    NotIncluded = "not-included", "The proof does not lead to the attested root",
        "The Run, the proof or the attestation was changed. The message says where it goes wrong.";
}
