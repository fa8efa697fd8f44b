//! Partial label shift: fine-tuning relabels one side of X1 and confirms the other.

use super::Definition;
#[cfg(feature = "fused")]
use super::{OLD_LABEL_X1, two_gaussians};

/// The two clouds, where only the share of X1 farthest from X2 gets the new label. The border lies where that share
/// of the cloud's distribution ends: at its centre plus its standard deviation times the normal quantile.
pub const PARTIAL: Definition = Definition {
    name: "partial",
    inputs: 1,
    inputs_range: (1, 1),
    is_sequence: false,
    replays_new: false,
    takes: &["means", "spread", "spread_meaning", "new_label", "share"],
    overwrites: true,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        let border = setting.means[0] + setting.standard_deviation * normal_quantile(setting.share);
        let label = |x: f32| if f64::from(x) <= border { setting.new_label as f32 } else { OLD_LABEL_X1 };
        let train: Vec<f32> = two_gaussians::cloud(setting, 0, seed, "x1").into_iter().map(label).collect();
        two_gaussians::draw(setting, seed, &train, &label)
    },
};

/// The z below which a share of the standard normal distribution lies, by bisection within +-8.
#[cfg(feature = "fused")]
fn normal_quantile(share: f64) -> f64 {
    let below = |z: f64| 0.5 * libm::erfc(-z / core::f64::consts::SQRT_2);
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if below(middle) < share { low = middle } else { high = middle }
    }
    high
}

#[cfg(all(test, feature = "fused"))]
mod tests {
    use super::normal_quantile;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (share, z) in [(0.5, 0.0), (0.975, 1.959_963_984_540_054), (0.1, -1.281_551_565_544_600_5)] {
            assert!((normal_quantile(share) - z).abs() < 1e-12, "{share}");
        }
        assert_eq!(normal_quantile(1.0), 8.0);
        assert_eq!(normal_quantile(0.0), -8.0);
    }
}
