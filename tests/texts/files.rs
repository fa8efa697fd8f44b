//! Rows of files.

use std::path::PathBuf;

use lethe::data::text::{Format, Record};
use lethe::native::Failure;
use lethe::native::llama::data::Corpus;

use crate::folder::Folder;

fn opened(files: &[PathBuf]) -> Corpus {
    Corpus::open(files, None).unwrap()
}

/// What is wrong, a line for each problem.
pub fn problems<T: std::fmt::Debug>(found: Result<T, Failure>) -> Vec<String> {
    match found {
        Err(Failure::Input(problems)) => problems.0.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

fn texts(corpus: &Corpus) -> Vec<String> {
    let text = |record: Result<Record, Failure>| match record.unwrap() {
        Record::Text(text) => text,
        Record::Instruction { output, .. } => output,
        Record::Conversation(turns) => turns.last().unwrap().text.clone(),
    };
    corpus.iter().map(text).collect()
}

#[test]
fn files_of_one_name_are_told_by_their_folders_and_compressed_ones_as_such() {
    let folder = Folder::new("named");
    let wrong = folder.write("rows.jsonl", "{\"text\": 1}\n");
    let told = problems(Corpus::open(&[wrong], None));
    assert!(told[0].starts_with("rows/rows.jsonl, line 1, text = \"1\"; "), "{told:?}");
    let packed = folder.path().join("packed.jsonl");
    std::fs::write(&packed, b"\x1f\x8b\x08\x00binary").unwrap();
    let told = problems(Corpus::open(&[packed], None));
    assert!(told[0].contains("it is compressed by gzip: unpack it first") && !told[0].contains('\u{fffd}'), "{told:?}");
}

#[test]
fn an_array_is_read_element_by_element_however_it_is_laid_out() {
    let folder = Folder::new("arrays");
    let row = |output: &str| format!(r#"{{"instruction": "a [b] {{c}}, \"d\\\"", "input": "", "output": "{output}"}}"#);
    let layouts = [
        format!("[{},{}]", row("1"), row("2")),
        format!("\u{feff}\r\n[\r\n  {},\r\n  {}\r\n]\r\n", row("1"), row("2")),
        format!("[\n\n{}\n,\n{}\n]\n\n", row("1").replace(", \"", ",\n\""), row("2")),
    ];
    for (number, text) in layouts.iter().enumerate() {
        let corpus = opened(&[folder.write(&format!("{number}.json"), text)]);
        assert_eq!((corpus.format(), texts(&corpus)), (Format::Alpaca, vec!["1".to_owned(), "2".to_owned()]), "{text}");
        let Record::Instruction { instruction, .. } = corpus.row(1).unwrap() else { panic!() };
        assert_eq!(instruction, "a [b] {c}, \"d\\\"");
    }
}

#[test]
fn lines_are_rows_with_marks_blank_lines_and_line_ends_of_windows() {
    let folder = Folder::new("lines");
    let unix = "{\"text\": \"one\"}\n{\"text\": \"two\"}";
    let windows = "\u{feff}{\"text\": \"one\"}\r\n\r\n  {\"text\": \"two\"}  \r\n\r\n";
    for (number, text) in [unix, windows].into_iter().enumerate() {
        let corpus = opened(&[folder.write(&format!("{number}.jsonl"), text)]);
        assert_eq!(texts(&corpus), ["one", "two"]);
    }
}

#[test]
fn documents_of_text_end_at_blank_lines() {
    let folder = Folder::new("documents");
    let unix = folder.write("unix.txt", "\n\none\n two \n\n \t\n\nthree\n");
    assert_eq!(texts(&opened(&[unix])), ["one\n two", "three"]);
    let windows = folder.write("windows.txt", "\u{feff}one\r\n two \r\n\r\nthree");
    assert_eq!(texts(&opened(&[windows])), ["one\n two", "three"]);
}

#[test]
fn of_a_folder_each_file_of_text_is_a_document() {
    let folder = Folder::new("folder");
    folder.write("articles/b.txt", "two\n\nmore\n");
    folder.write("articles/a.TXT", "\none");
    folder.write("articles/c.txt", " \n");
    folder.write("articles/notes.csv", "no");
    let corpus = opened(&[folder.path().join("articles")]);
    assert_eq!(texts(&corpus), ["one", "two\n\nmore"]);
    assert_eq!(corpus.place(1), "articles/b.txt, row 1");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_may_have_more_files_than_a_process_may_hold_open() {
    let open_files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let folder = Folder::new("many files");
    for number in 0..400 {
        folder.write(&format!("articles/{number:03}.txt"), number.to_string());
    }
    let before = open_files();
    let corpus = opened(&[folder.path().join("articles")]);
    assert_eq!(texts(&corpus)[399], "399");
    assert!(open_files() < before + 100, "{} files were open, {before} before", open_files());
}

#[test]
fn files_are_taken_together_and_any_row_can_be_had() {
    let folder = Folder::new("together");
    let line = |text: &str| format!("{{\"text\": \"{text}\"}}\n");
    let first = folder.write("first.jsonl", line("one") + &line("two"));
    let second = folder.write("second.json", "[{\"text\": \"three\"}]");
    let third = folder.write("third.txt", "four\n\nfive");
    let corpus = opened(&[first.clone(), second, third]);
    assert_eq!(corpus.len(), 5);
    for row in [4, 0, 3, 1, 2, 4] {
        let Record::Text(text) = corpus.row(row).unwrap() else { panic!() };
        assert_eq!(text, ["one", "two", "three", "four", "five"][row]);
    }
    assert_eq!(corpus.place(3), "rows/third.txt, row 1");
    assert_ne!(corpus.digest(), opened(&[first]).digest());
}

#[test]
fn wrong_rows_are_named_by_file_and_line_all_at_once() {
    let folder = Folder::new("wrong");
    let good = "{\"instruction\": \"a\", \"output\": \"b\"}";
    let lines = folder.write("a.jsonl", format!("{good}\n{{\"instruction\": \"a\"}}\nnonsense\n{good}\n[1]\n"));
    assert_eq!(
        problems(Corpus::open(&[lines], None)),
        [
            "rows/a.jsonl, line 2, output = \"missing\"; accepted: a text",
            "rows/a.jsonl, line 3, row = \"nonsense\"; accepted: JSON (expected ident)",
            "rows/a.jsonl, line 5, row = \"[1]\"; \
             accepted: an object with instruction and output, and input where there is one",
        ]
    );
    let array = folder.write("b.json", format!("[\n{good},\n{{\n\"instruction\": \"a\",\n\"output\" 3}},\n{good}\n]"));
    let found = problems(Corpus::open(&[array], None));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("rows/b.json, line 5, row = \"{ \"instruction\""), "{found:?}");
    assert!(found[0].ends_with("accepted: JSON (expected `:`)"), "{found:?}");
}

#[test]
fn broken_arrays_are_named_by_the_line() {
    let folder = Folder::new("broken");
    let row = "{\"text\": \"a\"}";
    let cases = [
        (
            format!("[{row},\n{row}"),
            "line 2 = \"the end of the file within the row of line 2\"; accepted: a whole array",
        ),
        (
            format!("[{row},\n{{\"text\": \"a"),
            "line 2 = \"the end of the file within the row of line 2\"; accepted: a whole array",
        ),
        (format!("[{row}\n]\n]"), "line 3 = \"]\"; accepted: nothing after the array's end"),
        (format!("[{row}}}\n]"), "line 1 = \"}\"; accepted: a comma or the array's end after a row"),
    ];
    for (number, (text, expected)) in cases.into_iter().enumerate() {
        let name = format!("{number}.json");
        let found = problems(Corpus::open(&[folder.write(&name, &text)], None));
        assert_eq!(found, [format!("rows/{name}, {expected}")], "{text}");
    }
    let doubled = folder.write("doubled.json", format!("[{row},,{row}]"));
    let found = problems(Corpus::open(&[doubled], None));
    assert!(found[0].starts_with("rows/doubled.json, line 1, row = \"\"; accepted: JSON"), "{found:?}");
}

#[test]
fn files_without_rows_or_of_another_kind_are_refused() {
    let folder = Folder::new("refused");
    let refused = |name: &str, content: &[u8], format: Option<Format>| {
        problems(Corpus::open(&[folder.write(name, content)], format)).join("\n")
    };
    assert!(refused("empty.jsonl", b"\n\n", None).ends_with("accepted: files with at least one row"));
    assert!(refused("empty.json", b"[ ]", None).ends_with("accepted: files with at least one row"));
    assert!(refused("empty.txt", b"", None).ends_with("accepted: files with at least one row"));
    let told = refused("latin.txt", b"one\n\nGr\xF6\xDFe\n", None);
    assert_eq!(told, "rows/latin.txt, line 3, text = \"Gr\u{fffd}\u{fffd}e\"; accepted: text in UTF-8");
    let told = refused("alpaca.txt", b"one", Some(Format::Alpaca));
    assert!(told.contains("alpaca.txt\"; accepted: .json, .jsonl or .parquet"), "{told}");
    let told = refused("other.jsonl", b"{\"prompt\": \"a\"}", None);
    assert!(told.starts_with("rows/other.jsonl, line 1, row = ") && told.contains("keys of alpaca"), "{told}");
    let told = problems(Corpus::open(&[folder.path().join("nothing.json")], None)).join("\n");
    assert!(told.contains("accepted: readable files ("), "{told}");
    let told = refused("cut.parquet", b"PAR1", None);
    assert!(told.starts_with("files = \"rows/cut.parquet\"; accepted: files of Parquet ("), "{told}");
}

#[test]
fn no_more_than_twenty_rows_are_named() {
    let folder = Folder::new("twenty");
    let path = folder.write("a.jsonl", "{\"instruction\": 1, \"output\": \"b\"}\n".repeat(1_000));
    assert_eq!(problems(Corpus::open(&[path], None)).len(), 20);
}

#[test]
fn a_file_that_has_changed_is_told() {
    let folder = Folder::new("changed");
    let path = folder.write("a.jsonl", "{\"text\": \"one\"}\n{\"text\": \"two\"}\n");
    let corpus = opened(std::slice::from_ref(&path));
    std::fs::write(&path, "{\"text\": \"a longer one\"}\n{\"text\": \"2\"}\n").unwrap();
    let Err(Failure::Other(why)) = corpus.row(1) else { panic!() };
    assert_eq!(why, "cannot read rows/a.jsonl, row 2: the file has changed since it was opened");
}

#[test]
fn texts_at_hand_are_a_corpus() {
    let corpus = Corpus::of_texts("generated", vec!["one".to_owned(), "two".to_owned()]).unwrap();
    assert_eq!((texts(&corpus), corpus.place(1)), (vec!["one".into(), "two".into()], "generated, row 2".into()));
    assert!(Corpus::of_texts("generated", Vec::new()).is_err());
}
