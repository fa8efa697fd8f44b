//! Links that have been handed out must mean the same for ever, and hostile ones must do no harm.

use lethe::error::Problem;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Experiment, Spec, associations, job, scaling};
use lethe::record::link::{Destination, Link, LinkTo, experiment_of, run_id, science};
use lethe::record::{Fingerprint, VIEW_KEYS};
use proptest::prelude::*;

/// One link a line: run id, canonical science part, the link as it was handed out. Lines are only ever added.
const CORPUS: &str = include_str!("corpus.txt");

#[test]
fn every_link_ever_handed_out_names_the_same_run() {
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut checked = 0;
    for line in lines {
        let [id, canonical, text] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("three columns: {line}") };
        let (link, _) = Link::read(text, &Limits::PAGE);
        assert_eq!(science(&link.spec), canonical, "{text}");
        assert_eq!(run_id(&link.spec), id, "{text}");
        checked += 1;
    }
    assert!(checked >= 30, "the corpus has {checked} links");
}

/// Every file that hands out links to readers.
const HANDED_OUT: [(&str, &str); 11] = [
    ("www/index.html", include_str!("../../www/index.html")),
    ("worksheet 1", include_str!("../../www/worksheets/1-what-is-forgotten.html")),
    ("worksheet 2", include_str!("../../www/worksheets/2-does-scale-help.html")),
    ("worksheet 3", include_str!("../../www/worksheets/3-how-much-replay.html")),
    ("README.md", include_str!("../../README.md")),
    ("docs/associations.md", include_str!("../../docs/associations.md")),
    ("docs/command-line.md", include_str!("../../docs/command-line.md")),
    ("docs/laws-experiment.md", include_str!("../../docs/laws-experiment.md")),
    ("docs/links.md", include_str!("../../docs/links.md")),
    ("docs/log.md", include_str!("../../docs/log.md")),
    ("docs/reproduce.md", include_str!("../../docs/reproduce.md")),
];

#[test]
fn every_link_in_the_page_the_worksheets_and_the_docs_is_canonical_and_within_the_page_s_limits() {
    for (file, text) in HANDED_OUT {
        let text = text.replace("&amp;", "&");
        let links: Vec<&str> = text
            .match_indices("#v=1&x=")
            .map(|(at, _)| &text[at..])
            .map(|rest| &rest[..rest.find(|c: char| c.is_whitespace() || "'\"`<|)".contains(c)).unwrap_or(rest.len())])
            .collect();
        assert!(!links.is_empty(), "{file} hands out no link");
        for text in links {
            let (written, problems) = written_again(text);
            assert_eq!(problems, vec![], "{file}: {text}");
            assert_eq!(written, text, "{file}");
        }
    }
}

/// A link as it is written once it was read, and what is wrong with it.
fn written_again(text: &str) -> (String, Vec<Problem>) {
    fn again<C: Destination>(text: &str, limits: &C::Limits) -> (String, Vec<Problem>) {
        let (link, problems) = LinkTo::<C>::read(text, limits);
        let (build, fingerprint) = (link.build.as_deref(), link.fingerprint.as_ref());
        (LinkTo::<C>::write(&link.spec, build, fingerprint, &link.view), problems)
    }
    match experiment_of(text).as_deref() {
        Some(scaling::NAME) => again::<scaling::CheckedSpec>(text, &scaling::Limits::PAGE),
        Some(associations::NAME) => again::<associations::CheckedSpec>(text, &scaling::Limits::PAGE),
        _ => again::<CheckedSpec>(text, &Limits::PAGE),
    }
}

/// A spec with any accepted values, by way of the texts that links accept.
fn any_link() -> impl Strategy<Value = String> {
    let widths = proptest::collection::btree_set(1u32..=512, 1..6);
    let fractions = proptest::collection::vec(0.0..=1.0f64, 1..4);
    (
        (0usize..3, widths, fractions, 0u32..4000, 1u32..4000),
        (1e-8..10.0f64, 0.0..5.0f64, -5.0..5.0f64, 2u32..600),
        (0usize..4, 0usize..3, 0usize..2, 0u32..1000, 1u32..12),
    )
        .prop_map(|((x, w, p, pre, ft), (lr, sd, y1, n), (act, par, lrw, first, seeds))| {
            let list = |items: Vec<String>| items.join(",");
            format!(
                "#v=1&x={}&w={}&p={}&pre={pre}&ft={ft}&lr={lr}&sd={sd}&y1={y1}&n={n}&act={}&par={}&lrw={}&s={first}..{}",
                Experiment::all().nth(x).unwrap().name(),
                list(w.iter().map(ToString::to_string).collect()),
                list(p.iter().map(ToString::to_string).collect()),
                ["relu", "tanh", "erf", "linear"][act],
                ["standard", "ntk", "meanfield"][par],
                ["const", "inv"][lrw],
                first + seeds,
            )
        })
}

