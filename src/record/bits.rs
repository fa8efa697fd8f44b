//! Bits in bytes, the first in the highest place.

/// The bytes of some bits, the last byte filled up with zeros.
pub(super) fn pack(bits: &[bool]) -> Vec<u8> {
    let byte = |chunk: &[bool]| chunk.iter().enumerate().fold(0u8, |byte, (k, &bit)| byte | u8::from(bit) << (7 - k));
    bits.chunks(8).map(byte).collect()
}

/// All bits of some bytes.
pub(super) fn unpack(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |k| byte >> k & 1 == 1)).collect()
}
