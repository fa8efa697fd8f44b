//! Reading paths out of Rust source text: small, and sure enough for a law about names.

/// Whether `code` holds `path` as a whole path, either spelt out or inside `use first::{…, second, …}`.
pub fn names(code: &str, path: &str) -> bool {
    match path.split_once("::") {
        None => positions(code, path).next().is_some(),
        Some((first, second)) => {
            positions(code, first).any(|at| heads(code, at + first.len()).iter().any(|head| head == second))
        }
    }
}

/// The crate's modules that `code` in `file` names by `crate::`, `lethe::` or enough `super::`.
pub fn modules_named(file: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["crate", "lethe"] {
        for at in positions(code, root) {
            found.extend(heads(code, at + root.len()));
        }
    }
    // The crate root is as many `super::` away as the file's module path is long.
    let depth = file.trim_end_matches("/mod.rs").matches('/').count() + 1;
    let climb = ["super"; 8][..depth.min(8)].join("::");
    for at in positions(code, &climb) {
        found.extend(heads(code, at + climb.len()));
    }
    found.sort();
    found.dedup();
    found
}

/// Where `word` stands in `code` as a whole identifier that no path leads to.
fn positions<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = code[..*at].trim_end_matches("r#");
        let led_to = before.strip_suffix("::").is_some_and(|path| path.ends_with(|c| part_of_name(c) || c == '>'));
        !before.ends_with(part_of_name)
            && !led_to
            && !before.ends_with('.')
            && !code[at + word.len()..].starts_with(part_of_name)
    })
}

/// The identifiers directly after the `::` at `at`: one, or those of a brace group.
fn heads(code: &str, at: usize) -> Vec<String> {
    let Some(rest) = code[at..].trim_start().strip_prefix("::") else {
        return Vec::new();
    };
    let rest = rest.trim_start();
    let Some(group) = rest.strip_prefix('{') else {
        return vec![identifier(rest)];
    };
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut starts = true;
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts = true,
            c if starts && !c.is_whitespace() => {
                found.push(identifier(&group[place..]));
                starts = false;
            }
            _ => {}
        }
    }
    found
}

fn identifier(text: &str) -> String {
    text.trim_start_matches("r#").chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// `text` with comments, strings and character literals blanked out.
pub fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if c == '"' {
            string(rest)
        } else if let Some(raw) = raw_string(rest, &code) {
            raw
        } else if c == '\'' {
            character(rest)
        } else {
            0
        };
        if skipped == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[skipped..];
        }
    }
    code
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of the raw string at the start of `text`, unless its `r` ends a name.
fn raw_string(text: &str, before: &str) -> Option<usize> {
    if before.ends_with(|c: char| (c.is_alphanumeric() && c != 'b') || c == '_') {
        return None;
    }
    let fence = text.strip_prefix('r')?;
    let hashes = fence.len() - fence.trim_start_matches('#').len();
    let body = fence[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let opening = 1 + hashes + 1;
    Some(body.find(&end).map_or(text.len(), |at| opening + at + end.len()))
}

/// Length of the character literal at the start of `text`; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), _) => {
            text[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(text.len(), |(at, _)| at + 3)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}
