//! Faults that are made in the text of a kernel: one line is changed, no line moves.

use std::collections::BTreeMap;

/// What is done to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A fused multiply-add rounds its product.
    FmaSplit,
    /// A product and a sum are fused.
    Fused,
    /// A barrier of the block, or of its first warps, is missing.
    Barrier,
    /// A barrier of a warp is missing.
    WarpBarrier,
    /// A shuffle reads the lane next to the right one.
    WrongLane,
    /// A shuffle is missing: each lane keeps its own value.
    OwnLane,
    /// A tensor core's later four products come before the earlier four.
    ProductOrder,
    /// Two operands of a tensor core's product are exchanged.
    ProductOperands,
    /// A comparison treats equal numbers the other way.
    Tie,
    /// Nobody waits for an asynchronous copy.
    CopyWait,
}

impl Fault {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::FmaSplit,
        Self::Fused,
        Self::Barrier,
        Self::WarpBarrier,
        Self::WrongLane,
        Self::OwnLane,
        Self::ProductOrder,
        Self::ProductOperands,
        Self::Tie,
        Self::CopyWait,
    ];

    /// The line with the fault, where it can have it.
    fn on(self, line: &str, after: &[&str]) -> Option<String> {
        let (op, rest) = line.trim().strip_suffix(';')?.split_once(char::is_whitespace)?;
        let args = operands(rest);
        let [d, a, b, c] = std::array::from_fn(|k| args.get(k).map_or("", String::as_str));
        Some(match self {
            Self::FmaSplit if op == "fma.rn.f64" => {
                format!("mul.rn.f64 %mutant0, {a}, {b}; add.rn.f64 {d}, %mutant0, {c};")
            }
            Self::Barrier if op == "bar.sync" => String::new(),
            Self::WarpBarrier if op == "bar.warp.sync" => String::new(),
            Self::CopyWait if op == "cp.async.wait_group" => String::new(),
            Self::WrongLane if op.starts_with("shfl.sync") => {
                let rest = args[3..].join(", ");
                format!("xor.b32 %other0, {b}, 1; {op} {d}, {a}, %other0, {rest};")
            }
            Self::OwnLane if op.starts_with("shfl.sync") => {
                format!("mov.b32 {}, {a};", d.split('|').next()?)
            }
            Self::ProductOrder if op.starts_with("mma.sync.aligned.m16n8k8") => {
                let (x, y) = (operands(inner(a)?), operands(inner(b)?));
                let x = [&x[2], &x[3], &x[0], &x[1]].map(String::as_str).join(",");
                format!("{op} {d},{{{x}}},{{{},{}}},{c};", y[1], y[0])
            }
            Self::ProductOperands if op.starts_with("mma.sync.aligned.m16n8k8") => {
                let y = operands(inner(b)?);
                format!("{op} {d},{a},{{{},{}}},{c};", y[1], y[0])
            }
            Self::ProductOperands if op.starts_with("mma.sync.aligned.m8n8k4") => {
                format!("{op} {d},{b},{a},{c};")
            }
            Self::Tie => {
                let relation = op.strip_prefix("setp.")?.strip_suffix(".f64")?;
                let pairs = [("lt", "le"), ("gt", "ge"), ("ltu", "leu"), ("gtu", "geu")];
                let other = pairs.iter().find_map(|(x, y)| match relation {
                    own if own == *x => Some(y),
                    own if own == *y => Some(x),
                    _ => None,
                })?;
                format!("setp.{other}.f64 {rest};")
            }
            Self::Fused if op == "mul.rn.f64" => {
                let (at, sum) = fusible(d, [a, b], after)?;
                // The product stays where it is; the sum is said here, marked with how far down it stands.
                format!("{at} {sum}")
            }
            _ => return None,
        })
    }
}

/// Operands, those in braces together.
fn operands(text: &str) -> Vec<String> {
    let (mut depth, mut all) = (0_u32, vec![String::new()]);
    for letter in text.trim().chars() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = all.last_mut() {
            last.push(letter);
        }
    }
    all.iter().map(|own| own.trim().to_owned()).collect()
}

