//! An optimisation problem.

use super::catalogue;

catalogue! {
    "qp", "An optimisation problem.", samebits_qp::Error, "crates/qp/src/error.rs", "Error";
    Shape = "shape", "A vector or matrix of the problem has the wrong length",
        "The message names the part with both lengths. docs/qp.md, 7 has the forms of problem files.";
    Value = "value", "A number of the problem is not allowed",
        "It must be finite; an infinite limit must have the sign that leaves its side open. The message has the \
         entry.";
    Crossed = "crossed", "A lower limit is above its upper limit",
        "No point can satisfy both. Correct the limits of that entry.";
    Asymmetric = "asymmetric", "A matrix is not symmetric",
        "The two entries in the message must have equal bits. Write the matrix from one triangle.";
    NotPositive = "not-positive", "A matrix is not positive definite",
        "Its factorisation met the pivot in the message. More history, shrinkage, or a larger diagonal makes a \
         covariance positive definite.";
}
