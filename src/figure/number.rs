//! Numbers as people read them: two significant digits, a true minus sign, thousands apart.

/// `0.084`, `0.0003`, `1.2e-5`, `−0.2`, `12`, `2,000`: two significant digits, trailing zeros
/// dropped; integers are never rounded below a million.
///
/// ```
/// use lethe::figure::number::short;
/// assert_eq!(short(0.08372), "0.084");
/// assert_eq!(short(-0.2), "−0.2");
/// assert_eq!(short(0.0000123), "1.2e-5");
/// assert_eq!(short(2000.0), "2,000");
/// ```
pub fn short(value: f64) -> String {
    significant(value, 2)
}

/// As [`short`], with `digits` significant digits.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "not finite".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    let digits = digits.max(1);
    // Rounding first settles the exponent: 0.0996 is 0.1, not 0.10.
    let rounded = format!("{size:.*e}", digits - 1);
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = if exponent < -4 || size >= 999_999.5 {
        format!("{}e{exponent}", trimmed(mantissa))
    } else {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        grouped(&trimmed(&format!("{size:.decimals$}")))
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// [`short`] with its sign always written: `+0.083`, `−0.02`, `0`.
pub fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", short(value)) } else { short(value) }
}

/// A fraction as a percentage with a no-break space: `percent(0.003)` is `0.3 %`.
pub fn percent(fraction: f64) -> String {
    format!("{}\u{a0}%", short(fraction * 100.0))
}

/// A whole number with thousands apart: `2,000`.
pub fn count(value: usize) -> String {
    grouped(&value.to_string())
}

/// A number of seeds in words: `1 seed`, `16 seeds`.
pub fn seeds(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "seed" } else { "seeds" })
}

/// The label of a tick on a scale whose ticks lie `step` apart: enough decimals to tell them
/// apart and no more.
pub fn tick(value: f64, step: f64) -> String {
    let size = value.abs().max(step);
    if size == 0.0 || !size.is_finite() {
        return short(value);
    }
    if value.abs() < step * 1e-9 {
        return "0".to_owned();
    }
    if !(1e-4..1e6).contains(&size) {
        let digits = (size.log10().floor() - step.log10().floor()) as usize + 2;
        return significant(value, digits);
    }
    let decimals = (0..6).find(|&d| is_whole(step * 10f64.powi(d))).unwrap_or(6) as usize;
    let text = grouped(&trimmed(&format!("{:.decimals$}", value.abs())));
    if value < 0.0 { format!("−{text}") } else { text }
}

fn is_whole(x: f64) -> bool {
    (x - x.round()).abs() < 1e-6
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}
