//! An archive of arrays as NumPy writes it: a zip of `.npy` files, stored or deflated.

use std::io::Cursor;

use zip::ZipArchive;

use super::{Numbers, npy, problem};
use crate::error::Problems;

/// A byte that is deflated comes to no more bytes than this.
const MOST_UNPACKED: usize = 1032;

/// Reads the array of that name, or the only one there is.
///
/// # Errors
/// No such array, several without a name, an archive that cannot be unpacked, and whatever is wrong with the array.
pub(super) fn read(bytes: &[u8], array: Option<&str>) -> Result<Numbers, Problems> {
    let unreadable = |why: String| problem("file", &why, "an archive of NumPy");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(error.to_string()))?;
    let names: Vec<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.strip_suffix(".npy")?.to_owned())).collect();
    let told = names.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
    let name = match (array, names.as_slice()) {
        (Some(array), names) if names.iter().any(|name| name == array) => array,
        (Some(array), _) => return Err(problem("array", array, format!("one of {told}"))),
        (None, [only]) => only,
        (None, []) => return Err(unreadable("no array in it".to_owned())),
        (None, _) => return Err(problem("array", "not told", format!("one of {told}"))),
    };
    let file = archive.by_name(&format!("{name}.npy")).map_err(|error| unreadable(error.to_string()))?;
    // What it says of its size may be wrong; what it can come to, unpacked, may not.
    let most = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX).saturating_mul(MOST_UNPACKED);
    npy::read(file, most.min(bytes.len().saturating_mul(MOST_UNPACKED)))
}
