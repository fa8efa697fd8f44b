//! Links read the same everywhere: the page and the command line must agree on what a link asks.

use crate::test;
use lethe::experiments::limits::Limits;
use lethe::record::link::{Link, run_id, science};

/// (link, run id); the ids are the first 16 hex digits of SHA-256 over the science part, by sha256sum.
const LINKS: [(&str, &str); 3] = [
    ("#v=1&x=dynamics", "2895bea05a0ab3a0"),
    ("#v=1&x=width&w=8,16&lr=0.05&s=0..3", "99ac8207e523bc71"),
    ("#v=1&x=replay&act=tanh&par=ntk&p=0,0.05", "27adcbd5ac7ad988"),
];

#[test]
fn a_link_is_written_as_it_was_read_and_names_the_same_run_everywhere() {
    for (text, id) in LINKS {
        let (link, problems) = Link::read(text, &Limits::PAGE);
        assert_eq!(problems, [], "{text}");
        assert_eq!(format!("#{}", science(&link.spec)), text);
        assert_eq!(run_id(&link.spec), id, "{text}");
    }
}

#[test]
fn hostile_links_are_repaired_and_every_change_is_named() {
    for (text, field) in [
        ("#v=1&x=dynamics&w=NaN", "w"),
        ("#v=1&x=dynamics&w=-5", "w"),
        ("#v=1&x=dynamics&lr=1e999", "lr"),
        ("#v=1&x=dynamics&ft=99999999999999999999", "ft"),
        ("#v=1&x=nothing", "x"),
        ("#v=99&x=dynamics", "v"),
        ("#v=1&x=dynamics&zzz=1", "zzz"),
        ("#v=1&x=dynamics&s=0..4294967295", "s"),
    ] {
        let (_, problems) = Link::read(text, &Limits::PAGE);
        assert!(problems.iter().any(|problem| problem.field == field), "{text}: {problems:?}");
    }
}
