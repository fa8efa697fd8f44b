//! The committed base models: weights in half precision, by `lethe llama pretrain`.

use crate::model::Size;

/// Of whose worlds there are models.
pub const SEEDS: [u64; 2] = [0, 1];

/// The `model.safetensors` of a size in the world of a seed; its configuration is [`Size::config`].
///
/// ```
/// use lethe::{model::Size, native::bases::base};
/// assert!(base(Size::Medium, 0).is_some_and(|bytes| bytes.len() < 200_000));
/// assert_eq!(base(Size::Medium, 2), None);
/// ```
pub fn base(size: Size, seed: u64) -> Option<&'static [u8]> {
    macro_rules! file {
        ($name:literal) => {
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/www/bases/", $name, "/model.safetensors"))
        };
    }
    match (size, seed) {
        (Size::Small, 0) => Some(file!("small-0")),
        (Size::Small, 1) => Some(file!("small-1")),
        (Size::Medium, 0) => Some(file!("medium-0")),
        (Size::Medium, 1) => Some(file!("medium-1")),
        (Size::Large, 0) => Some(file!("large-0")),
        (Size::Large, 1) => Some(file!("large-1")),
        _ => None,
    }
}
