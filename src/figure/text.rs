//! How wide text is, without a font: a table, because figures are laid out where no font is.
//!
//! The widths are the larger of Noto Sans and DejaVu Sans Condensed, the widest families of
//! [`FAMILY`], so that a label never needs more room than was kept for it.

/// The page's sans-serif stack, with a generic end for files that leave the page.
pub const FAMILY: &str = "-apple-system, \"Segoe UI Variable Text\", \"Segoe UI\", Roboto, \"Noto Sans\", Ubuntu, Cantarell, \"DejaVu Sans Condensed\", system-ui, sans-serif";

/// Height of a line of text, in units of its size.
pub const LINE: f64 = 1.25;

/// Width of `text` at `size`, in the unit of `size`.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let thousandths: u32 = text.chars().map(|c| advance(c, bold)).sum();
    f64::from(thousandths) * size / 1000.0
}

fn advance(c: char, bold: bool) -> u32 {
    let table = if bold { &BOLD } else { &REGULAR };
    match c {
        ' '..='~' => u32::from(table[c as usize - 32]),
        '\u{a0}' => u32::from(table[0]),
        '₀'..='₉' => 400,
        '–' => 520,
        '‘' | '’' | '“' | '”' => 470,
        '−' | '×' | '↑' | '↓' | '→' => 840,
        _ => 1000,
    }
}

/// Advance widths of ASCII 32 to 126, in thousandths of the text size.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    286, 360, 414, 754, 572, 855, 732, 247, 351, 351, 551, 754, 286, 325, 286, 372,
    572, 572, 572, 572, 572, 572, 572, 572, 572, 572, 303, 303, 754, 754, 754, 478,
    900, 639, 650, 632, 730, 568, 519, 728, 741, 339, 273, 619, 524, 907, 760, 781,
    605, 781, 625, 571, 556, 731, 615, 930, 616, 566, 616, 351, 372, 351, 754, 450,
    450, 561, 615, 495, 615, 564, 344, 615, 618, 258, 258, 534, 258, 935, 618, 605,
    615, 615, 413, 479, 361, 618, 532, 786, 532, 532, 472, 572, 551, 572, 754,
];

/// As [`REGULAR`], bold.
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    313, 410, 472, 754, 626, 901, 785, 275, 411, 411, 545, 754, 342, 374, 342, 413,
    626, 626, 626, 626, 626, 626, 626, 626, 626, 626, 360, 360, 754, 754, 754, 522,
    900, 696, 686, 660, 747, 615, 615, 738, 765, 389, 334, 697, 573, 943, 813, 796,
    659, 796, 693, 648, 614, 756, 696, 993, 694, 651, 652, 411, 413, 411, 754, 450,
    450, 607, 644, 533, 644, 610, 391, 644, 657, 308, 308, 620, 308, 982, 657, 619,
    644, 644, 454, 536, 434, 657, 586, 856, 580, 586, 523, 641, 551, 641, 754,
];