proptest! {
    #[test]
    fn what_a_link_says_is_what_it_says_when_written_and_read_again(text in any_link()) {
        let (link, problems) = Link::read(&text, &Limits::NATIVE);
        prop_assume!(problems.is_empty());
        let written = Link::write(&link.spec, Some("0.1.0"), None, &[("t".to_owned(), "90 &%".to_owned())]);
        let (again, problems) = Link::read(&written, &Limits::NATIVE);
        prop_assert_eq!(problems, vec![]);
        prop_assert_eq!(&again.spec, &link.spec);
        prop_assert_eq!(again.view, vec![("t".to_owned(), "90 &%".to_owned())]);
        prop_assert!(written.len() < 2000);
    }

    #[test]
    fn no_text_makes_the_reader_panic_and_what_comes_out_is_always_accepted(text in "[#&=vxwpslrtn0-9.,@e%a-z\u{e9}-]{0,300}") {
        let (link, _) = Link::read(&text, &Limits::PAGE);
        let spec = Spec::clone(&link.spec);
        prop_assert!(job::work(&spec) <= Limits::PAGE.work);
        prop_assert!(spec.check(&Limits::PAGE).is_ok());
    }

    #[test]
    fn any_value_of_any_key_is_taken_or_named(key in "[a-z0-9]{1,4}", value in "\\PC{0,40}") {
        let text = format!("#v=1&{key}={}", value.replace(['&', '#', '='], "_"));
        let (link, problems) = Link::read(&text, &Limits::PAGE);
        let taken = science(&link.spec).contains(&format!("&{key}=")) || ["v", "x", "b", "fp"].contains(&key.as_str());
        let is_view = VIEW_KEYS.contains(&key.as_str());
        let default = Link::read("#v=1", &Limits::PAGE).0.spec == link.spec;
        prop_assert!(taken || is_view || default);
        prop_assert!(problems.iter().all(|p| !p.accepted.is_empty() && p.used.is_some()));
    }

    #[test]
    fn fingerprints_survive_being_written(hash in "[0-9a-f]{8}", medians in proptest::collection::vec(1e-9f32..1e3, 0..=12)) {
        let rough = Fingerprint { engine: 'c', hash, medians };
        let once = Fingerprint::parse(&rough.to_string()).expect("what was written is read");
        prop_assert_eq!(Fingerprint::parse(&once.to_string()), Some(once.clone()));
        for (kept, full) in once.medians.iter().zip(&rough.medians) {
            prop_assert!((kept - full).abs() <= full.abs() / 1000.0);
        }
    }

    #[test]
    fn no_text_makes_the_fingerprint_reader_panic(text in "\\PC{0,80}") {
        let _ = Fingerprint::parse(&text);
    }
}

#[test]
fn every_problem_of_a_link_is_named_at_once() {
    let (_, problems) = Link::read("#v=7&x=width&w=0,4&lr=-1&sd=nan&p=2&zz=1&w=9&opt=adamw&fp=x", &Limits::PAGE);
    let mut fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["fp", "lr", "opt", "p", "sd", "v", "w", "w", "zz"]);
}

#[test]
fn an_absurd_run_is_cut_and_the_cap_is_explained() {
    let text = "#v=1&x=replay&w=4096,2048&pre=100000&ft=100000&n=4096&s=0..1023";
    let (link, problems) = Link::read(text, &Limits::PAGE);
    assert!(job::work(&link.spec) <= Limits::PAGE.work);
    let problem = problems.iter().find(|problem| problem.field == "work").expect("the cap is named");
    assert!(problem.accepted.contains(Limits::PAGE.why), "{problem}");
}

#[test]
fn links_survive_what_chat_programs_do_to_them() {
    let (plain, _) = Link::read("#v=1&x=width&w=4,16&rs=0@0,0.3@400", &Limits::PAGE);
    for text in [
        "https://example.org/lab/index.html#v=1&x=width&w=4%2C16&rs=0%400%2C0.3%40400",
        "  #v=1&x=width&w=4,16&rs=0@0,0.3@400\n",
        "v=1&&x=width&w=4,16&rs=0@0,0.3@400&",
    ] {
        let (link, problems) = Link::read(text, &Limits::PAGE);
        assert_eq!(problems, [], "{text}");
        assert_eq!(link.spec, plain.spec, "{text}");
    }
}

#[test]
fn the_page_takes_deep_networks_and_mitigations() {
    for link in ["v=1&x=mitigations&s=0", "v=1&d=3&s=0", "v=1&bl=norm&s=0", "v=1&x=mitigations&d=2&mit=ewc@1&s=0"] {
        let (read, problems) = Link::read(link, &Limits::PAGE);
        assert_eq!(problems, [], "{link}");
        assert!(read.spec.is_deep() || read.spec.experiment.mitigates(), "{link}");
    }
}

#[test]
fn what_a_build_has_no_engine_for_is_refused_by_name() {
    let shallow = Limits { deep: false, ..Limits::NATIVE };
    for (link, field, used) in [("v=1&d=3&s=0", "depth", "1"), ("v=1&bl=norm&s=0", "block", "plain")] {
        let (read, problems) = Link::read(link, &shallow);
        let named = problems.iter().find(|problem| problem.field == field).expect(link);
        assert_eq!(named.used.as_deref(), Some(used), "{link}");
        assert!(named.accepted.contains("without the engine of deep networks"), "{link}: {}", named.accepted);
        assert!(!read.spec.is_deep(), "{link}");
    }
}
