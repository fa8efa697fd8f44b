//! What the kernel of a residual or normalised network predicts, against what training does.

use lethe::experiments::job::jobs;
use lethe::experiments::limits::Limits;
use lethe::experiments::{Engine, Gap, JobRun, JobTraces, Results};
use lethe::record::Link;

/// The branches of the only job of a link.
fn traces(link: &str) -> JobTraces {
    let (link, warnings) = Link::read_strictly(link, &Limits::NATIVE).unwrap();
    assert_eq!(warnings, []);
    let mut results = Results::new(link.spec.clone());
    for job in jobs(&link.spec) {
        let mut run = JobRun::new(&link.spec, job);
        while !run.is_done() {
            run.advance(1e12).into_iter().for_each(|event| results.add(job, Engine::Autodiff, event));
        }
    }
    results.jobs().next().unwrap().1.clone()
}

fn last_gaps(traces: &JobTraces) -> Vec<Gap> {
    traces.predicted.iter().map(|predicted| *predicted.gaps.last().unwrap()).collect()
}

/// A step of 1e-5 on a parameter of about 1 rounds at 3e-8: some thousandths of the smallest changes.
const ROUNDING: f32 = 2e-3;
const BLOCKS: [&str; 3] = ["residual", "norm", "resnorm"];

/// In the lazy limit the tangent is the network: what is left out goes with the size of the steps. A tenth of the
/// rate leaves at most three tenths of the error, far below that of the best constant chosen afterwards.
#[test]
fn small_steps_are_foreseen_the_better_the_smaller_they_are() {
    for block in BLOCKS {
        for (par, rate) in [("standard", 1e-3), ("ntk", 1e-2), ("meanfield", 1e-2)] {
            let asked = |rate: f64| {
                format!(
                    "#v=1&x=ntk&w=24&d=2&bl={block}&par={par}&act=tanh&n=12&pre=0&ft=20&p=0,0.2&s=1&lr={rate}&y1=-1"
                )
            };
            let [large, small] = [rate, rate / 10.0].map(|rate| last_gaps(&traces(&asked(rate))));
            for (large, small) in large.iter().zip(&small) {
                let at = format!("{block}, {par}: {large:?}, {small:?}");
                let [large_error, small_error] = [large, small].map(|gap| gap.drift_error.unwrap());
                assert!(small_error < 0.02 && small_error < 0.3 * large_error + ROUNDING, "{at}");
                assert!(small_error < 0.3 * small.constant_error.unwrap(), "{at}");
                // The kernel that is watched moves by little, and by more in larger steps.
                let [drift, grown] = [small, large].map(|gap| gap.kernel_drift.unwrap());
                assert!((0.0..0.01).contains(&drift) && drift < grown, "{at}");
            }
        }
    }
}

/// The distance that parameters are predicted to go is that which they go.
#[test]
fn parameters_go_as_far_as_their_gradients_say() {
    for block in BLOCKS {
        let link = format!("#v=1&x=ntk&w=24&d=3&bl={block}&par=meanfield&act=erf&n=12&pre=100&ft=20&p=0&s=2&lr=0.001");
        let traces = traces(&link);
        let (said, did) = (&traces.predicted[0].points, &traces.fine_tuning[0].points);
        assert_eq!(said.len(), did.len());
        for (said, did) in said.iter().zip(did).skip(1) {
            let [said, did] = [said, did].map(|point| point.measures.distance);
            assert!((said / did - 1.0).abs() < 0.02, "{block}: {said}, not {did}");
        }
    }
}

/// Every second step is nearly training itself.
#[test]
fn fresh_kernels_follow_a_network_that_leaves_its_first_one() {
    for block in BLOCKS {
        let asked = format!("#v=1&x=ntk&w=12&d=2&bl={block}&par=ntk&act=tanh&n=12&pre=100&ft=60&p=0&s=0&lr=0.02&y1=-2");
        let [once, anew] = ["", "&rl=2"].map(|rl| last_gaps(&traces(&format!("{asked}{rl}")))[0].drift_error.unwrap());
        assert!(anew < 0.3 * once && anew < 0.05, "{block}: {once} by one kernel, {anew} by many");
    }
}
