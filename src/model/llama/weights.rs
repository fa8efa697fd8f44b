//! Weights out of safetensors files.

use core::fmt;
use std::collections::BTreeMap;

use burn_tensor::TensorData;
use safetensors::tensor::{SafeTensors, TensorView};
use safetensors::{Dtype, SafeTensorError};

use super::precision::Precision;

/// Why a file is no model, in a sentence that names what and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// The tensors of one or several files, where they lie.
pub struct Weights<'a> {
    tensors: BTreeMap<String, (String, TensorView<'a>)>,
}

impl<'a> Weights<'a> {
    /// Reads the headers of files, each with the name by which errors call it.
    ///
    /// # Errors
    /// The file that is truncated, not safetensors, or repeats a tensor.
    pub fn read(files: &[(&str, &'a [u8])]) -> Result<Self, Fault> {
        let mut tensors = BTreeMap::new();
        for &(file, bytes) in files {
            let read =
                SafeTensors::deserialize(bytes).map_err(|error| Fault(format!("{file}: {}", reason(&error, bytes))))?;
            for (name, view) in read.tensors() {
                if let Some((other, _)) = tensors.get(&name) {
                    return Err(Fault(format!("{file}: tensor {name} is in {other}, too")));
                }
                tensors.insert(name, (file.to_owned(), view));
            }
        }
        Ok(Self { tensors })
    }

    /// The names of all tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// A tensor in this precision.
    ///
    /// # Errors
    /// If it is missing, has another shape, a precision that is no model's, or a number that is not finite, or none in
    /// this precision.
    pub fn tensor(&self, name: &str, shape: &[usize], precision: Precision) -> Result<TensorData, Fault> {
        let Some((file, view)) = self.tensors.get(name) else {
            return Err(Fault(format!("tensor {name} is missing; there are {}", self.some_names())));
        };
        if view.shape() != shape {
            let found = view.shape();
            return Err(Fault(format!("{file}: tensor {name} has shape {found:?}; expected {shape:?}")));
        }
        let stored = match view.dtype() {
            Dtype::F32 => Precision::F32,
            Dtype::F16 => Precision::F16,
            Dtype::BF16 => Precision::BF16,
            other => {
                return Err(Fault(format!("{file}: tensor {name} is {other:?}; accepted are F32, F16 and BF16")));
            }
        };
        let bytes = burn_tensor::Bytes::from_bytes_vec(view.data().to_vec());
        if let Some(at) = first_not_finite(view.data(), stored) {
            return Err(Fault(format!("{file}: number {at} of tensor {name} is not finite")));
        }
        let data = TensorData::from_bytes(bytes, shape.to_vec(), stored.dtype());
        if stored == precision {
            return Ok(data);
        }
        let data = data.convert_dtype(precision.dtype());
        match first_not_finite(data.as_bytes(), precision) {
            None => Ok(data),
            Some(at) => Err(Fault(format!(
                "{file}: number {at} of tensor {name} is beyond {}; {} can hold it",
                precision.name(),
                stored.name()
            ))),
        }
    }

    /// A few names, for a message.
    fn some_names(&self) -> String {
        let some: Vec<&str> = self.names().take(3).collect();
        match self.tensors.len() {
            0 => "none".to_owned(),
            count => format!("{count}, such as {}", some.join(", ")),
        }
    }
}

/// The place of the first number, among these in little-endian order, whose exponent says infinite or no number.
pub fn first_not_finite(bytes: &[u8], precision: Precision) -> Option<usize> {
    let half = |mask: u16| {
        let (numbers, _) = bytes.as_chunks::<2>();
        numbers.iter().position(|&number| u16::from_le_bytes(number) & mask == mask)
    };
    match precision {
        Precision::F16 => half(0x7c00),
        Precision::BF16 => half(0x7f80),
        Precision::F32 => {
            let (numbers, _) = bytes.as_chunks::<4>();
            numbers.iter().position(|&number| !f32::from_le_bytes(number).is_finite())
        }
    }
}

/// What is wrong with a file that is no safetensors file.
fn reason(error: &SafeTensorError, bytes: &[u8]) -> String {
    match error {
        SafeTensorError::MetadataIncompleteBuffer => {
            format!("the file is truncated: its {} bytes are not as many as its header says", bytes.len())
        }
        SafeTensorError::HeaderTooSmall | SafeTensorError::InvalidHeaderLength => {
            format!("the file is truncated or no safetensors file: its {} bytes hold no header", bytes.len())
        }
        SafeTensorError::HeaderTooLarge => "no safetensors file: its header would be larger than 100 MB".to_owned(),
        other => format!("no safetensors file: {other}"),
    }
}
