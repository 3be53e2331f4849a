//! `samebits explain`

use crate::exit::Exit;
use crate::output::{Output, table};
use anyhow::Context;
use samebits_present::{FAMILIES, Page, page};
use serde_json::{Value, json};

pub(crate) fn run(code: Option<&str>, output: Output) -> anyhow::Result<Exit> {
    match code {
        Some(code) => {
            let page = page(code)
                .with_context(|| format!("no error has the code `{code}`; `samebits explain` lists all"))?;
            output.json(&form(page));
            output.verdict(format!("{}: {}\n\n{}", page.code, page.title, page.help));
        }
        None => list(output),
    }
    Ok(Exit::Same)
}

fn list(output: Output) {
    let pages = || FAMILIES.iter().flat_map(|family| family.pages).map(|(_, page)| page);
    output.json(&Value::Array(pages().map(form).collect()));
    for family in FAMILIES {
        output.line(format!("\n{}", family.about));
        let mut list = table(&["code", "what happened"], &[]);
        for (_, page) in family.pages {
            list.add_row([page.code, page.title]);
        }
        output.line(list);
    }
    output.verdict(format!("{} codes; next: samebits explain CODE", pages().count()));
}

fn form(page: &Page) -> Value {
    json!({ "code": page.code, "title": page.title, "help": page.help })
}
