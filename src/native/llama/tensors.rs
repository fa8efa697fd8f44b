//! Files of tensors, written as they are read from a model.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::path::Path;

use safetensors::tensor::View;
use safetensors::{Dtype, SafeTensorError};

use crate::model::llama::{Fault, Stored, file_metadata};

/// Why tensors are not in a file.
#[derive(Debug)]
pub enum Unwritten {
    /// One of them cannot be.
    Fault(Fault),
    /// The system says so.
    System(io::Error),
}

/// Writes a safetensors file of tensors, one after the other, so that never two of them are in memory twice.
///
/// # Errors
/// The first tensor with a number that its precision does not hold; what the system says. There may be a file all the
/// same.
pub fn write(path: &Path, tensors: &[Stored]) -> Result<(), Unwritten> {
    let fault = RefCell::new(None);
    let views = tensors.iter().map(|stored| (stored.name.as_str(), Streamed { stored, fault: &fault }));
    let written = safetensors::serialize_to_file(views, Some(file_metadata()), path);
    match (fault.into_inner(), written) {
        (Some(fault), _) => Err(Unwritten::Fault(fault)),
        (None, Ok(())) => Ok(()),
        (None, Err(SafeTensorError::IoError(error))) => Err(Unwritten::System(error)),
        (None, Err(error)) => Err(Unwritten::System(io::Error::other(error))),
    }
}

/// A tensor that is read when its turn comes; what is wrong with it is told afterwards.
struct Streamed<'a> {
    stored: &'a Stored,
    fault: &'a RefCell<Option<Fault>>,
}

impl View for Streamed<'_> {
    fn dtype(&self) -> Dtype {
        self.stored.dtype()
    }

    fn shape(&self) -> &[usize] {
        &self.stored.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.stored.data() {
            Ok(data) => Cow::Owned(data.as_bytes().to_vec()),
            Err(fault) => {
                self.fault.borrow_mut().get_or_insert(fault);
                Cow::Owned(vec![0; self.stored.bytes()])
            }
        }
    }

    fn data_len(&self) -> usize {
        self.stored.bytes()
    }
}
