//! Numbers as people read them.

use lethe::figure::number::{count, percent, short, signed, tick};

#[test]
fn numbers_are_shown_with_two_significant_digits() {
    for (value, shown) in [
        (0.0, "0"),
        (-0.0, "0"),
        (0.08372, "0.084"),
        (0.0996, "0.1"),
        (0.03, "0.03"),
        (0.00031, "0.00031"),
        (0.0003, "0.0003"),
        (1.23e-5, "1.2e-5"),
        (9.96e-6, "1e-5"),
        (-0.2, "−0.2"),
        (1.26, "1.3"),
        (12.4, "12"),
        (123.4, "123"),
        (2000.0, "2,000"),
        (999_999.0, "999,999"),
        (1.0e6, "1e6"),
        (-3.44e30, "−3.4e30"),
        (f64::NAN, "not finite"),
        (f64::NEG_INFINITY, "not finite"),
    ] {
        assert_eq!(short(value), shown);
    }
}

#[test]
fn signs_percentages_and_counts_are_written_out() {
    assert_eq!(signed(0.0831), "+0.083");
    assert_eq!(signed(-0.02), "−0.02");
    assert_eq!(signed(0.0), "0");
    assert_eq!(percent(0.003), "0.3\u{a0}%");
    assert_eq!(percent(0.8675), "87\u{a0}%");
    assert_eq!(count(1_234_567), "1,234,567");
    assert_eq!(count(100), "100");
}

#[test]
fn ticks_have_the_decimals_of_their_step_and_no_more() {
    assert_eq!([0.0, 0.05, 0.1].map(|v| tick(v, 0.05)), ["0", "0.05", "0.1"]);
    assert_eq!([-1.5, 0.0, 0.5].map(|v| tick(v, 0.5)), ["−1.5", "0", "0.5"]);
    assert_eq!([1e9, 1.5e9].map(|v| tick(v, 5e8)), ["1e9", "1.5e9"]);
    assert_eq!([0.025, 0.075].map(|v| tick(v, 0.025)), ["0.025", "0.075"]);
}

#[test]
fn shown_numbers_are_within_half_a_unit_of_the_second_digit() {
    for power in -290..290 {
        for mantissa in [1.0, 1.0499, 1.051, 2.34567, -4.95, 9.4999, -9.96, 9.99999] {
            let value = mantissa * 10f64.powi(power);
            let read: f64 = short(value).replace(',', "").replace('−', "-").parse().unwrap();
            assert!((read - value).abs() <= 0.0501 * value.abs(), "{value:e} is shown as {}", short(value));
            assert_eq!(read < 0.0, value < 0.0);
        }
    }
}
