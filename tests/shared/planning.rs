//! Schedules that a network's kernel prescribes are the same everywhere, to the bit.

use crate::{digest, test};
use lethe::experiments::limits::Limits;
use lethe::experiments::{Event, Job, JobRun};
use lethe::record::link::Link;

/// The digests of what one job plans, predicts and sees.
const PLANNED: [(&str, &str); 3] = [
    ("#v=1&x=curriculum&w=24&n=24&pre=200&ft=120&sg=6&s=3", "28515bdfe64ffcb7"),
    ("#v=1&x=curriculum&w=16&act=tanh&n=16&pre=100&ft=60&sg=4&p=0.05&opt=sgd&bs=8&s=1", "04c283308e936441"),
    ("#v=1&x=curriculum&w=16&act=erf&n=16&pre=100&ft=60&sg=5&opt=momentum&lr=0.005&s=2", "84473a4800f60e6b"),
];

#[test]
fn what_is_planned_has_the_same_bits_everywhere() {
    for (text, pinned) in PLANNED {
        let (link, problems) = Link::read(text, &Limits::PAGE);
        assert_eq!(problems, [], "{text}");
        let spec = link.spec;
        let mut run = JobRun::new(&spec, Job { seed: spec.seeds[0], width: spec.widths[0] });
        let mut values = Vec::new();
        while !run.is_done() {
            for event in run.advance(1e9) {
                match event {
                    Event::Planned { plan, .. } => {
                        values.extend(plan.schedule.segments().iter().map(|&(_, p)| p));
                        let said = plan.predicted.expect("theory has an answer");
                        values.extend([said.end, said.average, said.worst, said.id_end]);
                    }
                    Event::Looked { over_time, .. } => values.extend([over_time.average, over_time.worst]),
                    Event::Checkpoint { point, .. } => values.push(point.measures.old_loss.into()),
                    _ => {}
                }
            }
        }
        assert!(values.len() > 200, "{text}: {} values", values.len());
        assert_eq!(digest(values), pinned, "{text}");
    }
}
