//! Reads plain JavaScript values (what `JSON.parse` and `postMessage` give) as Rust ones.
//!
//! `serde-wasm-bindgen` writes them and could read them, too. This reader asks each object for the fields
//! that it should have instead of matching whatever it has, which makes the page some 20 KB smaller.

use core::fmt;

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
};
use wasm_bindgen::{JsCast, JsValue};

/// Whole numbers up to this one are told apart in JavaScript.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// The value that a plain one is.
///
/// # Errors
/// The first thing wrong with it.
pub fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, Unreadable> {
    T::deserialize(Plain(value))
}

/// Why a value could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A list or an object ends before this entry.
    Short(usize),
    /// An object lacks this field.
    Missing(&'static str),
    /// This field holds something else than it should; without a name, the value itself does.
    Wrong(Option<&'static str>),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "missing field `{name}`"),
            Self::Wrong(Some(name)) => write!(f, "the field `{name}` holds something else than it should"),
            Self::Wrong(None) | Self::Short(_) => f.write_str("it is something else than it should be"),
        }
    }
}

impl core::error::Error for Unreadable {}

/// What serde would say in detail is left out: the words for every type would be most of this module.
impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Wrong(None)
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::Wrong(None)
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::Wrong(None)
    }

    fn invalid_length(length: usize, _: &dyn serde::de::Expected) -> Self {
        Self::Short(length)
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::Wrong(None)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}

type Answer<T> = Result<T, Unreadable>;

const WRONG: Unreadable = Unreadable::Wrong(None);

struct Plain(JsValue);

impl Plain {
    fn whole(&self) -> Answer<f64> {
        self.0.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= SAFE).ok_or(WRONG)
    }

    fn natural(&self) -> Answer<u64> {
        self.whole().and_then(|number| if number < 0.0 { Err(WRONG) } else { Ok(number as u64) })
    }

    fn list<'de, V: Visitor<'de>>(&self, visitor: V) -> Answer<V::Value> {
        let list = self.0.dyn_ref::<Array>().ok_or(WRONG)?;
        let mut items = Items { list, next: 0 };
        let value = visitor.visit_seq(&mut items)?;
        if items.next == list.length() { Ok(value) } else { Err(WRONG) }
    }

    fn object<'de, V: Visitor<'de>>(&self, fields: &'static [&'static str], visitor: V) -> Answer<V::Value> {
        if !self.0.is_object() {
            return Err(WRONG);
        }
        visitor.visit_seq(Fields { object: &self.0, fields: fields.iter() }).map_err(|error| match error {
            Unreadable::Short(index) => fields.get(index).map_or(WRONG, |name| Unreadable::Missing(name)),
            other => other,
        })
    }
}

macro_rules! naturals {
    ($($ask:ident)*) => {
        $(fn $ask<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
            visitor.visit_u64(self.natural()?)
        })*
    };
}

macro_rules! integers {
    ($($ask:ident)*) => {
        $(fn $ask<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
            visitor.visit_i64(self.whole()? as i64)
        })*
    };
}

impl<'de> Deserializer<'de> for Plain {
    type Error = Unreadable;

    naturals! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }
    integers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 }

    serde::forward_to_deserialize_any! { i128 u128 char map identifier ignored_any }

    /// Asked by types that take whatever there is; no message and no record has one.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Answer<V::Value> {
        Err(WRONG)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        visitor.visit_bool(self.0.as_bool().ok_or(WRONG)?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        visitor.visit_f64(self.0.as_f64().ok_or(WRONG)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        visitor.visit_string(self.0.as_string().ok_or(WRONG)?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        visitor.visit_byte_buf(self.0.dyn_ref::<Uint8Array>().ok_or(WRONG)?.to_vec())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_unit() } else { Err(WRONG) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Answer<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Answer<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Answer<V::Value> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Answer<V::Value> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        self.object(fields, visitor)
    }

    /// The name of a variant, or an object with that name as its only key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        let (name, content) = match self.0.as_string() {
            Some(name) => (name, JsValue::UNDEFINED),
            None => {
                let object = self.0.dyn_ref::<Object>().ok_or(WRONG)?;
                let keys = Object::keys(object);
                let name = keys.get(0).as_string().filter(|_| keys.length() == 1).ok_or(WRONG)?;
                let content = Reflect::get(object, &keys.get(0)).map_err(|_| WRONG)?;
                (name, content)
            }
        };
        let index = variants.iter().position(|variant| *variant == name).ok_or(WRONG)?;
        visitor.visit_enum(Variant { index: index as u32, content: Plain(content) })
    }
}

struct Items<'a> {
    list: &'a Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<Option<S::Value>> {
        if self.next >= self.list.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(Plain(self.list.get(self.next - 1))).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.list.length() - self.next) as usize)
    }
}

struct Fields<'a> {
    object: &'a JsValue,
    fields: core::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields<'_> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<Option<S::Value>> {
        let Some(name) = self.fields.next() else { return Ok(None) };
        let value = Reflect::get(self.object, &JsValue::from_str(name)).map_err(|_| WRONG)?;
        let is_missing = value.is_undefined();
        match seed.deserialize(Plain(value)) {
            // The type says whether that is its default or a field too few.
            Err(_) if is_missing => Ok(None),
            Err(Unreadable::Wrong(None) | Unreadable::Short(_)) => Err(Unreadable::Wrong(Some(name))),
            read => read.map(Some),
        }
    }
}

struct Variant {
    index: u32,
    content: Plain,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Plain;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Answer<(S::Value, Plain)> {
        let index: U32Deserializer<Unreadable> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Plain {
    type Error = Unreadable;

    fn unit_variant(self) -> Answer<()> {
        if self.0.is_undefined() { Ok(()) } else { Err(WRONG) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Answer<S::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Answer<V::Value> {
        self.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Answer<V::Value> {
        self.object(fields, visitor)
    }
}
