//! One mode of a linear system under an update rule, in closed form.

use super::rule::Rule;

/// What position x and displacement w of a scalar mode become, as linear functions of where they were.
///
/// Flow: dx/dt = -(mu x + c). Descent and momentum: w <- beta w + rate (mu x + c); x <- x - w.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// x from x.
    pub kept: f64,
    /// x from w.
    pub coasted: f64,
    /// x from c; -phi / kap of the formulas.
    pub pushed: f64,
    /// w from x.
    pub displacement_from_position: f64,
    /// w from w.
    pub displacement_kept: f64,
    /// w from c.
    pub displacement_pushed: f64,
}

/// Steps up to which the recursion itself is run: exact, and cheaper than its closed form is intricate.
const RECURSED: f64 = 256.0;

impl Response {
    /// The response after `time` (whole steps unless the rule is flow) of a mode of curvature mu >= 0.
    ///
    /// Infinite or NaN where an unstable mode leaves the range of a double.
    pub fn of(rule: Rule, mu: f64, time: f64) -> Self {
        match rule {
            Rule::Flow => Self::decayed(-mu * time, mu, time),
            Rule::Descent { rate } => Self::descended(rate * mu, rate, time),
            Rule::Momentum { rate, beta } => Self::rolled(rate * mu, rate, beta, time),
        }
    }

    /// Without memory: x is multiplied by exp(exponent); `slow` is the response to c as mu goes to 0.
    fn decayed(exponent: f64, mu: f64, slow: f64) -> Self {
        let pushed = if mu > 0.0 { libm::expm1(exponent) / mu } else { -slow };
        Self::without_memory(libm::exp(exponent), pushed)
    }

    fn without_memory(kept: f64, pushed: f64) -> Self {
        Self {
            kept,
            coasted: 0.0,
            pushed,
            displacement_from_position: 0.0,
            displacement_kept: 0.0,
            displacement_pushed: 0.0,
        }
    }

    /// (1 - kappa)^steps, with a sign where kappa > 1.
    fn descended(kappa: f64, rate: f64, steps: f64) -> Self {
        if kappa < 1.0 {
            return Self::decayed(steps * libm::log1p(-kappa), kappa / rate, rate * steps);
        }
        let kept = power(1.0 - kappa, steps);
        Self::without_memory(kept, rate * (kept - 1.0) / kappa)
    }

    /// M = [[1 - kappa, -beta], [kappa, beta]] on (x, w). With U_l = (a^l - b^l) / (a - b) over the roots a, b
    /// of z^2 - (1 + beta - kappa) z + beta, Cayley and Hamilton give M^l = U_l M - beta U_(l-1), and a
    /// constant push adds up to V = U_1 + ... + U_l in x.
    fn rolled(kappa: f64, rate: f64, beta: f64, steps: f64) -> Self {
        let [before, last, sum] =
            if steps <= RECURSED { recursed(kappa, beta, steps as usize) } else { closed(kappa, beta, steps) };
        if steps == 0.0 {
            return Self { displacement_kept: 1.0, ..Self::without_memory(1.0, 0.0) };
        }
        Self {
            kept: last * (1.0 - kappa) - beta * before,
            coasted: -beta * last,
            pushed: -rate * sum,
            displacement_from_position: kappa * last,
            displacement_kept: beta * (last - before),
            displacement_pushed: rate * last,
        }
    }
}

/// U_(l-1), U_l and U_1 + ... + U_l by their recursion.
fn recursed(kappa: f64, beta: f64, steps: usize) -> [f64; 3] {
    let trace = 1.0 + beta - kappa;
    let (mut before, mut last, mut sum) = (0.0, 0.0, 0.0);
    for step in 0..steps {
        let next = if step == 0 { 1.0 } else { trace * last - beta * before };
        (before, last) = (last, next);
        sum += last;
    }
    [before, last, sum]
}

/// The same in closed form, for more steps than a few.
///
/// Roots are taken by their distance from 1, d_1 d_2 = kappa and d_1 + d_2 = 1 - beta + kappa, so that a
/// slow mode keeps all its digits; close roots by a ratio, so that nothing cancels as they meet.
fn closed(kappa: f64, beta: f64, steps: f64) -> [f64; 3] {
    let root = beta.sqrt();
    let (slow, fast) = ((1.0 - root) * (1.0 - root), (1.0 + root) * (1.0 + root));
    let discriminant = (slow - kappa) * (fast - kappa);
    let trace = 1.0 + beta - kappa;
    let by_fixed_point =
        |[before, last]: [f64; 2]| [before, last, (1.0 - last * (1.0 - kappa) + beta * before) / kappa];
    if discriminant < 0.0 {
        let angle = libm::atan2((-discriminant).sqrt(), trace);
        let at = |l: f64| power(root, l - 1.0) * libm::sin(l * angle) / libm::sin(angle);
        return by_fixed_point([at(steps - 1.0), at(steps)]);
    }
    let gap = discriminant.sqrt();
    // The root of larger magnitude, and its distance from 1.
    let (large, distance) = if trace >= 0.0 {
        let distance = kappa / (0.5 * (1.0 - beta + kappa + gap));
        (1.0 - distance, distance)
    } else {
        let large = 0.5 * (trace - gap);
        (large, 1.0 - large)
    };
    if large == 0.0 {
        // Only at beta = 0 and kappa = 1, where one step fits the mode.
        return [0.0, 0.0, 1.0];
    }
    let apart = gap / large.abs();
    let log_large = if trace >= 0.0 { libm::log1p(-distance) } else { libm::log(-large) };
    let at = |l: f64| {
        let sign = if trace < 0.0 && (l - 1.0) % 2.0 != 0.0 { -1.0 } else { 1.0 };
        let spread = if apart > 0.0 { -libm::expm1(l * libm::log1p(-apart.min(1.0))) / apart } else { l };
        sign * libm::exp((l - 1.0) * log_large) * spread
    };
    let both = [at(steps - 1.0), at(steps)];
    if kappa >= 0.5 * slow {
        return by_fixed_point(both);
    }
    // Well apart and positive: each root's geometric series by itself.
    let small = beta / large;
    let series = |value: f64, distance: f64, log: f64| {
        if distance > 0.0 { -value * libm::expm1(steps * log) / distance } else { value * steps }
    };
    let of_small = if small > 0.0 { series(small, 1.0 - small, libm::log(small)) } else { 0.0 };
    [both[0], both[1], (series(large, distance, log_large) - of_small) / gap]
}

/// base^exponent for a whole exponent >= 0.
fn power(base: f64, exponent: f64) -> f64 {
    let size = libm::exp(exponent * libm::log(base.abs()));
    match (exponent == 0.0, base < 0.0 && exponent % 2.0 != 0.0) {
        (true, _) => 1.0,
        (false, true) => -size,
        (false, false) => size,
    }
}
