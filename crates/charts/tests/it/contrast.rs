//! Contrasts, computed from the constants as WCAG 2.2 defines them.

use samebits_charts::CSS;
use samebits_charts::colors::{DARK, LIGHT, MARKS, SERIES};

type Rgb = (u8, u8, u8);

#[expect(clippy::disallowed_methods, reason = "the power of the definition; no bits depend on it")]
fn luminance((r, g, b): Rgb) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    if a > b { a / b } else { b / a }
}

#[test]
fn the_measure() {
    assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 1e-12);
    assert!((contrast((119, 119, 119), (255, 255, 255)) - 4.48).abs() < 0.01);
}

#[test]
fn text_and_lines_stand_out_in_both_themes() {
    assert_eq!((LIGHT.paper, DARK.paper), ((0xff, 0xff, 0xff), (0x14, 0x17, 0x1c)));
    for theme in [LIGHT, DARK] {
        assert!(contrast(theme.text, theme.paper) >= 4.5);
        for (color, _) in SERIES {
            assert!(contrast(color, theme.paper) >= 3.0, "{color:?}: {}", contrast(color, theme.paper));
        }
        for (letter, _, color) in MARKS {
            assert!(contrast(color, theme.paper) >= 3.0, "{letter}: {}", contrast(color, theme.paper));
            assert!(contrast(color, (255, 255, 255)) >= 4.5, "{letter}: white on its cell");
        }
    }
}

#[test]
fn the_style_sheet_has_the_dark_theme() {
    let hex = |(r, g, b): Rgb| format!("#{r:02x}{g:02x}{b:02x}");
    for (class, property, color) in
        [("paper", "fill", DARK.paper), ("ink", "fill", DARK.text), ("grid", "stroke", DARK.grid)]
    {
        assert!(CSS.contains(&format!(".samebits-chart .{class}{{{property}:{}}}", hex(color))), "{class}");
    }
    assert!(CSS.contains("prefers-color-scheme:dark") && !CSS.contains(['<', '&', '>']));
}

#[test]
fn axes_stand_out_and_every_text_has_a_theme() {
    for (name, svg) in crate::scenes::scenes().unwrap() {
        let tree = roxmltree::Document::parse(&svg).unwrap();
        for node in tree.descendants().filter(|node| node.has_tag_name("text")) {
            let cell = node.parent().unwrap().attribute("fill") == Some("#FFFFFF");
            assert!(cell || node.attribute("class") == Some("ink"), "{name}: {:?}", node.text());
        }
        for node in tree.descendants() {
            let Some(stroke) = node.attribute("stroke").filter(|stroke| stroke.starts_with('#')) else {
                continue;
            };
            let part = |k: usize| u8::from_str_radix(&stroke[k..k + 2], 16).unwrap();
            let color = (part(1), part(3), part(5));
            let grid = node.attribute("class") == Some("grid");
            for paper in [LIGHT.paper, DARK.paper] {
                assert!(grid || contrast(color, paper) >= 3.0, "{name}: {stroke}");
            }
        }
    }
}
