//! Where the rows of a file begin and end: elements of a JSON array, lines of JSON, documents of text.

use core::ops::ControlFlow;
use std::io;
use std::path::Path;

use super::reader::Reader;

/// Bytes of the longest row.
pub const LONGEST: usize = 1 << 26;

/// How the rows of a file are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Elements of one JSON array.
    Array,
    /// A JSON object a line.
    Lines,
    /// Documents, with blank lines between them.
    Documents,
    /// One document.
    Whole,
}

/// A row's place in its file.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub start: u64,
    /// From 1.
    pub line: u64,
}

/// Why no further row can be told apart.
pub enum Stop {
    Io(io::Error),
    /// Line, what stands there, what is accepted.
    Broken(u64, String, &'static str),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Layout {
    /// Whether a file is one of JSON, by its name.
    pub fn is_json(path: &Path) -> bool {
        let names = ["json", "jsonl", "ndjson"];
        path.extension().is_some_and(|own| names.iter().any(|name| own.eq_ignore_ascii_case(name)))
    }

    /// That of a file of JSON: an array where it begins with one, whatever its name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_json(reader: &mut Reader) -> io::Result<Self> {
        Ok(if reader.after_blanks()? == Some(b'[') { Self::Array } else { Self::Lines })
    }
}

/// Calls `row` with each row of a file in order until it breaks off; only one of them is held at a time.
///
/// # Errors
/// The file cannot be read, or is not laid out so. What is wrong within a row is no matter of this function.
pub fn each(
    reader: &mut Reader,
    layout: Layout,
    mut row: impl FnMut(Place, &[u8]) -> ControlFlow<()>,
) -> Result<(), Stop> {
    match layout {
        Layout::Array => array(reader, &mut row),
        Layout::Lines => lines(reader, &mut row),
        Layout::Documents => documents(reader, &mut row),
        Layout::Whole => whole(reader, &mut row),
    }
}

fn too_long(line: u64) -> Stop {
    Stop::Broken(line, format!("a row of more than {LONGEST} bytes"), "rows of at most 64 MiB")
}

fn lines(reader: &mut Reader, row: &mut impl FnMut(Place, &[u8]) -> ControlFlow<()>) -> Result<(), Stop> {
    let mut line = Vec::new();
    while reader.after_blanks()?.is_some() {
        let place = Place { start: reader.at(), line: reader.line() };
        line.clear();
        if !reader.line_into(&mut line, LONGEST)? {
            return Err(too_long(place.line));
        }
        if row(place, line.trim_ascii_end()).is_break() {
            break;
        }
    }
    Ok(())
}

fn documents(reader: &mut Reader, row: &mut impl FnMut(Place, &[u8]) -> ControlFlow<()>) -> Result<(), Stop> {
    let (mut document, mut begun) = (Vec::new(), None);
    loop {
        let place = Place { start: reader.at(), line: reader.line() };
        let before = document.len();
        if !reader.line_into(&mut document, LONGEST)? {
            return Err(too_long(place.line));
        }
        let ended = document.len() == before;
        if document[before..].trim_ascii().is_empty() {
            if let Some(begun) = begun.take()
                && row(begun, document.trim_ascii_end()).is_break()
            {
                return Ok(());
            }
            document.clear();
        } else {
            begun.get_or_insert(place);
        }
        if ended {
            return Ok(());
        }
    }
}

fn whole(reader: &mut Reader, row: &mut impl FnMut(Place, &[u8]) -> ControlFlow<()>) -> Result<(), Stop> {
    let mut document = Vec::new();
    reader.after_blanks()?;
    let place = Place { start: reader.at(), line: reader.line() };
    while reader.peek()?.is_some() {
        if !reader.line_into(&mut document, LONGEST)? {
            return Err(too_long(place.line));
        }
    }
    let document = document.trim_ascii_end();
    if !document.is_empty() {
        // There is no other row to break off before.
        let _ = row(place, document);
    }
    Ok(())
}

fn array(reader: &mut Reader, row: &mut impl FnMut(Place, &[u8]) -> ControlFlow<()>) -> Result<(), Stop> {
    let mut element = Vec::new();
    expect(reader, b"[", "a JSON array")?;
    if reader.after_blanks()? == Some(b']') {
        reader.take(1)?;
    } else {
        loop {
            reader.after_blanks()?;
            let place = Place { start: reader.at(), line: reader.line() };
            element.clear();
            element_into(reader, &mut element, place.line)?;
            if row(place, element.trim_ascii_end()).is_break() {
                return Ok(());
            }
            if expect(reader, b",]", "a comma or the array's end after a row")? == b']' {
                break;
            }
        }
    }
    match reader.after_blanks()? {
        None => Ok(()),
        Some(byte) => Err(Stop::Broken(reader.line(), shown(Some(byte)), "nothing after the array's end")),
    }
}

fn shown(byte: Option<u8>) -> String {
    byte.map_or_else(|| "the end of the file".to_owned(), |byte| char::from(byte).to_string())
}

/// Takes the byte after blanks, which is one of these.
fn expect(reader: &mut Reader, bytes: &[u8], accepted: &'static str) -> Result<u8, Stop> {
    match reader.after_blanks()? {
        Some(byte) if bytes.contains(&byte) => {
            reader.take(1)?;
            Ok(byte)
        }
        other => Err(Stop::Broken(reader.line(), shown(other), accepted)),
    }
}

/// Reads up to the comma or bracket that ends an element. What is between quotes ends nothing.
fn element_into(reader: &mut Reader, element: &mut Vec<u8>, line: u64) -> Result<(), Stop> {
    let (mut depth, mut quoted, mut escaped) = (0_u64, false, false);
    loop {
        let bytes = reader.at_hand()?;
        if bytes.is_empty() {
            let told = format!("the end of the file within the row of line {line}");
            return Err(Stop::Broken(reader.line(), told, "a whole array"));
        }
        let ends = |byte: &u8| {
            if quoted {
                quoted = escaped || *byte != b'"';
                escaped = *byte == b'\\' && !escaped;
                return false;
            }
            match byte {
                b'"' => quoted = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                b',' | b']' | b'}' => return depth == 0,
                _ => {}
            }
            false
        };
        let end = bytes.iter().position(ends);
        let count = end.unwrap_or(bytes.len());
        if element.len() + count > LONGEST {
            return Err(too_long(line));
        }
        element.extend_from_slice(&bytes[..count]);
        reader.take(count)?;
        if end.is_some() {
            return Ok(());
        }
    }
}
