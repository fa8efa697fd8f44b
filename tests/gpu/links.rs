//! The random settings as links, for the same comparison in a browser (`tests/browser/gpu`).
//!
//! The file is remade by `UPDATE_GOLDEN=1 cargo test --test gpu`.

use lethe::data::World;
use lethe::experiments::CheckedSpec;
use lethe::experiments::limits::Limits;
use lethe::record::Link;
use serde_json::{Value, json};

use crate::specs;
use crate::yardstick::Yardstick;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/gpu/random_runs.json");
/// Runs in the world of two Gaussians.
const RUNS: usize = 8;
/// Runs in each of the others: every run makes the browser compile kernels of its own.
const RUNS_IN_A_WORLD: usize = 1;

fn runs() -> Vec<Value> {
    let others = World::all().filter(|world| *world != World::default());
    let in_worlds = others.flat_map(|world| first(RUNS_IN_A_WORLD, move |number| specs::draw_in(world, number)));
    first(RUNS, specs::draw).into_iter().chain(in_worlds).collect()
}

/// The first drawn settings that a page takes and whose endings rounding does not decide, each with how far the
/// medians of another engine's record may be from the reference's.
fn first(count: usize, draw: impl Fn(u64) -> CheckedSpec) -> Vec<Value> {
    let drawn = (1000..).map(|number| {
        let spec = (*draw(number)).clone().repair(&Limits::PAGE).0;
        let yardstick = Yardstick::new(&spec);
        let link = Link::write(&spec, None, None, &[]);
        yardstick.of_medians().map(|tolerance| json!({ "link": link, "tolerance": tolerance }))
    });
    drawn.flatten().take(count).collect()
}

#[test]
fn the_links_of_the_browsers_lane_are_those_of_the_generator() {
    let made = runs();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let lines: Vec<String> = made.iter().map(|run| format!("  {run}")).collect();
        std::fs::write(FILE, format!("[\n{}\n]\n", lines.join(",\n"))).expect("a file that can be written");
    }
    let kept: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(FILE).expect("the file")).expect("JSON");
    assert_eq!(kept, made);
}
