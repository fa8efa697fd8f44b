//! Bytes as base64url without padding (RFC 4648, section 5).
//!
//! A crate for it would add 2 KB to the page.

const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The text of some bytes: four symbols for three of them, one more than there are for the rest.
///
/// ```
/// use lethe::record::base64url;
/// assert_eq!(base64url::write(b"Lethe"), "TGV0aGU");
/// assert_eq!(base64url::read("TGV0aGU"), Some(b"Lethe".to_vec()));
/// ```
pub fn write(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, k| bits << 8 | usize::from(chunk.get(k).copied().unwrap_or(0)));
        let symbols = (0..=chunk.len()).map(|k| char::from(SYMBOLS[bits >> (18 - 6 * k) & 63]));
        text.extend(symbols);
    }
    text
}

/// The bytes of a text; `None` where [`write()`] would not have written it.
pub fn read(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for chunk in text.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for k in 0..4 {
            bits = bits << 6 | chunk.get(k).map_or(Some(0), |&symbol| sextet(symbol))?;
        }
        let [_, three @ ..] = bits.to_be_bytes();
        let (held, beyond) = three.split_at(chunk.len() - 1);
        if held.is_empty() || beyond.iter().any(|&byte| byte != 0) {
            return None;
        }
        bytes.extend_from_slice(held);
    }
    Some(bytes)
}

/// The place of a symbol among [`SYMBOLS`].
fn sextet(symbol: u8) -> Option<u32> {
    let (first, place) = match symbol {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'-' => (b'-', 62),
        b'_' => (b'_', 63),
        _ => return None,
    };
    Some(u32::from(symbol - first + place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn the_vectors_of_the_standard_are_written_and_read() {
        let vectors = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")];
        for (bytes, text) in vectors {
            assert_eq!(write(bytes.as_bytes()), text);
            assert_eq!(read(text), Some(bytes.as_bytes().to_vec()));
        }
        assert_eq!(write(&[0xfb, 0xff, 0xbf]), "-_-_");
    }

    #[test]
    fn what_is_read_is_what_was_written_and_nothing_else_is_read() {
        let mut stream = Seed::new(1).fork("base64url").stream();
        for length in 0..64 {
            let bytes: Vec<u8> = (0..length).map(|_| stream.word() as u8).collect();
            assert_eq!(read(&write(&bytes)), Some(bytes));
        }
        // One symbol alone, bits beyond the last byte, padding, base64's other alphabet, letters outside ASCII.
        for text in ["Z", "Zm9vY", "Zh", "Zm9", "Zg==", "+/+/", "Zm 9", "Zmé"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
