//! Foreign text stays text, in every place where text goes.

use samebits_charts::*;

/// Names that a record could hold.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "<script>alert(1)</script>",
        "\"/><image href=x onerror=alert(1)>",
        "]]>&amp;<!--",
        "\u{202e}gpj.exe\u{2066}",
        "a\0b\u{1}c\u{b}d\n\te\r\u{7f}\u{85}",
        "\u{fffe}\u{ffff}\u{feff}",
        "\u{5d0}\u{5d1}\u{5d2}",
        "' style='fill:red",
        "\" fill=\"#1F77CC\" stroke=\"#1F77CC",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("<&".repeat(500_000));
    names
}

fn check(drawn: Result<String, Error>) {
    let svg = drawn.unwrap_or_else(|error| panic!("{error}"));
    let svg = svg.as_str();
    assert!(svg.len() < 40_000, "{}", svg.len());
    let tree = roxmltree::Document::parse(svg).expect("well-formed");
    let known = ["svg", "title", "desc", "style", "g", "rect", "text", "polyline", "circle"];
    for node in tree.descendants().filter(roxmltree::Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{:?}", node.tag_name());
        for attribute in node.attributes() {
            let name = attribute.name();
            assert!(!name.starts_with("on") && name != "href" && name != "style", "{name}");
        }
    }
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(!svg.contains(bad), "{:?}", svg.chars().find(|c| bad(*c)));
}

#[test]
fn hostile_text_stays_text() {
    for form in [Form::File, Form::Inline] {
        for name in &names() {
            let name = name.as_str();
            for about in [None, Some(name)] {
                let caption = Caption { id: "p1", title: name, about, form };
                let axes = Axes { x: name, y: name };
                let labels = [name, name];
                check(lines(&caption, name, &labels, &[Line { name, points: vec![1.0, 2.0] }]));
                check(bars(&caption, name, &[Bar { name, value: -1.0 }]));
                check(loglog(&caption, &axes, &[Curve { name, points: vec![(1.0, 2.0)] }]));
                let mark = Highlight { name, at: (0.0, 0.0) };
                check(frontier(&caption, &axes, &[(1.0, 2.0)], Some(mark)));
                let (days, accounts) = ([name.to_owned()], [name.to_owned()]);
                let cells = [Some(Mark::Diverged)];
                check(board(&caption, &Board { days: &days, accounts: &accounts, cells: &cells }));
            }
        }
    }
}

#[test]
fn a_name_keeps_its_letters() {
    let caption = Caption { id: "p", title: "a < b & \"c\"", about: Some("it's"), form: Form::Inline };
    let svg = bars(&caption, "bp", &[Bar { name: "BRK.B & <co>", value: 1.0 }]).unwrap();
    let tree = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<&str> = tree.descendants().filter_map(|node| node.text()).map(str::trim).collect();
    for wanted in ["a < b & \"c\"", "it's", "BRK.B & <co>"] {
        assert!(texts.contains(&wanted), "{texts:?}");
    }
}
