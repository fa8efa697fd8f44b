//! The same engine by wgpu, natively: on whatever adapter there is. Ignored unless asked for, because a test that finds
//! no adapter has shown nothing: `cargo test --test autodiff -- --ignored`.

use burn_tensor::DeviceKind;
use cubecl::future::block_on;
use lethe::engine::autodiff::{Device, Fleet};
use lethe::train::OptimiserKind;

use crate::fleets::mixed;
use crate::networks::*;

/// Largest relative difference after 20 steps; llvmpipe, whose sums have another order, keeps within 1e-5.
const TOLERANCE: f64 = 1e-4;

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn a_fleet_on_webgpu_trains_as_on_the_cpu() {
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    for (optimiser, batch) in [(OptimiserKind::Gd, 0), (OptimiserKind::Momentum, 6), (OptimiserKind::Adam, 0)] {
        let (setting, worlds, members, batches) = mixed(optimiser, batch);
        let mut expected = fleet(setting.clone(), worlds.clone(), &members);
        train(&mut expected, 20, &batches);
        expected.measure();
        let mut found = Fleet::new(&device, 1, setting, worlds, &members);
        block_on(found.train(20, &batches)).unwrap();
        found.measure();
        let measured = [block_on(expected.collect()).unwrap(), block_on(found.collect()).unwrap()];
        assert_eq!(measured[0].outcomes, measured[1].outcomes);
        let [expected, found] = [standings(&expected), block_on(found.standings()).unwrap()];
        for (k, (expected, found)) in expected.iter().zip(&found).enumerate() {
            assert_eq!((expected.step, found.step), (20, 20));
            let off = relative_difference(&wide(&found.parameters), &wide(&expected.parameters));
            assert!(off < TOLERANCE, "{optimiser:?}, batch {batch}, {:?}: {off:e}", members[k].shape);
            let on_tasks = [0, 1].map(|on| {
                let tasks = &measured[on].measured[0][k].tasks;
                assert!(!tasks.is_empty() && tasks.iter().all(|task| task.bounded));
                wide(&tasks.iter().flat_map(|task| [task.error, task.error_before, task.mean]).collect::<Vec<_>>())
            });
            let off = relative_difference(&on_tasks[1], &on_tasks[0]);
            assert!(off < TOLERANCE, "{optimiser:?}, batch {batch}, {:?}, measured: {off:e}", members[k].shape);
        }
    }
}
