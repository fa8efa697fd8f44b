//! Where all randomness comes from: a counter-based generator keyed by a path of labels.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A key for random streams. Forking it by a label gives an independent key, so that no draw ever
/// depends on what else is drawn.
///
/// The key is SHA-256 over (parent key, label); the stream is ChaCha8 under that key from counter 0:
/// the same on every platform and, word by word, on a GPU.
///
/// ```
/// use lethe::seed::Seed;
/// let seed = Seed::new(7);
/// assert_eq!(seed.fork("data").stream().word(), seed.fork("data").stream().word());
/// assert_ne!(seed.fork("data").stream().word(), seed.fork("init").stream().word());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The root key of one numbered random start.
    pub fn new(number: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"lethe seed v1");
        hash.update(number.to_le_bytes());
        Self(hash.finalize().into())
    }

    /// An independent key for one purpose.
    pub fn fork(&self, label: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(label.as_bytes());
        Self(hash.finalize().into())
    }

    /// The random stream under this key, from its start.
    pub fn stream(&self) -> Stream {
        Stream(ChaCha8Rng::from_seed(self.0))
    }
}

/// A stream of random draws.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// 32 uniform bits.
    pub fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// The same stream from its `words`-th word on.
    pub fn from_word(mut self, words: u64) -> Self {
        self.0.set_word_pos(u128::from(words));
        self
    }

    /// Uniform in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in 0..bound without bias worth naming: the high half of word x bound (bias below bound / 2^32).
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(bound)) >> 32) as u32
    }

    /// Standard normal, by Box and Muller's transform in f64; one draw takes two uniforms.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(core::f64::consts::TAU * self.uniform())
    }
}