/// What stands within braces.
fn inner(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}')
}

/// The sum that takes this product, within a few lines of straight code: how far below, and what it becomes.
fn fusible(product: &str, factors: [&str; 2], after: &[&str]) -> Option<(usize, String)> {
    for (k, line) in after.iter().take(12).enumerate() {
        let line = line.trim();
        if line.starts_with('$') || line.starts_with('@') || line.starts_with('}') {
            return None;
        }
        let Some((op, rest)) = line.strip_suffix(';').and_then(|l| l.split_once(char::is_whitespace)) else {
            continue;
        };
        let args = operands(rest);
        if op == "add.rn.f64" && args[1..].iter().any(|arg| arg == product) {
            let other = if args[1] == product { &args[2] } else { &args[1] };
            return Some((
                k + 1,
                format!("fma.rn.f64 {}, {}, {}, {other};", args[0], factors[0], factors[1]),
            ));
        }
        if factors.contains(&args[0].as_str()) || args[0] == product {
            return None;
        }
    }
    None
}

/// A place for a fault.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) fault: Fault,
    /// Lines are counted from 1.
    pub(crate) line: usize,
    pub(crate) function: String,
    /// Which one of its kind in its function.
    pub(crate) ordinal: usize,
    text: String,
}

/// Every place of every fault in a module, in the order of the text.
pub(crate) fn sites(module: &str) -> Vec<Site> {
    let lines: Vec<&str> = module.lines().collect();
    let (mut found, mut function) = (Vec::new(), String::new());
    let mut ordinals: BTreeMap<(Fault, String), usize> = BTreeMap::new();
    for (k, line) in lines.iter().enumerate() {
        if line.starts_with(".func") || line.starts_with(".visible .entry") {
            let name = line.trim_end_matches(['(', ')', ' ']).rsplit([' ', ')']).next();
            name.unwrap_or_default().clone_into(&mut function);
        }
        for fault in Fault::ALL {
            let Some(mut text) = fault.on(line, &lines[k + 1..]) else { continue };
            let mut at = k + 1;
            if fault == Fault::Fused
                && let Some((below, sum)) = text.clone().split_once(' ')
            {
                at += below.parse::<usize>().unwrap_or_default();
                sum.clone_into(&mut text);
            }
            let ordinal = ordinals.entry((fault, function.clone())).or_default();
            found.push(Site { fault, line: at, function: function.clone(), ordinal: *ordinal, text });
            *ordinal += 1;
        }
    }
    found
}

/// The module with one fault.
pub(crate) fn with_fault(module: &str, site: &Site) -> String {
    rewrite(module, |line| (line == site.line).then(|| site.text.clone()), "")
}

/// The module with a count of the places that are reached: byte `4 i` of the variable `reached` for place `i`.
pub(crate) fn with_counters(module: &str, sites: &[Site]) -> String {
    let mut at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (k, site) in sites.iter().enumerate() {
        at.entry(site.line).or_default().push(k);
    }
    let lines: Vec<&str> = module.lines().collect();
    let counted = |line: usize| {
        let places = at.get(&line)?;
        let stores = places.iter().map(|place| format!("st.global.u32 [reached+{}], 1; ", 4 * place));
        Some(stores.collect::<String>() + lines[line - 1])
    };
    let variable = format!(" .global .align 4 .b8 reached[{}];", 4 * sites.len());
    rewrite(module, counted, &variable)
}

/// The module with other lines, registers for them in every function, and a variable.
fn rewrite(module: &str, mut other: impl FnMut(usize) -> Option<String>, variable: &str) -> String {
    let mut out = String::with_capacity(module.len() + 4096);
    for (k, line) in module.lines().enumerate() {
        match other(k + 1) {
            Some(text) => out.push_str(&text),
            None => out.push_str(line),
        }
        // The line after the last directive of the head is empty.
        if k > 0 && line.is_empty() && !out.contains(variable) {
            out.push_str(variable);
        } else if line == "{" {
            out.push_str(" .reg .f64 %mutant<1>; .reg .b32 %other<1>;");
        }
        out.push('\n');
    }
    out
}
