//! Instructions that a kernel must not contain: those whose bits are open, or follow another rule than `canon`.

use std::fmt::{Display, Formatter};

/// An instruction that is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Its line, from 1.
    pub(crate) line: usize,
    pub(crate) opcode: String,
    pub(crate) why: &'static str,
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: `{}`: {}", self.line, self.opcode, self.why)
    }
}

/// Types of floating point, of numbers or of pairs of them.
const FLOATS: [&str; 10] = ["f64", "f32", "f32x2", "tf32", "f16", "f16x2", "bf16", "bf16x2", "e4m3", "e5m2"];

/// Every refused instruction of a PTX text, in the order of the lines.
///
/// An opcode is a word and the modifiers after it, wherever in a line it stands: inline assembly puts several into one.
pub(crate) fn lint(text: &str) -> Vec<Finding> {
    let finding = |(line, opcode): (usize, String)| Some(Finding { line, why: refused(&opcode)?, opcode });
    opcodes(&blanked(text)).into_iter().filter_map(finding).collect()
}

/// Why an instruction is refused; the first reason, if there are several.
fn refused(opcode: &str) -> Option<&'static str> {
    let mut parts = opcode.split('.');
    let head = parts.next()?;
    let modifiers: Vec<&str> = parts.collect();
    let has = |modifier: &str| modifiers.contains(&modifier);
    let float = FLOATS.iter().any(|float| has(float));
    let reduces = ["atom", "red", "redux", "multimem"].contains(&head) || has("reduce");
    let clamps = ["sat", "satfinite", "relu"].iter().any(|clamp| has(clamp));
    let reason = match head {
        _ if modifiers.is_empty() => return None,
        _ if has("approx") => "an approximation differs by device",
        _ if has("ftz") => "subnormal numbers are numbers",
        _ if has("full") => "a division that is not correctly rounded",
        _ if float && clamps => "a clamp that canon lacks",
        _ if float && reduces => "the order of an atomic sum is open",
        "sin" | "cos" | "ex2" | "lg2" | "rsqrt" | "tanh" => "only approximations of it exist",
        "mad" if float => "whether it is fused is not in its name",
        "min" | "max" if float => "its rule for NaN and signed zeros is not ours",
        "fma" if float && !has("rn") => "a fused operation without .rn",
        "add" | "sub" | "mul" if float && !has("rn") => "without .rn it may be fused or rounds elsewhere",
        "rcp" | "sqrt" | "div" if float && !has("rn") => "not correctly rounded to nearest without .rn",
        _ => return None,
    };
    Some(reason)
}

/// Words with the modifiers that follow them, and their lines.
fn opcodes(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    // Whether nothing but blanks stands between the last word and here.
    let mut open = false;
    for (line, content) in (1..).zip(text.lines()) {
        for piece in content.split_inclusive(|c: char| !part_of_word(c)) {
            let word = piece.trim_end_matches(|c| !part_of_word(c));
            match found.last_mut() {
                Some((_, last)) if open && word.starts_with('.') => last.push_str(word),
                _ if !word.is_empty() => found.push((line, word.to_owned())),
                _ => {}
            }
            open = (open || !word.is_empty()) && piece[word.len()..].chars().all(char::is_whitespace);
        }
    }
    found
}

fn part_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || ['.', '_', '$', '%'].contains(&c)
}

