//! Time against size, both logarithmic, a panel a form.

use crate::row::Row;
use std::fmt::Write;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 30.0;
const RIGHT: f64 = 170.0;
const BOTTOM: f64 = 40.0;
const COLORS: [&str; 10] = [
    "#0b5fa5", "#d1495b", "#2e933c", "#8a4fff", "#e09f3e", "#1b998b", "#6b705c", "#9c27b0", "#5d4037",
    "#000000",
];

/// The plot as SVG text.
pub(crate) fn svg(rows: &[Row]) -> String {
    let mut forms: Vec<&str> = rows.iter().map(|row| row.form).collect();
    forms.dedup();
    let mut unique: Vec<&str> = Vec::new();
    for form in forms {
        if !unique.contains(&form) {
            unique.push(form);
        }
    }
    let (wide, high) = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM);
    let total = high * unique.len().max(1) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{total}\" font-family=\"sans-serif\" \
         font-size=\"11\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (k, form) in unique.iter().enumerate() {
        let own: Vec<&Row> = rows
            .iter()
            .filter(|row| row.form == *form && row.ms_median.is_finite() && row.ms_median > 0.0)
            .collect();
        let _ = writeln!(out, "<g transform=\"translate(0 {})\">", high * k as f64);
        panel(&mut out, form, &own);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, form: &str, rows: &[&Row]) {
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)))
    };
    let (n0, n1) = range(&mut rows.iter().map(|row| row.n as f64));
    let (t0, t1) = range(&mut rows.iter().map(|row| row.ms_median));
    let share =
        |x: f64, low: f64, high: f64| if high > low { (x / low).ln() / (high / low).ln() } else { 0.5 };
    let at = |row: &Row| {
        let x = LEFT + WIDTH * share(row.n as f64, n0, n1);
        (x, TOP + HEIGHT * (1.0 - share(row.ms_median, t0, t1)))
    };
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"18\" font-weight=\"bold\">{}: ms against names</text>",
        escaped(form)
    );
    let _ = writeln!(
        out,
        "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#999\"/>"
    );
    let mut decade = 1e-4;
    while decade <= t1 * 1.0001 && rows.len() > 1 {
        if decade >= t0 * 0.9999 {
            let y = TOP + HEIGHT * (1.0 - share(decade, t0, t1));
            let right = LEFT + WIDTH;
            let _ = writeln!(
                out,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"8\" y=\"{:.1}\">{decade}</text>",
                y + 4.0
            );
        }
        decade *= 10.0;
    }
    let mut sizes: Vec<usize> = rows.iter().map(|row| row.n).collect();
    sizes.sort_unstable();
    sizes.dedup();
    for n in sizes {
        let x = LEFT + WIDTH * share(n as f64, n0, n1);
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{}\">{n}</text>", x - 8.0, TOP + HEIGHT + 16.0);
    }
    curves(out, rows, &at);
}

/// A line and its name a solver.
fn curves(out: &mut String, rows: &[&Row], at: &dyn Fn(&Row) -> (f64, f64)) {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.solver.as_str()) {
            names.push(&row.solver);
        }
    }
    for (k, name) in names.iter().enumerate() {
        let color = COLORS[k % COLORS.len()];
        let points: Vec<String> = rows
            .iter()
            .filter(|row| row.solver == *name)
            .map(|row| at(row))
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>",
            points.join(" ")
        );
        for point in &points {
            let (x, y) = point.split_once(',').unwrap_or_default();
            let _ = writeln!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"2.5\" fill=\"{color}\"/>");
        }
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" fill=\"{color}\">{}</text>",
            LEFT + WIDTH + 8.0,
            TOP + 12.0 + 14.0 * k as f64,
            escaped(name)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every opened element is closed, in order.
    fn well_formed(text: &str) -> bool {
        let mut open = Vec::new();
        for tag in text.split('<').skip(1) {
            let Some((tag, _)) = tag.split_once('>') else { return false };
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.push(tag.split_whitespace().next().unwrap_or(""));
            }
        }
        open.is_empty()
    }

    #[test]
    fn the_plot_is_well_formed_with_a_line_a_solver() {
        let row = |n, solver: &str, ms| Row { ms_median: ms, ..Row::missing("a<b", n, "x", solver, "") };
        let rows = [row(100, "one & two", 0.1), row(500, "one & two", 2.0), row(100, "three", f64::NAN)];
        let text = svg(&rows);
        assert!(well_formed(&text), "{text}");
        assert_eq!(text.matches("<polyline").count(), 1);
        assert!(text.contains("one &amp; two") && text.contains("a&lt;b") && !text.contains("NaN"));
        assert!(well_formed(&svg(&[])));
    }
}
