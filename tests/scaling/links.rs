//! Links and settings.

use lethe::experiments::scaling::{FIELDS, Family, Limits, Spec, cells, work};
use lethe::model::Size;
use lethe::record::scaling::{Link, run_id, science};
use proptest::prelude::*;

use crate::spec;

#[test]
fn the_default_is_the_shortest_link() {
    let (link, problems) = Link::read("#v=1&x=laws", &Limits::PAGE);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(*link.spec, Spec::default());
    assert_eq!(science(&link.spec), "v=1&x=laws");
    assert_eq!(link.spec.tokens(), 6.0 * 3.0 * 200.0 * 256.0);
}

#[test]
fn every_field_survives_a_link() {
    let text = "#v=1&x=laws&m=small,large&mb=1&set=news&r=3,5&fam=full,ia3,top1&tgt=qv&al=4&sc=plain&do=0.1&lr=0.002\
                &lrf=0.0003&lri=0.02&wu=5&bs=4&ft=30&win=16&p=0,0.25&s=1,4";
    let (link, problems) = Link::read(text, &Limits::PAGE);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(format!("#{}", science(&link.spec)), text);
    let written = Link::write(&link.spec, None, None, &[]);
    assert_eq!(Link::read(&written, &Limits::PAGE).0.spec, link.spec);
    for field in FIELDS {
        assert!(text.contains(&format!("&{}=", field.key)), "{} is in the link of this test", field.key);
        assert_ne!((field.show)(&link.spec), (field.show)(&Spec::default()), "{}", field.key);
    }
    let all = cells(&link.spec);
    assert_eq!(all.len(), 2 * (2 + 3) * 2);
    assert!(all.iter().any(|cell| cell.size == Size::Large && cell.family == Family::Top(1) && cell.replay == 0.25));
}

#[test]
fn what_is_wrong_is_named_and_mended() {
    for (text, field, used) in [
        ("#x=laws&r=0,900", "r", "1,64"),
        ("#x=laws&set=wikipedia", "set", "orca"),
        ("#x=laws&p=1.5", "p", "0.9"),
        ("#x=laws&m=huge", "m", "medium"),
        ("#x=laws&ft=soon", "ft", "200"),
        ("#x=laws&fp=zzz", "fp", "no fingerprint"),
        ("#x=laws&nonsense=1", "nonsense", "nothing"),
        ("#x=laws&fam=top3", "families", "the others"),
    ] {
        let (_, problems) = Link::read(text, &Limits::PAGE);
        let problem = problems.iter().find(|problem| problem.field == field);
        assert_eq!(problem.and_then(|problem| problem.used.as_deref()), Some(used), "{text}: {problems:?}");
    }
    assert!(Link::read_strictly("#x=laws&r=0", &Limits::NATIVE).is_err());
    assert_eq!(Link::read_strictly("#x=laws&nonsense=1", &Limits::NATIVE).expect("only a warning").1.len(), 1);
}

#[test]
fn a_run_beyond_measure_is_capped() {
    let (link, problems) = Link::read("#x=laws&m=large&ft=20000&bs=64&s=0..31", &Limits::PAGE);
    assert!(work(&link.spec) <= Limits::PAGE.work);
    assert!(problems.iter().any(|problem| problem.field == "seeds"));
    assert!(Link::read("#x=laws", &Limits::UNASKED).1.is_empty(), "the default run may start by itself");
}

/// Links that have been handed out name the same run for ever. Lines are only ever added.
#[test]
fn every_link_ever_handed_out_names_the_same_run() {
    for (id, text) in [
        ("4350bfd0ce2eb504", "#v=1&x=laws"),
        ("1321530f31e26c1e", "#v=1&x=laws&p=0,0.05,0.2"),
        ("21a53e9c7ed54348", "#v=1&x=laws&fam=full,ia3,top1"),
        ("053989338a86a0cd", "#v=1&x=laws&set=news&r=8&lr=0.003&ft=600&s=0"),
    ] {
        let (link, problems) = Link::read(text, &Limits::PAGE);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!((run_id(&link.spec).as_str(), format!("#{}", science(&link.spec)).as_str()), (id, text));
    }
}

proptest! {
    #[test]
    fn no_text_does_harm(text in "[#&=vxmbsetrfagploduwin0-9.,@e%-]{0,200}") {
        let (link, _) = Link::read(&format!("#x=laws&{text}"), &Limits::PAGE);
        prop_assert!(work(&link.spec) <= Limits::PAGE.work);
        prop_assert!(Spec::clone(&link.spec).check(&Limits::PAGE).is_ok());
        let written = Link::write(&link.spec, None, None, &[]);
        prop_assert!(written.len() < 2000);
        prop_assert_eq!(Link::read(&written, &Limits::PAGE), (Link { build: None, fingerprint: None, view: Vec::new(), ..link }, Vec::new()));
    }
}

#[test]
fn the_id_is_of_the_science_alone() {
    let (link, _) = Link::read("#v=1&x=laws&ft=50&ui.theme=dark&b=0.0.1", &Limits::PAGE);
    assert_eq!(run_id(&link.spec), run_id(&spec(|spec| spec.steps = 50)));
    assert_ne!(run_id(&link.spec), run_id(&spec(|_| ())));
}
