//! Words inside a PNG: where a picture came from.
//!
//! Source: PNG specification, third edition, sections 5.3 (chunks) and 11.3.3.2 (`tEXt`).

/// The signature and the first chunk, `IHDR`, of every PNG.
const HEAD: usize = 8 + 4 + 4 + 13 + 4;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The PNG with a `tEXt` chunk right after its header. Text outside Latin-1 becomes `?`; bytes that
/// are no PNG come back as they are.
///
/// ```
/// use lethe::figure::png::with_text;
/// assert_eq!(with_text(b"GIF89a", "Source", "here"), b"GIF89a");
/// ```
pub fn with_text(png: &[u8], keyword: &str, text: &str) -> Vec<u8> {
    if png.len() < HEAD || !png.starts_with(SIGNATURE) {
        return png.to_vec();
    }
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect::<Vec<u8>>();
    let mut body = b"tEXt".to_vec();
    body.extend(latin(keyword));
    body.push(0);
    body.extend(latin(text));
    let length = u32::try_from(body.len() - 4).unwrap_or_default();
    let mut file = png[..HEAD].to_vec();
    file.extend(length.to_be_bytes());
    file.extend(&body);
    file.extend(crc(&body).to_be_bytes());
    file.extend(&png[HEAD..]);
    file
}

/// CRC-32 of a chunk (annex D), bit by bit: a crate's tables would add 16 KB to the page for a few
/// hundred bytes of text.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_stands_between_header_and_data_with_its_checksum() {
        let mut png = SIGNATURE.to_vec();
        png.extend([0; HEAD - 8]);
        png.extend(b"data");
        let told = with_text(&png, "Source", "#v=1");
        assert_eq!(told[..HEAD], png[..HEAD]);
        assert_eq!(told[HEAD..HEAD + 8], *b"\0\0\0\x0btEXt");
        assert_eq!(told[HEAD + 8..HEAD + 19], *b"Source\0#v=1");
        // As zlib.crc32(b"tEXtSource\0#v=1") has it.
        assert_eq!(told[HEAD + 19..HEAD + 23], 0x44771bab_u32.to_be_bytes());
        assert!(told.ends_with(b"data"));
    }
}
