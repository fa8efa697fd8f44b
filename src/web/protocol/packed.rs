//! Values as bytes, for what is too much to travel as objects.

use core::fmt;

use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fault::{Fault, garbled};

/// A value as bytes (postcard); a `Uint8Array` on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs a value.
    ///
    /// # Errors
    /// Only where memory or the format's lengths give out.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self, Fault> {
        postcard::to_stdvec(value).map(Self).map_err(garbled)
    }

    /// The value again.
    ///
    /// # Errors
    /// [`Code::Garbled`](super::Code::Garbled) if the bytes are no such value.
    pub fn unpack<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        match postcard::take_from_bytes(&self.0).map_err(garbled)? {
            (value, []) => Ok(value),
            (_, rest) => Err(garbled(format_args!("{} bytes too many", rest.len()))),
        }
    }
}

impl AsRef<[u8]> for Packed {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Packed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Packed;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("packed bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Packed, E> {
                Ok(Packed(bytes.to_vec()))
            }
            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Packed, E> {
                Ok(Packed(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}
