//! Draws are the same everywhere, and are what their documentation says.

use crate::test;
use lethe::seed::Seed;

/// The reference is SHA-256 of Python's hashlib and ChaCha with eight rounds written out after
/// RFC 8439 (64-bit counter, zero nonce), in stream.py beside this file.
#[test]
fn a_stream_is_chacha8_under_the_hash_of_its_labels() {
    let mut stream = Seed::new(7).fork("data").fork("x1").stream();
    let words: Vec<u32> = (0..71).map(|_| stream.word()).collect();
    assert_eq!(words[..4], [0xcbad_04c2, 0xf194_16ff, 0x4970_9373, 0x1643_1f7b]);
    assert_eq!([words[64], words[70]], [0x1eaf_6a9a, 0x575e_62ee]);
}

/// 100,000 draws: the bounds are five standard errors.
#[test]
fn normal_draws_have_mean_zero_and_variance_one() {
    let mut stream = Seed::new(3).fork("normal").stream();
    let draws: Vec<f64> = (0..100_000).map(|_| stream.normal()).collect();
    let n = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    assert!(mean.abs() < 5.0 / n.sqrt(), "mean {mean}");
    assert!((variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "variance {variance}");
}
