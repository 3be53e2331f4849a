//! Protects the bytes of pictures: `fixtures/charts` holds every kind in both forms. To write them again:
//! `cargo run -p samebits-charts --example pictures -- fixtures/charts`.

use crate::scenes::scenes;
use std::path::Path;

#[test]
fn every_picture_is_the_frozen_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/charts");
    for (name, svg) in scenes().unwrap() {
        let frozen = std::fs::read_to_string(folder.join(&name)).unwrap();
        assert!(frozen == svg, "{name} is not the frozen one");
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), scenes().unwrap().len());
}

#[test]
fn every_picture_says_what_it_shows() {
    for (name, svg) in scenes().unwrap() {
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let root = tree.root_element();
        let id = name.trim_end_matches(".svg").trim_end_matches("-inline");
        assert_eq!((root.attribute("role"), root.attribute("width")), (Some("img"), Some("100%")), "{name}");
        assert_eq!(root.attribute("height"), None, "{name}");
        assert!(root.attribute("viewBox").unwrap().starts_with("0 0 1200 "), "{name}");
        let text = |tag: &str| {
            let node = root.children().find(|node| node.has_tag_name(tag)).unwrap();
            assert_eq!(node.attribute("id"), Some(format!("{id}-{tag}").as_str()));
            node.text().unwrap().to_owned()
        };
        assert_eq!(root.attribute("aria-labelledby"), Some(format!("{id}-title {id}-desc").as_str()));
        assert_eq!(text("title"), "A title");
        let about = text("desc");
        assert!(about.ends_with('.') && about.len() > 8, "{name}: {about}");
        let styles = tree.descendants().filter(|node| node.has_tag_name("style"));
        let styles: Vec<_> = styles.map(|node| node.text().unwrap()).collect();
        let inline = name.contains("inline");
        assert_eq!(styles, if inline { vec![] } else { vec![samebits_charts::STYLE] }, "{name}");
        assert!(tree.descendants().all(|node| node.attribute("style").is_none()), "{name}");
        // Nothing outside the view box.
        for node in tree.descendants() {
            for x in ["x", "cx"].iter().filter_map(|key| node.attribute(*key)) {
                assert!(x.split(' ').all(|x| (0..=1200).contains(&x.parse::<i32>().unwrap())), "{name}: {x}");
            }
        }
    }
}

#[test]
fn figures_of_the_descriptions() {
    let of = |wanted: &str| scenes().unwrap().into_iter().find(|(name, _)| name == wanted).unwrap().1;
    for (name, part) in [
        ("lines.svg", "account: first 100 (2016-05-02), last 108.5 (2016-05-24), lowest 99.6"),
        ("lines-one.svg", "predicted: first 31.25 (2016-05-02), last 31.25"),
        ("lines-none.svg", "No points."),
        (
            "bars.svg",
            "3 bars: first tax 3.25, last tracking error -1.5, lowest tracking error -1.5, highest tax",
        ),
        (
            "loglog.svg",
            "active-set/1: from 0.2 at 100 to 21 at 1000. clarabel/1: from 6 at 100 to 300 at 500. third",
        ),
        ("frontier.svg", "12 points, from 30 at 40 to 2.5 at 95. recorded: 7.5 at 55."),
        (
            "board.svg",
            "33 days from day 0 to day 32, 2 accounts: 61 identical (I), 1 diverged (D), 1 answers differ (X), \
             1 failed (F), 1 not answered (.). The first others: 01-taxable on day 5 diverged; 01-taxable on day \
             14 answers differ; 01-taxable on day 23 failed.",
        ),
    ] {
        assert!(of(name).contains(part), "{name}: {}", of(name));
    }
}

#[test]
fn no_line_is_told_by_its_color_alone() {
    let dashes: std::collections::BTreeSet<&str> =
        samebits_charts::colors::SERIES.iter().map(|(_, dashes)| *dashes).collect();
    assert_eq!(dashes.len(), samebits_charts::colors::SERIES.len(), "every series has dashes of its own");
    let of = |wanted: &str| scenes().unwrap().into_iter().find(|(name, _)| name == wanted).unwrap().1;
    let svg = of("lines.svg");
    for (_, dashes) in &samebits_charts::colors::SERIES[1..3] {
        assert_eq!(svg.matches(&format!("stroke-dasharray=\"{dashes}\"")).count(), 2, "a line and its name");
    }
    let board = of("board.svg");
    let tree = roxmltree::Document::parse(&board).unwrap();
    let rows = tree.descendants().filter_map(|node| Some((node.attribute("x")?, node.text()?)));
    let letters: String = rows.filter(|(x, _)| x.contains(' ')).map(|(_, text)| text).collect();
    assert_eq!(letters.len(), 65, "{letters}");
    for letter in ["I", "D", "X", "F", "."] {
        assert!(letters.contains(letter), "{letters}");
    }
}
