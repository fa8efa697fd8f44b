//! Numbers from decimal texts, each the nearest `f64`.
//!
//! The standard library reads them faster, by tables that would add 13 KB to the page.

use core::cmp::Ordering;

/// Powers of ten up to this one, and whole numbers up to 2^53, have no rounding: neither has the
/// one operation on two of them but its own.
const EXACT_POWER: i64 = 22;

/// The number that a text such as `0.05`, `-2` or `1e-3` says, correctly rounded (to even between two).
/// `None` for anything else, words such as `inf` included.
///
/// ```
/// use lethe::decimal;
/// assert_eq!(decimal::read("0.1"), Some(0.1));
/// assert_eq!(decimal::read("-1e3"), Some(-1000.0));
/// assert_eq!(decimal::read("1e400"), Some(f64::INFINITY));
/// assert_eq!(decimal::read("1e"), None);
/// ```
pub fn read(text: &str) -> Option<f64> {
    let (negative, text) = signed(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, whole(exponent)?),
        None => (text, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Option<Vec<u32>> = before.chars().chain(after.chars()).map(|c| c.to_digit(10)).collect();
    let digits = digits.filter(|digits| !digits.is_empty())?;
    let size = nearest(&digits, exponent - after.len() as i64);
    Some(if negative { -size } else { size })
}

/// A text without its sign, and whether that was a minus.
fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A whole number; its size stops growing where any number is zero or infinite.
fn whole(text: &str) -> Option<i64> {
    let (negative, digits) = signed(text);
    let mut size = None;
    for digit in digits.chars() {
        size = Some((10 * size.unwrap_or(0) + i64::from(digit.to_digit(10)?)).min(1 << 40));
    }
    size.map(|size: i64| if negative { -size } else { size })
}

/// The `f64` nearest to the whole number of these digits times ten to the power.
fn nearest(digits: &[u32], power: i64) -> f64 {
    let leading = digits.iter().take_while(|&&digit| digit == 0).count();
    let digits = &digits[leading..];
    let places = digits.len() as i64 + power;
    if digits.is_empty() || places < -330 {
        return 0.0;
    }
    if places > 310 {
        return f64::INFINITY;
    }
    if digits.len() <= 15 && power.abs() <= EXACT_POWER {
        let whole = digits.iter().fold(0.0, |whole, &digit| 10.0 * whole + f64::from(digit));
        let ten = (0..power.abs()).fold(1.0, |ten, _| 10.0 * ten);
        return if power < 0 { whole / ten } else { whole * ten };
    }
    let (mut above, mut below) = (Natural(Vec::new()), Natural(vec![1]));
    digits.iter().for_each(|&digit| above.times_ten_plus(digit));
    let scaled = if power < 0 { &mut below } else { &mut above };
    (0..power.abs()).for_each(|_| scaled.times_ten_plus(0));
    quotient(above, below)
}

/// The `f64` nearest to the quotient of two numbers above zero, by long division in binary.
fn quotient(mut above: Natural, mut below: Natural) -> f64 {
    // Now 2^exponent times above / below, the latter from 1 to below 2.
    let mut exponent = above.bits() - below.bits();
    if exponent > 0 {
        below.shift(exponent)
    } else {
        above.shift(-exponent)
    };
    if above.compare(&below) == Ordering::Less {
        above.shift(1);
        exponent -= 1;
    }
    if exponent < -1075 {
        return 0.0; // less than half of the smallest number
    }
    let least = exponent.max(-1022);
    let mut mantissa: u64 = 0;
    for _ in 0..53 - (least - exponent) {
        mantissa *= 2;
        if above.compare(&below) != Ordering::Less {
            above.subtract(&below);
            mantissa += 1;
        }
        above.shift(1);
    }
    match above.compare(&below) {
        Ordering::Greater => mantissa += 1,
        Ordering::Equal => mantissa += mantissa & 1,
        Ordering::Less => {}
    }
    // The leading bit of a normal number raises the exponent by one, and so does a carry.
    f64::from_bits((((least + 1022) as u64) << 52) + mantissa)
}

/// A number of any size: 32 bits each, the lowest first, the highest not zero.
struct Natural(Vec<u32>);

impl Natural {
    fn times_ten_plus(&mut self, digit: u32) {
        let mut carry = u64::from(digit);
        for part in &mut self.0 {
            carry += u64::from(*part) * 10;
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn bits(&self) -> i64 {
        self.0.last().map_or(0, |top| 32 * self.0.len() as i64 - i64::from(top.leading_zeros()))
    }

    fn shift(&mut self, bits: i64) {
        for _ in 0..bits % 32 {
            let mut carry = 0;
            for part in &mut self.0 {
                (*part, carry) = (*part << 1 | carry, *part >> 31);
            }
            if carry > 0 {
                self.0.push(carry);
            }
        }
        let zeros = core::iter::repeat_n(0, (bits / 32) as usize);
        self.0.splice(0..0, zeros);
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Takes away a number that is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0;
        for (place, part) in self.0.iter_mut().enumerate() {
            let taken = i64::from(other.0.get(place).copied().unwrap_or(0)) + borrow;
            let left = i64::from(*part) - taken;
            *part = left as u32;
            borrow = i64::from(left < 0);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    fn agrees(text: &str) {
        let ours = read(text).map(f64::to_bits);
        assert_eq!(ours, text.parse::<f64>().ok().map(f64::to_bits), "{text}");
    }

    #[test]
    fn every_number_is_read_back_from_its_texts() {
        let mut stream = Seed::new(1).fork("decimals").stream();
        for _ in 0..20_000 {
            let value = f64::from_bits(u64::from(stream.word()) << 32 | u64::from(stream.word()));
            if value.is_finite() {
                for text in [format!("{value}"), format!("{value:e}"), format!("{value:.3e}"), format!("{value:.25e}")]
                {
                    agrees(&text);
                }
            }
            let float = f32::from_bits(stream.word());
            if float.is_finite() {
                agrees(&float.to_string());
            }
        }
    }

    #[test]
    fn halves_go_to_even_and_the_least_bit_beyond_decides() {
        for text in [
            "9007199254740993",
            "9007199254740993.0000000000000000000000000000000000000000000000000000000001",
            "9007199254740995",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "4.9406564584124654e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e-326",
            "2e-324",
            "1e23",
            "8.5e22",
        ] {
            agrees(text);
        }
        // Exactly between zero and the smallest number there is.
        let half = format!("{:.1100}", f64::from_bits(1));
        let digits: String = half.trim_end_matches('0').chars().collect();
        agrees(&digits);
    }

    #[test]
    fn what_is_no_number_is_refused_and_what_is_odd_is_read() {
        for text in
            ["", "-", "+", ".", "e5", ".e5", "1e", "1e+", "1e1e1", "1.2.3", "0x1", " 1", "1 ", "--1", "1,5", "\u{0661}"]
        {
            assert_eq!(read(text), None, "{text:?}");
            assert!(text.parse::<f64>().is_err(), "{text:?}");
        }
        for text in
            ["1.", ".5", "-.5e1", "+7", "-0", "0e999999999999999999999", "00000.100", "1e-99999999999999999999", "1E5"]
        {
            agrees(text);
        }
        agrees(&format!("0.{}1e400", "0".repeat(400)));
        agrees(&format!("1{}e-400", "0".repeat(400)));
        for word in ["inf", "NaN", "infinity"] {
            assert_eq!(read(word), None);
        }
    }
}
