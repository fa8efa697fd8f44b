//! The text of a web page.

/// Elements that are no text.
const HIDDEN: [&str; 6] = ["head", "script", "style", "noscript", "template", "svg"];
/// Elements that stand in their line.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time",
    "u", "var", "wbr",
];

/// What a reader sees of a page: tags, comments and hidden elements left out, named and numbered characters read, a
/// blank line where a block ends. White space is one space.
pub fn text(page: &str) -> String {
    let mut blocks = vec![String::new()];
    let closed = closed(page);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        append(&mut blocks, &rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let opens = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if !opens || !closed[page.len() - rest.len()] {
            append(&mut blocks, "<");
            rest = &rest[1..];
            continue;
        }
        let Some(end) = end_of_tag(rest) else { break };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let name: String = tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        let name = name.to_ascii_lowercase();
        if HIDDEN.contains(&name.as_str()) && !tag.starts_with('/') && !tag.ends_with('/') {
            rest = after_end(rest, &name);
        }
        if !INLINE.contains(&name.as_str()) {
            blocks.push(String::new());
        }
    }
    append(&mut blocks, rest);
    let blocks = blocks.iter().map(|block| block.split_whitespace().collect::<Vec<_>>().join(" "));
    blocks.filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn append(blocks: &mut [String], text: &str) {
    if let Some(block) = blocks.last_mut() {
        block.push_str(&characters(text));
    }
}

/// Whether a tag that begins at a byte has an end, for each byte of a page.
fn closed(page: &str) -> Vec<bool> {
    let mut closed = vec![false; page.len()];
    let (mut outside, mut double, mut single) = (false, false, false);
    for (at, byte) in page.bytes().enumerate().rev() {
        (outside, double, single) = match byte {
            b'>' => (true, double, single),
            b'"' => (double, outside, single),
            b'\'' => (single, double, outside),
            _ => (outside, double, single),
        };
        closed[at] = outside;
    }
    closed
}

/// Where a tag ends: at the first `>` that is not between quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// What follows the end of a hidden element.
fn after_end<'a>(rest: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    match rest.as_bytes().windows(end.len()).position(|bytes| bytes.eq_ignore_ascii_case(end.as_bytes())) {
        Some(at) => rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]),
        None => "",
    }
}

/// Text with its named and numbered characters; a name that is not known stays.
fn characters(text: &str) -> String {
    let mut read = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        read.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(11).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((character(&rest[1..end])?, end)));
        let (character, end) = known.unwrap_or(('&', 0));
        read.push(character);
        rest = &rest[end + 1..];
    }
    read + rest
}

fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|number| match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
        None => number.parse().ok(),
    });
    match number {
        Some(number) => char::from_u32(number?),
        None => Some(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            "ndash" => '–',
            "mdash" => '—',
            "hellip" => '…',
            "lsquo" => '‘',
            "rsquo" => '’',
            "ldquo" => '“',
            "rdquo" => '”',
            _ => return None,
        }),
    }
}
