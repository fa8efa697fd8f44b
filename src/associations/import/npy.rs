//! One array as NumPy writes it.
//!
//! Not by the crate ndarray-npy, which asks for the memory that a header promises before it looks whether the file has
//! it, and needs the type of the entries beforehand.
//!
//! Source: NumPy's NEP 1, and `numpy.lib.format` for versions 2 and 3.

use std::io::{ErrorKind, Read};

use super::{Numbers, entries_of, problem};
use crate::error::Problems;

/// How a file of one array begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest header; that of a matrix has some 120 bytes.
const MOST_HEADER: usize = 1 << 16;
/// Bytes read at a time.
const PIECE: usize = 1 << 16;

/// Reads a matrix of floating-point numbers, whole numbers or truth values, in either order, from a file of at most
/// `most` bytes.
///
/// # Errors
/// Another type, byte order or number of dimensions, a header that cannot be read, fewer or more bytes than it promises.
pub(super) fn read(mut file: impl Read, most: usize) -> Result<Numbers, Problems> {
    let header = Header::read(&mut file)?;
    let &[rows, columns] = header.shape.as_slice() else {
        let shape: Vec<String> = header.shape.iter().map(usize::to_string).collect();
        return Err(problem(
            "shape",
            &format!("({})", shape.join(", ")),
            "two dimensions: tasks and upstream examples",
        ));
    };
    let count = entries_of(rows, columns)?;
    let kind = Kind::of(&header.descr)?;
    let size = kind.size();
    let promised = || format!("{} bytes, as its header says", count * size);
    let lacking = |found: usize| problem("file", &format!("{found} bytes of entries"), promised());
    let there = most.saturating_sub(header.bytes);
    if there < count * size {
        return Err(lacking(there));
    }
    let mut entries = vec![0.0; count];
    let mut piece = vec![0; PIECE];
    let mut read = 0;
    while read < count {
        let wanted = ((count - read) * size).min(PIECE);
        let found = fill(&mut file, &mut piece[..wanted])?;
        if found < wanted {
            return Err(lacking(read * size + found));
        }
        for bytes in piece[..wanted].chunks_exact(size) {
            let place = if header.by_columns { read % rows * columns + read / rows } else { read };
            entries[place] = kind.entry(bytes);
            read += 1;
        }
    }
    if fill(&mut file, &mut [0])? > 0 {
        return Err(problem("file", "more bytes of entries", promised()));
    }
    Ok(Numbers { rows, columns, entries, row_names: Vec::new(), column_names: Vec::new() })
}

/// Reads until the bytes are full or the file ends, and says how many it read.
fn fill(file: &mut impl Read, bytes: &mut [u8]) -> Result<usize, Problems> {
    let mut found = 0;
    while found < bytes.len() {
        match file.read(&mut bytes[found..]) {
            Ok(0) => break,
            Ok(more) => found += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(problem("file", &error.to_string(), "an array that can be unpacked")),
        }
    }
    Ok(found)
}

/// What an array says of itself.
struct Header {
    /// How long it is, with what stands before it.
    bytes: usize,
    descr: String,
    by_columns: bool,
    shape: Vec<usize>,
}

impl Header {
    fn read(file: &mut impl Read) -> Result<Self, Problems> {
        let mut start = [0; 8];
        let whole =
            |found: usize, wanted: usize| if found == wanted { Ok(()) } else { Err(unreadable("it ends too early")) };
        whole(fill(file, &mut start)?, 8)?;
        if !start.starts_with(MAGIC) {
            return Err(unreadable("it does not begin as one"));
        }
        let width = match start[6] {
            1 => 2,
            2 | 3 => 4,
            version => return Err(problem("version", &version.to_string(), "1, 2 or 3 of NumPy's format")),
        };
        let mut length = [0; 4];
        whole(fill(file, &mut length[..width])?, width)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MOST_HEADER {
            return Err(problem("header", &format!("{length} bytes"), format!("at most {MOST_HEADER} bytes")));
        }
        let mut header = vec![0; length];
        whole(fill(file, &mut header)?, length)?;
        let text = String::from_utf8(header).map_err(|_| unreadable("its header is no text"))?;
        let found = Self::of(&text, start.len() + width + length);
        found.ok_or_else(|| problem("header", &text, "descr, fortran_order and shape of an array"))
    }

    /// The header's dictionary, as Python prints it.
    fn of(text: &str, bytes: usize) -> Option<Self> {
        let text = text.trim();
        let inside = text.strip_prefix('{')?.strip_suffix('}')?;
        let after = |key: &str| {
            let quoted = [format!("'{key}'"), format!("\"{key}\"")];
            let rest = quoted.iter().find_map(|key| inside.split_once(key.as_str()))?.1;
            Some(rest.trim_start().strip_prefix(':')?.trim_start())
        };
        let descr = after("descr")?;
        // A list describes the fields of a record.
        let descr = match descr.chars().next()? {
            mark @ ('\'' | '"') => descr[1..].split(mark).next()?.to_owned(),
            _ => descr.split(']').next()?.to_owned(),
        };
        let order = after("fortran_order")?;
        let by_columns = order.starts_with("True");
        if !by_columns && !order.starts_with("False") {
            return None;
        }
        let shape = after("shape")?.strip_prefix('(')?.split_once(')')?.0;
        let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
        let shape = lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?;
        Some(Self { bytes, descr, by_columns, shape })
    }
}

fn unreadable(why: &str) -> Problems {
    problem("file", why, "an array of NumPy")
}

/// What the entries of an array are.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Signed(usize),
    Unsigned(usize),
    Single,
    Double,
}

impl Kind {
    fn of(descr: &str) -> Result<Self, Problems> {
        let kind = match descr {
            "|b1" | "?" => Self::Bool,
            "|i1" | "<i1" => Self::Signed(1),
            "|u1" | "<u1" => Self::Unsigned(1),
            "<i2" => Self::Signed(2),
            "<u2" => Self::Unsigned(2),
            "<i4" => Self::Signed(4),
            "<u4" => Self::Unsigned(4),
            "<i8" => Self::Signed(8),
            "<u8" => Self::Unsigned(8),
            "<f4" => Self::Single,
            "<f8" => Self::Double,
            other => {
                let accepted = "floating-point numbers (<f4, <f8), whole numbers (<i1 to <u8) or truth values (|b1)";
                return Err(problem("dtype", other, accepted));
            }
        };
        Ok(kind)
    }

    fn size(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Signed(size) | Self::Unsigned(size) => size,
            Self::Single => 4,
            Self::Double => 8,
        }
    }

    fn entry(self, bytes: &[u8]) -> f32 {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        let unsigned = u64::from_le_bytes(eight);
        match self {
            Self::Bool => f32::from(u8::from(bytes[0] != 0)),
            Self::Unsigned(_) => unsigned as f32,
            Self::Signed(size) => {
                let spare = 64 - 8 * size;
                (((unsigned << spare) as i64) >> spare) as f32
            }
            Self::Single => f32::from_bits(unsigned as u32),
            Self::Double => f64::from_bits(unsigned) as f32,
        }
    }
}
