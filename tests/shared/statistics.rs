//! Statistics over seeds: what they are, and the same bits everywhere.

use crate::{digest, test};
use lethe::seed::Seed;
use lethe::stats::{Quartiles, Resamples, Verdict, slope_over_seeds};

const WIDTHS: [f64; 4] = [4.0, 16.0, 64.0, 256.0];

fn noisy_line(per_doubling: f64, noise: f64) -> Vec<Vec<Option<f64>>> {
    let mut stream = Seed::new(11).fork("noise").stream();
    (0..16)
        .map(|_| {
            [2.0, 4.0, 6.0, 8.0].map(|doublings| Some(per_doubling * doublings + noise * stream.normal())).to_vec()
        })
        .collect()
}

/// Powers of two and their logarithms are exact, so the slope is too, up to the rounding of sums.
#[test]
fn the_slope_of_an_exact_line_is_its_slope() {
    let slope = slope_over_seeds(&WIDTHS, &noisy_line(0.25, 0.0));
    let found = slope.per_doubling.expect("four widths define a slope");
    assert!((found - 0.25).abs() < 1e-12, "slope {found}");
    assert_eq!(slope.verdict, Verdict::Rises);
}

#[test]
fn a_slope_lost_in_noise_is_undecided_and_its_mirror_image_falls() {
    assert_eq!(slope_over_seeds(&WIDTHS, &noisy_line(0.0, 1.0)).verdict, Verdict::Undecided);
    assert_eq!(slope_over_seeds(&WIDTHS, &noisy_line(-0.25, 0.01)).verdict, Verdict::Falls);
}

#[test]
fn intervals_and_quartiles_have_the_same_bits_everywhere() {
    let slope = slope_over_seeds(&WIDTHS, &noisy_line(0.1, 0.3));
    let interval = slope.interval.expect("sixteen seeds give an interval");
    let mut stream = Seed::new(5).fork("sample").stream();
    let sample: Vec<f64> = (0..33).map(|_| stream.normal()).collect();
    let quartiles = Quartiles::of(&sample).expect("the sample is not empty");
    let median = Resamples::of(sample.len()).interval_of_median(&sample).expect("an interval");
    let values = [interval.low, interval.high, quartiles.q25, quartiles.median, quartiles.q75, median.low, median.high];
    assert_eq!(digest(values), "a4f7e383b52328a9");
}
