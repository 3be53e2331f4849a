//! Problem files, scenarios, attestations: their limits are their own.

use crate::{bomb, refusal};
use samebits_attest::{Attestation, MAX_BYTES, Proof, PublicKey, SecretKey};
use samebits_instances::{Error, Limits, read_within};
use std::fmt::Write;

const LIMITS: Limits = Limits { unpacked: 1 << 20, assets: 512, memory: 1 << 23 };

fn problem(name: &str, bytes: &[u8]) -> Result<(), Error> {
    bomb(name, LIMITS.memory, || read_within(bytes, &LIMITS).map(drop))
}

#[test]
fn packed_problems() {
    let most = LIMITS.unpacked as usize;
    for (byte, length) in [(b'{', most), (b'{', most + 1), (b'[', 64 << 20), (b' ', most), (0xdd, most)] {
        let bytes = zstd::bulk::compress(&vec![byte; length], 19).unwrap();
        assert!(problem("a packed problem", &bytes).is_err());
        let bytes = zstd::encode_all(&vec![byte; length][..], 3).unwrap();
        assert!(problem("a stream", &bytes).is_err());
    }
    for log in [20, 21, 27, 31, 41] {
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 3, 0, 16, b'{'];
        let found = problem("a window", &frame);
        assert!(matches!(found, Err(Error::Compressed(_))) || log == 20, "{log}: {found:?}");
    }
}

#[test]
fn json_problems() {
    let most = LIMITS.unpacked as usize;
    let fields = |n: usize, more: &str| {
        let list = |value: &str| format!("[{}]", vec![value; n].join(","));
        let (zero, one) = (list("0"), list("1"));
        format!(
            "{{\"name\":\"x\",\"n\":{n},\"gamma\":1,\"benchmark\":{zero},\"long_weight\":{zero},\"short_weight\":{zero},\
             \"buy_max\":{one},\"cost_buy\":{zero},\"cost_sell\":{zero},\"long_max\":{one},\"net_min\":0,\
             \"net_max\":1,\"short\":{{\"open_max\":1,\"borrow\":{zero}}},{more}"
        )
    };
    let fill = |start: String, part: &str, end: &str| {
        let times = most.saturating_sub(start.len() + end.len()) / part.len();
        let whole = part.repeat(times);
        format!("{start}{}{end}", whole.trim_end_matches(','))
    };
    for n in [0, 1, 2, 100, 512, 513] {
        let sigma = format!("[{}]", vec![format!("[{}]", vec!["1"; n].join(",")); n].join(","));
        let with = |more: &str| fields(n, &format!("\"sigma\":{sigma},{more}"));
        for text in [
            fill(with("\"lots\":["), "{\"asset\":0,\"weight\":0,\"tax_per_unit\":0},", "]}"),
            fill(with("\"lots\":[],\"groups\":["), "{\"members\":[],\"limit\":1},", "]}"),
            fill(with("\"lots\":[],\"groups\":[{\"limit\":1,\"members\":["), "0,", "]}]}"),
            fill(with("\"lots\":[],\"factor_limit\":["), "1,", "]}"),
            fill(with("\"lots\":[],\"name2\":"), "[", ""),
            fill(fields(n, "\"lots\":[],\"sigma\":["), "[],", "]}"),
            fill(fields(n, "\"lots\":[],\"sigma\":[["), "1,", "]]}"),
            fill(fields(n, "\"lots\":[],\"sigma_f32_le_base64_row_major\":\""), "AAAA", "\"}"),
        ] {
            let _ = problem("a problem", text.as_bytes());
        }
    }
    let many = format!("{{\"name\":\"x\",\"n\":{},", u64::MAX);
    assert!(problem("many assets", many.as_bytes()).is_err());
}

#[test]
fn general_problems() {
    let most = LIMITS.unpacked as usize;
    let key = |name: &str| [&[0xa0 | name.len() as u8], name.as_bytes()].concat();
    let list = |count: u32| [&[0xdd][..], &count.swap_bytes().to_le_bytes()].concat();
    for name in ["p_ptr", "p_idx", "p_val", "q", "a_val", "lb"] {
        for (count, item) in [(u32::MAX, 0_u8), (most as u32 - 100, 0), (most as u32 - 100, 0xc0), (1, 0x91)]
        {
            let items = vec![item; most - 100];
            let bytes = [&[0x8f][..], &key(name), &list(count), &items].concat();
            assert!(problem("a general problem", &bytes).is_err());
        }
    }
    assert!(
        problem("a long name", &[&[0x8f][..], &key("name"), &[0xdb, 0xff, 0xff, 0xff, 0xff]].concat())
            .is_err()
    );
    assert!(problem("levels", &vec![0x91; most]).is_err());
    assert!(problem("beyond the limit", &vec![0x91; most + 1]).is_err());
}

