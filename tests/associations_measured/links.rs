//! Links to the experiment.

use lethe::experiments::associations::{FIELDS, Spec};
use lethe::experiments::scaling::Limits;
use lethe::record::associations::Link;
use lethe::record::link::science;

#[test]
fn the_default_is_the_shortest_link() {
    let (link, problems) = Link::read("#v=1&x=associations", &Limits::PAGE);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((Spec::clone(&link.spec), science(&link.spec).as_str()), (Spec::default(), "v=1&x=associations"));
}

#[test]
fn every_field_survives_a_link() {
    let text = "#v=1&x=associations&wo=permuted&m=small&mb=1&tk=news,text&nt=3&n=9&tun=lora&r=3&lr=0.002&lrf=0.0003\
                &lrn=0.2&w=7&wu=5&bs=4&ft=30&s=1,4&arm=random,mir&na=1&rr=0.25&obs=7&tem=0.5&ho=0.3";
    let (link, problems) = Link::read(text, &Limits::PAGE);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(format!("#{}", science(&link.spec)), text);
    for field in FIELDS {
        assert!(text.contains(&format!("&{}=", field.key)), "{} is in the link of this test", field.key);
        assert_ne!((field.show)(&link.spec), (field.show)(&Spec::default()), "{}", field.key);
    }
}

#[test]
fn what_is_wrong_is_named_and_mended() {
    for (text, field, used) in [
        ("#x=associations&r=900", "r", "64"),
        ("#x=associations&wo=moon", "wo", "language"),
        ("#x=associations&m=huge", "m", "medium"),
        ("#x=associations&ft=soon", "ft", "100"),
        ("#x=associations&nonsense=1", "nonsense", "nothing"),
    ] {
        let (_, problems) = Link::read(text, &Limits::PAGE);
        let problem = problems.iter().find(|problem| problem.field == field);
        assert_eq!(problem.and_then(|problem| problem.used.as_deref()), Some(used), "{text}: {problems:?}");
    }
    let (link, problems) = Link::read("#x=associations&m=large&ft=20000&bs=64&s=0..15", &Limits::PAGE);
    assert!(link.spec.steps < 20_000 && problems.iter().any(|problem| problem.field == "steps"), "{problems:?}");
}
