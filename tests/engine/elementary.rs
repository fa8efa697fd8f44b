//! The engine's own exp, tanh and erf against f64, over f32 numbers of every size.

use lethe::engine::fused_cpu::elementary::{erf, exp, tanh};
use lethe::engine::fused_cpu::lanes::{Eight, LANES, Lanes, Portable};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Every `STRIDE`th bit pattern: two million numbers, all exponents, both signs. (With stride 1 the largest
/// errors were 3.59e-7 for tanh, 3.93e-7 for erf and 8.34e-8 for exp.)
const STRIDE: usize = 2003;

/// Calls `check` with x and function(x) over every `STRIDE`th f32 that is not NaN.
fn over_all_numbers(function: fn(Portable) -> Portable, mut check: impl FnMut(f32, f32)) {
    let mut numbers = (0..=u32::MAX).step_by(STRIDE).map(f32::from_bits).filter(|x| !x.is_nan()).peekable();
    while numbers.peek().is_some() {
        let x: [f32; LANES] = core::array::from_fn(|_| numbers.next().unwrap_or(0.0));
        let mut value = Eight::ZERO;
        function(Portable::load(&Eight(x))).store(&mut value);
        x.into_iter().zip(value.0).for_each(|(x, value)| check(x, value));
    }
}

/// The largest relative error where |x| is in `range`; below the normal numbers, relative to the smallest.
fn worst(function: fn(Portable) -> Portable, exact: fn(f64) -> f64, range: core::ops::RangeInclusive<f32>) -> f64 {
    let mut worst = 0.0f64;
    over_all_numbers(function, |x, value| {
        let exact = exact(f64::from(x));
        let error = (f64::from(value) - exact).abs() / exact.abs().max(f64::from(f32::MIN_POSITIVE));
        if range.contains(&x) {
            assert!(!error.is_nan(), "at {x:e}");
            worst = error.max(worst);
        }
    });
    worst
}

const EVERYWHERE: core::ops::RangeInclusive<f32> = f32::NEG_INFINITY..=f32::INFINITY;

#[test]
fn tanh_is_within_its_stated_error() {
    let error = worst(tanh, libm::tanh, EVERYWHERE);
    assert!(error < 4e-7, "{error:e}");
}

#[test]
fn erf_is_within_its_stated_error() {
    let error = worst(erf, libm::erf, EVERYWHERE);
    assert!(error < 4e-7, "{error:e}");
}

#[test]
fn exp_is_within_its_stated_error() {
    let error = worst(exp, libm::exp, -87.0..=88.0);
    assert!(error < 9e-8, "{error:e}");
}

#[test]
fn exp_holds_its_value_beyond_its_ends() {
    over_all_numbers(exp, |x, value| {
        if x < -87.0 {
            assert!(value > 0.0 && value < 2e-38, "exp({x:e}) = {value:e}");
        }
        if x > 88.0 {
            assert!(value > 1.6e38 && value.is_finite(), "exp({x:e}) = {value:e}");
        }
    });
}

#[test]
fn tanh_and_erf_are_odd_and_never_beyond_one() {
    for function in [tanh::<Portable>, erf::<Portable>] {
        over_all_numbers(function, |x, value| {
            let mut mirrored = Eight::ZERO;
            function(Portable::splat(-x)).store(&mut mirrored);
            assert_eq!(mirrored.0[0].to_bits(), (-value).to_bits(), "at {x:e}");
            assert!(value.abs() <= 1.0, "{value} at {x:e}");
        });
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for function in [tanh::<Portable>, erf::<Portable>, exp::<Portable>] {
        let mut value = Eight::ZERO;
        function(Portable::splat(f32::NAN)).store(&mut value);
        assert!(value.0[0].is_nan());
    }
}