/// A file of the gate is at most 64 KiB; what it says comes to at most 16 MiB.
#[test]
fn scenarios() {
    const LONGEST: usize = 1 << 16;
    let fill = |start: &str, part: &str, end: &str| {
        format!("{start}{}{end}", part.repeat((LONGEST - start.len() - end.len()) / part.len()))
    };
    let head = "about = \"x\"\nversion = \"1\"\n";
    for text in [
        fill(head, "[[symbol]]\n", ""),
        fill(head, "[[strategy]]\n", ""),
        fill(head, "[[strategy]]\nname=\"\"\n", ""),
        fill(head, "[[symbol]]\nfees=[{from=0,maker=0,taker=0}]\n", ""),
        fill(&format!("{head}[[symbol]]\nfees=["), "{from=0,maker=0,taker=0},", "]"),
        fill(&format!("{head}kills=["), "\"\",", "]"),
        fill(&format!("{head}tape=["), "\"x\",", "]"),
        fill(&format!("{head}kills="), "[", ""),
        fill(&format!("{head}kills="), "{a=", ""),
        fill(head, "a.", ""),
        fill(head, "[a]\n", ""),
        fill(head, "#\n", ""),
        fill(head, "\n", ""),
        fill("about=\"\"\"", "\\n", "\"\"\"\n"),
    ] {
        let path = std::path::Path::new("group/name/scenario.toml");
        let read = || samebits_gate::Scenario::parse(path, &text).map(|scenario| drop(scenario.check()));
        let _ = bomb("a scenario", 8 << 20, read);
    }
    let path = std::path::Path::new("group/name/scenario.toml");
    let long = format!("{head}{}", "#".repeat(LONGEST));
    let found = refusal("a long scenario", || samebits_gate::Scenario::parse(path, &long).map(drop));
    assert!(found.unwrap_err().to_string().contains("at most 65536"));
}

/// An attestation or a proof is at most a mebibyte; what it says comes to at most eight times that.
#[test]
fn attestations() {
    let zeros = "0".repeat(64);
    let head = format!("samebits attestation 1\nstore x\ndays 2017-02-08 2017-02-09\nprevious {zeros}\n");
    let day = format!("day 2017-02-08 1 {zeros} {zeros}\n");
    let run = format!("run A 1 {zeros}\n");
    let proof = format!(
        "samebits inclusion 1\nday 2017-02-08\nrun A 1\nrun_id {zeros}\nlink {zeros}\nplace 0 {}\n",
        u64::MAX
    );
    let fill =
        |start: &str, part: &str| format!("{start}{}", part.repeat((MAX_BYTES - start.len()) / part.len()));
    let mut texts = vec![
        fill(&head, &day),
        fill(&format!("{head}{day}"), &run),
        fill(&format!("{head}{day}"), "run  1 "),
        fill(&proof, &format!("path {zeros}\n")),
        fill(&proof, "path "),
        fill("samebits attestation 1\nstore ", "%41"),
        fill("samebits attestation 1\nstore ", "\u{1}"),
        fill("-----BEGIN PUBLIC KEY-----\n", "A"),
        fill("-----BEGIN PRIVATE KEY-----\n", "A"),
        fill("", "\n"),
        fill("", " "),
    ];
    let mut whole = fill(&format!("{head}{day}"), &run);
    whole.truncate(whole.len() - 4 * run.len());
    let _ = write!(whole, "key {}\nsignature {zeros}{zeros}\n", SecretKey::from_seed([1; 32]).public());
    texts.push(whole);
    for text in &texts {
        let bytes = text.as_bytes();
        let declared = 4 * MAX_BYTES as u64;
        assert!(bomb("an attestation", declared, || Attestation::read(bytes).map(drop)).is_err());
        let _ = bomb("a proof", declared, || Proof::read(bytes).map(drop));
        assert!(bomb("a key", declared, || PublicKey::from_pem(bytes).map(drop)).is_err());
        assert!(bomb("a secret", declared, || SecretKey::from_pem(bytes).map(drop)).is_err());
    }
    let long = vec![b'\n'; MAX_BYTES + 1];
    assert!(refusal("too long", || Attestation::read(&long).map(drop)).is_err());
    assert!(refusal("too long", || Proof::read(&long).map(drop)).is_err());
}