/// The text with its lines, without comments and strings; `::` inside a modifier becomes a part of the word.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, shown) = match first {
            _ if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), " "),
            _ if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |end| end + 2), " "),
            '"' => (rest[1..].find('"').map_or(rest.len(), |end| end + 2), " "),
            _ if rest.starts_with("::") => (2, "__"),
            _ => (first.len_utf8(), &rest[..first.len_utf8()]),
        };
        let (gone, after) = rest.split_at(length);
        out.push_str(shown);
        if length > first.len_utf8() {
            out.extend(gone.chars().filter(|c| *c == '\n'));
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of the lines is refused, alone and for this reason.
    fn check(why: &str, lines: &[&str]) {
        for line in lines {
            let findings = lint(&format!("\tadd.rn.f64 \t%fd1, %fd2, %fd3;\n\t{line}\n\tret;\n"));
            assert!(findings.len() == 1, "{line}: {findings:?}");
            assert_eq!(findings[0].line, 2, "{line}");
            assert!(findings[0].why.contains(why), "{line}: {findings:?}");
        }
    }

    #[test]
    fn sums_and_products_name_their_rounding() {
        check(
            "without .rn it may be fused",
            &[
                "add.f64 \t%fd1, %fd2, %fd3;",
                "sub.f64 %fd1, %fd2, %fd3;",
                "mul.f64 %fd1, %fd2, %fd3;",
                "add.f32 %f1, %f2, %f3;",
                "mul.f16x2 %r1, %r2, %r3;",
                "add.rz.f64 %fd1, %fd2, %fd3;",
                "@%p1 add.f64 %fd1, %fd2, %fd3;",
                "{ add.f64 %fd1, %fd2, %fd3; }",
                "here:add.f64 %fd1, %fd2, %fd3;",
                "add .f64 %fd1, %fd2, %fd3;",
                "mov.u32 %r1, %r2; /* then */ add.f64 %fd1, %fd2, %fd3; // last",
            ],
        );
    }

    #[test]
    fn fused_operations_name_their_rounding() {
        check("a fused operation", &["fma.f64 %fd1, %fd2, %fd3, %fd4;", "fma.rz.f32 %f1, %f2, %f3, %f4;"]);
    }

    #[test]
    fn no_approximation() {
        check("approximation differs", &["rcp.approx.f32 %f1, %f2;", "sin.approx.f32 %f1, %f2;"]);
    }

    #[test]
    fn no_flush_of_subnormals() {
        check("subnormal", &["add.rn.ftz.f32 %f1, %f2, %f3;", "setp.lt.ftz.f32 %p1, %f1, %f2;"]);
    }

    #[test]
    fn no_clamp_of_floats() {
        check("clamp", &["add.rn.sat.f32 %f1, %f2, %f3;", "fma.rn.relu.f16 %h1, %h2, %h3, %h4;"]);
    }

    #[test]
    fn no_full_division() {
        check("a division", &["div.full.f32 %f1, %f2, %f3;"]);
    }

    #[test]
    fn no_atomic_sum_of_floats() {
        check(
            "atomic sum",
            &[
                "atom.global.add.f64 %fd1, [%rd1], %fd2;",
                "atom.shared.add.f32 %f1, [%rd1], %f2;",
                "atom.add.noftz.f16x2 %r1, [%rd1], %r2;",
                "red.global.add.f64 [%rd1], %fd1;",
                "cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f64 [%rd1], [%r1], %r2;",
            ],
        );
    }

    #[test]
    fn no_mad_of_floats() {
        check(
            "fused is not in its name",
            &["mad.f32 %f1, %f2, %f3, %f4;", "mad.rn.f64 %fd1, %fd2, %fd3, %fd4;"],
        );
    }

    #[test]
    fn no_transcendental() {
        let heads = ["sin", "cos", "ex2", "lg2", "rsqrt", "tanh"];
        for head in heads {
            check("only approximations", &[&format!("{head}.f32 %f1, %f2;")]);
        }
    }

    #[test]
    fn quotients_and_roots_are_rounded_to_nearest() {
        check(
            "not correctly rounded",
            &["rcp.f64 %fd1, %fd2;", "sqrt.rz.f64 %fd1, %fd2;", "div.f32 %f1, %f2, %f3;"],
        );
    }

    #[test]
    fn no_least_and_greatest() {
        check(
            "signed zeros",
            &[
                "min.f64 %fd1, %fd2, %fd3;",
                "max.f64 %fd1, %fd2, 0d0000000000000000;",
                "max.f32 %f1, %f2, %f3;",
            ],
        );
    }

    #[test]
    fn what_kernels_need_is_allowed() {
        let text = "\
//\n// add.f64 in a comment\n/* mul.f64\n fma.f64 */\n.version 8.0\n.target sm_80\n.file 1 \"add.f64\"\n\
.visible .entry add(.param .u64 sin)\n{\n\t.reg .f64 %fd<4>;\n\t.reg .pred \t%p<2>;\n\
$L__BB0_1:\n\tadd.rn.f64 \t%fd1, %fd2, %fd3;\n\tfma.rn.f64 %fd1, %fd1, %fd2, 0d3FF0000000000000;\n\
\t@!%p1 bra \t$L__BB0_1;\n\tmul.wide.s32 %rd1, %r1, 8;\n\tmad.lo.s32 %r1, %r2, %r3, %r4;\n\tmax.s32 %r1, %r2, %r3;\n\
\tadd.sat.s32 %r1, %r2, %r3;\n\tdiv.s32 %r1, %r2, %r3;\n\tdiv.rn.f64 %fd1, %fd2, %fd3;\n\tsqrt.rn.f64 %fd1, %fd2;\n\
\tatom.global.add.u32 %r1, [%rd1], 1;\n\tcvt.rn.f64.s32 %fd1, %r1;\n\tselp.f64 %fd1, %fd2, %fd3, %p1;\n\
\tmma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%fd1, %fd2}, {%fd3}, {%fd1}, {%fd2, %fd3};\n\tret;\n}\n";
        assert_eq!(lint(text), []);
    }

    #[test]
    fn lines_are_counted_across_comments() {
        let findings = lint("/* a\nb */ // \"\n\"x\ny\" add\n .f64 %fd1, %fd2, %fd3;");
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].line, findings[0].opcode.as_str()), (4, "add.f64"));
    }
}
