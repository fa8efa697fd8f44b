//! Replay that changes in time, exactly and in reduced coordinates.

use lethe::kernel::{Reduced, Rule, Schedule, Segment};
use ndarray::Array1;
use proptest::prelude::*;

use crate::dynamics::{any_model, any_replay, any_steps, rule};
use crate::explicit::{Explicit, Sizes, error};

fn segments(parts: &[(f64, usize)]) -> Schedule {
    let segment = |&(replay, steps): &(f64, usize)| Segment { replay, duration: steps as f64 };
    Schedule::new(parts.iter().map(segment).collect()).unwrap()
}

fn at_end(model: &Explicit, schedule: &Schedule, rule: Rule) -> Array1<f64> {
    let found = model.linearised().trajectory(&model.mixture(), schedule, rule, &[schedule.duration()]);
    found.unwrap().row(0).to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn schedules_equal_the_model_trained_step_by_step(
        model in any_model(), how in any_steps(), parts in prop::collection::vec((any_replay(), 0..150usize), 1..6), within in 0.0..1.0f64,
    ) {
        let (rule, schedule) = (rule(&model, how), segments(&parts));
        let cut = (within * schedule.duration()) as usize;
        // What is trained up to the cut.
        let mut left = cut;
        let trained: Vec<_> = parts.iter().map(|&(p, steps)| {
            let here = steps.min(left);
            left -= here;
            (model.weights(p), here)
        }).collect();
        let expected = model.trained(&trained, rule);
        let times = [schedule.duration(), cut as f64];
        let found = model.linearised().trajectory(&model.mixture(), &schedule, rule, &times).unwrap();
        prop_assert!(error(&found.row(1).to_owned(), &expected, &model.start) < 1e-10);
        // And in reduced coordinates that leave nothing out.
        let reduced = Reduced::new(&model.linearised(), &model.mixture(), 0.0).unwrap();
        prop_assert!(reduced.truncation.rank <= model.jacobian.ncols().min(model.residuals.len()));
        let found = reduced.trajectory(&schedule, rule, &times).unwrap();
        prop_assert!(error(&found.row(1).to_owned(), &expected, &model.start) < 1e-10);
    }

    #[test]
    fn reduced_flow_equals_exact_flow(model in any_model(), parts in prop::collection::vec((any_replay(), 0.0..9.0f64), 1..5)) {
        let schedule = Schedule::new(parts.iter().map(|&(replay, duration)| Segment { replay, duration }).collect()).unwrap();
        let exact = at_end(&model, &schedule, Rule::Flow);
        let reduced = Reduced::new(&model.linearised(), &model.mixture(), 0.0).unwrap();
        let found = reduced.trajectory(&schedule, Rule::Flow, &[schedule.duration()]).unwrap();
        prop_assert!(error(&found.row(0).to_owned(), &exact, &model.start) < 1e-9);
    }

    #[test]
    fn splitting_a_segment_changes_nothing(model in any_model(), p in any_replay(), how in any_steps(), a in 0..99usize, b in 1..99usize) {
        for rule in [rule(&model, how), Rule::Flow] {
            let whole = at_end(&model, &segments(&[(p, a + b)]), rule);
            let split = at_end(&model, &segments(&[(p, a), (p, b)]), rule);
            prop_assert!(error(&split, &whole, &model.start) < 1e-10);
        }
    }

    #[test]
    fn order_matters_exactly_when_tasks_interact(seed in any::<u64>(), first in 0.0..0.4f64, second in 0.6..1.0f64) {
        let model = Explicit::random(Sizes { new: 3, old: 3, parameters: 12, points: 4 }, seed);
        let apart = model.clone().uncoupled();
        let swapped = |model: &Explicit| {
            let [there, back] = [[(first, 3), (second, 2)], [(second, 2), (first, 3)]].map(|parts| at_end(model, &segments(&parts), Rule::Flow));
            error(&back, &there, &model.start)
        };
        prop_assert!(swapped(&model) > 1e-6);
        prop_assert!(swapped(&apart) < 1e-12);
    }
}

#[test]
fn a_reduction_says_what_it_leaves_out_and_is_that_far_off() {
    // Eigenvalues that fall tenfold: every coordinate less costs a known share of the trace.
    let mut model = Explicit::random(Sizes { new: 20, old: 20, parameters: 12, points: 10 }, 3);
    for (column, mut values) in model.jacobian.columns_mut().into_iter().enumerate() {
        values *= libm::exp10(-(column as f64));
    }
    for (column, mut values) in model.evaluation_jacobian.columns_mut().into_iter().enumerate() {
        values *= libm::exp10(-(column as f64));
    }
    let schedule = Schedule::even(&[0.0, 0.1, 0.5], 301).unwrap();
    let rule = Rule::Descent { rate: model.rate(0.5) };
    let exact = at_end(&model, &schedule, rule);
    let mut ranks = Vec::new();
    for tolerance in [1e-3, 1e-7, 1e-11] {
        let reduced = Reduced::new(&model.linearised(), &model.mixture(), tolerance).unwrap();
        assert!(reduced.truncation.trace_left <= tolerance, "{:?}", reduced.truncation);
        let found = reduced.trajectory(&schedule, rule, &[301.0]).unwrap().row(0).to_owned();
        // 301 steps at half the bound: the left-out rates times the time, with room for their constants.
        assert!(error(&found, &exact, &model.start) < 1e4 * tolerance.sqrt() * 1e-1, "{tolerance}");
        ranks.push(reduced.truncation.rank);
    }
    assert!(ranks.is_sorted() && ranks[0] < ranks[2] && ranks[2] <= 12, "{ranks:?}");
}
