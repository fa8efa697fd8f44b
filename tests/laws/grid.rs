//! The paper's grid with noise.

use lethe::laws::published::{PARAMETERS_PER_RANK, Published, RANKS, steps};
use lethe::laws::{Observation, Observations};
use lethe::seed::Seed;

/// Which losses have noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noise {
    None,
    Forgetting,
    Both,
}

/// Six ranks at 50 to 260 steps, with `runs` runs each.
pub fn rows(of: &Published, noise: Noise, seed: u64, runs: usize) -> Vec<Observation> {
    let mut stream = Seed::new(seed).fork("grid").stream();
    let mut found = Vec::new();
    for rank in RANKS {
        for run in 0..runs {
            for n in steps() {
                let parameters = f64::from(rank) * PARAMETERS_PER_RANK;
                let (l, f) = of.curve(parameters, &[n])[0];
                let on_l = if noise == Noise::Both { stream.normal() } else { 0.0 };
                let on_f = if noise == Noise::None { 0.0 } else { stream.normal() };
                found.push(Observation {
                    parameters,
                    steps: n,
                    fine_tuning_loss: l + of.noise * on_l,
                    forgetting: f + of.noise * on_f,
                    run: Some(format!("r{rank}-{run}")),
                    ..Observation::default()
                });
            }
        }
    }
    found
}

pub fn noisy(of: &Published, noise: Noise, seed: u64) -> Observations {
    Observations::gather(rows(of, noise, seed, 1))
}
