//! A store of a few days, with an account whose every name is hostile, and answers of a fleet.
#![allow(dead_code, reason = "shared with the store of the browser's tests")]

use samebits_canon::Isa;
use samebits_panel::Panel;
use samebits_replay::Machine;
use samebits_replay::simulate::{Settings, World, demo_accounts, method, simulate};
use samebits_snapshot::{DaySections, Digest, input_ids, pack_shared};
use samebits_store::{Access, Answer, Found, Key, NewRun, Opener, Store};
use std::path::Path;
use std::sync::Arc;

/// An account that is markup.
pub(crate) const ACCOUNT: &str = "<script>document.title='taken'</script>/../\"onload='x'";
/// The begin of a ticker that turns the direction of what follows.
pub(crate) const TICKER: &str = "\u{202e}</table><img src=x onerror=alert(1)>";
/// What a machine of the fleet said.
pub(crate) const PROBLEM: &str = "<b>no</b> solver\u{200b}";

/// No test depends on time.
pub(crate) fn clock() -> u64 {
    0
}

fn machine() -> Machine<'static> {
    Machine { code: "<i>code</i>", name: "machine & sons", isa: Isa::detect(), clock: &clock }
}

/// Four days of two accounts, then one day of the hostile one, recorded by a name of a megabyte.
pub(crate) fn record(path: &Path) {
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices");
    let world = World::plain(Panel::load(&prices).unwrap());
    let mut plans = demo_accounts().unwrap();
    plans.truncate(2);
    let settings = Settings {
        days: 4,
        accounts: &plans,
        threads: 2,
        machine: machine(),
        actor: "test",
        recorded_at: 1_500_000_000_000_000_000,
        method: method(),
        execution: None,
    };
    simulate(&world, &mut Store::create(path).unwrap(), &settings, &mut |_| {}).unwrap();
    hostile(path);
    answers(path);
}

fn hostile(path: &Path) {
    let reading = samebits_replay::open(path).unwrap();
    let first = reading.find("A1/0").unwrap();
    let mut inputs = reading.get(&first.run_id).unwrap().run.inputs;
    ACCOUNT.clone_into(&mut inputs.question.account);
    inputs.question.sequence = 0;
    let market = Arc::make_mut(&mut inputs.market);
    for (at, security) in market.securities.iter_mut().enumerate() {
        security.ticker = format!("{TICKER}{at}");
    }
    for sector in &mut market.sectors {
        *sector = format!("<style>*{{display:none}}</style>{sector}");
    }
    let ids = input_ids(&inputs).unwrap();
    let (run, _) = samebits_replay::record(inputs, &ids, method(), &machine()).unwrap();
    let packed = pack_shared(&run, &DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap()).unwrap();
    let actor = "<a href=javascript:alert(1)>x</a>".repeat(32_000);
    let new = NewRun { packed: &packed, run: &run, actor: &actor, recorded_at: i64::MAX };
    samebits_replay::equipped(Store::create(path).unwrap()).append(&[new]).unwrap();
}

/// A1/0 was decided again as it is, A2/0 otherwise, A1/1 could not be.
fn answers(path: &Path) {
    let store = samebits_replay::open(path).unwrap();
    let heads = ["A1/0", "A2/0", "A1/1"].map(|name| store.find(name).unwrap());
    let found = [
        Found::Outcome { result_id: heads[0].result_id, stage: None },
        Found::Outcome { result_id: Digest::of("test", b"other"), stage: Some("trades".to_owned()) },
        Found::Failed(PROBLEM.to_owned()),
    ];
    let answer = |(head, found): (&samebits_store::RunHead, Found)| Answer {
        key: Key { inputs_id: head.inputs_id, solver: head.solver.clone() },
        run_id: head.run_id,
        found,
        worker: "w".to_owned(),
        machine: "m".to_owned(),
        code: "1".to_owned(),
        answered_at: 1,
        took_ns: 1,
    };
    let answers: Vec<Answer> = heads.iter().zip(found).map(answer).collect();
    let place = Opener::from(path).location().of_answers();
    let opener = Opener::new(place, samebits_store::Drivers::default());
    opener.answers(Access::Create).unwrap().add(&answers).unwrap();
}
