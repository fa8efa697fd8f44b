//! A file byte by byte, with the place in it.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use sha2::{Digest, Sha256};

/// The mark that some editors put before text in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// How compressed files begin.
const PACKED: [(&str, &[u8]); 4] =
    [("gzip", b"\x1f\x8b"), ("zstd", b"\x28\xb5\x2f\xfd"), ("xz", b"\xfd7zXZ"), ("bzip2", b"BZh")];

/// Reads a file once, from its start to its end.
pub struct Reader {
    bytes: BufReader<File>,
    hash: Sha256,
    /// Of the next byte.
    at: u64,
    /// Of the next byte, from 1.
    line: u64,
}

impl Reader {
    /// Opens a file; a mark of UTF-8 at its start is passed over.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut bytes = BufReader::with_capacity(1 << 16, File::open(path)?);
        if let Some((kind, _)) =
            PACKED.iter().find(|(_, magic)| bytes.fill_buf().is_ok_and(|read| read.starts_with(magic)))
        {
            return Err(io::Error::other(format!("it is compressed by {kind}: unpack it first")));
        }
        let mut reader = Self { bytes, hash: Sha256::new(), at: 0, line: 1 };
        if reader.bytes.fill_buf()?.starts_with(MARK) {
            reader.take(MARK.len())?;
        }
        Ok(reader)
    }

    /// Where the next byte is.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The line of the next byte, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next byte, left where it is.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.bytes.fill_buf()?.first().copied())
    }

    /// The bytes that are at hand; none at the end.
    pub fn at_hand(&mut self) -> io::Result<&[u8]> {
        self.bytes.fill_buf()
    }

    /// Goes on by so many of the bytes at hand.
    pub fn take(&mut self, count: usize) -> io::Result<()> {
        let bytes = &self.bytes.fill_buf()?[..count];
        self.line += bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.hash.update(bytes);
        self.at += count as u64;
        self.bytes.consume(count);
        Ok(())
    }

    /// Passes over blanks; the byte after them.
    pub fn after_blanks(&mut self) -> io::Result<Option<u8>> {
        loop {
            let blanks = self.at_hand()?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blanks == 0 {
                return self.peek();
            }
            self.take(blanks)?;
        }
    }

    /// Appends the rest of the line, with its end, up to `most` bytes in all; whether there was room for it.
    pub fn line_into(&mut self, line: &mut Vec<u8>, most: usize) -> io::Result<bool> {
        loop {
            let bytes = self.at_hand()?;
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let count = end.map_or(bytes.len(), |end| end + 1);
            if line.len() + count > most {
                return Ok(false);
            }
            line.extend_from_slice(&bytes[..count]);
            self.take(count)?;
            if end.is_some() || count == 0 {
                return Ok(true);
            }
        }
    }

    /// SHA-256 of what has been read.
    pub fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}
