//! The arithmetic of the exact path.

use super::catalogue;

catalogue! {
    "canon", "The arithmetic of the exact path.", samebits_canon::Error, "crates/canon/src/error.rs", "Error";
    NotPositive = "not-positive", "A matrix is not positive definite",
        "Its factorisation met the pivot in the message. The covariance of the inputs is singular or damaged.";
    NotIeee = "not-ieee", "The floating-point mode of this thread is not the specified one",
        "Something in this process changed rounding, flushing of small numbers or the precision of the unit. No \
         result would have the recorded bits: nothing was decided. Run samebits in a process of its own.";
}
