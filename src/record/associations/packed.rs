//! Numbers and answers as text: exact, and a third of the digits.

use crate::record::{base64url, bits};

/// Numbers in single precision as base64url of their little-endian bytes.
pub(super) fn numbers(values: &[f32]) -> String {
    base64url::write(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

/// So many numbers; `None` of any other text.
pub(super) fn read_numbers(text: &str, count: usize) -> Option<Vec<f32>> {
    read_all(text).filter(|values| values.len() == count)
}

/// All numbers of a text; `None` of a text that holds none.
pub(super) fn read_all(text: &str) -> Option<Vec<f32>> {
    let bytes = base64url::read(text)?;
    let (values, rest) = bytes.as_chunks::<4>();
    rest.is_empty().then(|| values.iter().map(|value| f32::from_le_bytes(*value)).collect())
}

/// Answers as base64url of their bits, the first in the highest place of its byte.
pub(super) fn answers(values: &[bool]) -> String {
    base64url::write(&bits::pack(values))
}

/// So many answers; `None` of any other text.
pub(super) fn read_answers(text: &str, count: usize) -> Option<Vec<bool>> {
    let bytes = base64url::read(text).filter(|bytes| bytes.len() == count.div_ceil(8))?;
    let mut values = bits::unpack(&bytes);
    let beyond = values.split_off(count);
    (!beyond.contains(&true)).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn what_is_read_is_what_was_written_and_nothing_else_is_read() {
        let mut stream = Seed::new(1).fork("packed").stream();
        for count in 0..40 {
            let values: Vec<f32> = (0..count).map(|_| f32::from_bits(stream.word())).collect();
            let read = read_numbers(&numbers(&values), count).unwrap();
            assert!(values.iter().zip(&read).all(|(a, b)| a.to_bits() == b.to_bits()));
            assert_eq!(read_numbers(&numbers(&values), count + 1), None);
            let values: Vec<bool> = (0..count).map(|_| stream.below(2) == 1).collect();
            assert_eq!(read_answers(&answers(&values), count), Some(values.clone()));
            assert_eq!(read_answers(&answers(&values), count + 8), None);
        }
        // A bit beyond the last answer, and a text that is none.
        assert_eq!(read_answers("_w", 7), None);
        assert_eq!((read_answers("*", 1), read_all("AAAA")), (None, None));
    }
}
