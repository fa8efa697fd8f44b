//! `lethe llama corpus`.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::folder::Folder;

fn corpus(folder: &Path, out: &Path, more: &[&str]) -> Output {
    let lethe = Command::new(env!("CARGO_BIN_EXE_lethe"))
        .args(["llama", "corpus"])
        .arg(folder)
        .arg("--out")
        .arg(out)
        .args(more)
        .output();
    lethe.unwrap()
}

fn rows(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const PAGE: &str = "<!doctype html><html><head><title>No</title><script>var a = '<p>';</script></head>
<body class=\"a>b\"><h1>The &amp; title</h1><!-- <p>no</p> --><p>One <b>bold</b>&nbsp;word,
in a&#8201;line.<br>2 &lt; 3 &unknown; <p>Next&#x2026;</p><style>p { }</style></body></html>";

#[test]
fn a_folder_becomes_a_corpus_of_two_parts() {
    let folder = Folder::new("corpus");
    let articles = folder.path().join("articles");
    for number in 0..200 {
        folder.write(&format!("articles/{}/{number}.txt", number % 3), format!("Article number {number}.\r\nIt ends."));
    }
    folder.write("articles/page.html", PAGE);
    folder.write("articles/notes.md", "# Notes\n\nOf *mine*.\n");
    folder.write("articles/rows.jsonl", "{\"text\": \"A row.\"}\n{\"text\": \"article NUMBER 7: it ends\"}\n");
    folder.write("articles/empty.txt", " \n--\n");
    folder.write("articles/none.jsonl", "");
    folder.write("articles/quote.html", "<p>An <a href=\"x>open quote</a> swallows nothing.</p><p>It goes on.");
    folder.write("articles/picture.png", [0, 255, 1]);
    let out = folder.path().join("out");
    let run = corpus(&articles, &out, &["--hold-out", "0.25", "--json"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let manifest: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(manifest["left_out"], serde_json::json!({"duplicates": 1, "empty": 2}));
    assert_eq!(manifest["files"], 206);
    let parts = ["train", "test"].map(|part| rows(&out.join(format!("{part}.jsonl"))));
    let texts = |part: usize| -> Vec<&str> { parts[part].iter().map(|row| row["text"].as_str().unwrap()).collect() };
    for (part, name) in ["train.jsonl", "test.jsonl"].into_iter().enumerate() {
        let told = &manifest["parts"][part];
        assert_eq!((told["file"].as_str(), told["documents"].as_u64()), (Some(name), Some(parts[part].len() as u64)));
        let digest = Sha256::digest(std::fs::read(out.join(name)).unwrap());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(told["sha256"], digest);
        let words: usize = texts(part).iter().map(|text| lethe::data::text::normalised(text).split(' ').count()).sum();
        assert_eq!(told["words"].as_u64(), Some(words as u64));
    }
    assert_eq!(parts[0].len() + parts[1].len(), 204);
    // A quarter of 204 with a deviation of 6.2.
    assert!((30..=72).contains(&parts[1].len()), "{}", parts[1].len());
    assert!(texts(0).iter().all(|text| !texts(1).contains(text)));
    let all = [texts(0), texts(1)].concat();
    assert!(all.contains(&"The & title\n\nOne bold word, in a line.\n\n2 < 3 &unknown;\n\nNext…"), "{all:?}");
    let quote = "An <a href=\"x>open quote swallows nothing.\n\nIt goes on.";
    assert!(all.contains(&quote), "{all:?}");
    assert!(all.contains(&"Article number 7.\nIt ends.") && all.contains(&"A row."));
    assert!(all.contains(&"# Notes\n\nOf *mine*."));
}

#[test]
fn a_document_stays_on_its_side_when_others_come() {
    let folder = Folder::new("corpus grows");
    let write = |from: usize, to: usize| {
        for number in from..to {
            folder.write(&format!("articles/{number}.txt"), format!("Article number {number}."));
        }
    };
    let held_out = |name: &str| -> Vec<String> {
        let out = folder.path().join(name);
        assert!(corpus(&folder.path().join("articles"), &out, &["--hold-out", "0.3"]).status.success());
        rows(&out.join("test.jsonl")).iter().map(|row| row["text"].to_string()).collect()
    };
    write(50, 100);
    let before = held_out("before");
    write(0, 50);
    let after = held_out("after");
    assert!(before.iter().all(|text| after.contains(text)) && after.len() > before.len());
}

#[test]
fn wrong_folders_and_shares_are_refused() {
    let folder = Folder::new("corpus refused");
    folder.write("articles/picture.png", "no");
    let (articles, out) = (folder.path().join("articles"), folder.path().join("out"));
    let refused = |folder: &Path, out: &Path, more: &[&str]| -> String {
        let run = corpus(folder, out, more);
        assert_eq!(run.status.code(), Some(2));
        String::from_utf8(run.stderr).unwrap()
    };
    assert!(refused(&articles, &out, &[]).contains("accepted: one with .txt, .md, .html or .jsonl"));
    assert!(refused(&articles, &out, &["--hold-out", "2"]).contains("hold-out = \"2\"; accepted: a share from 0 to 1"));
    assert!(refused(&folder.path().join("nothing"), &out, &[]).contains("accepted: what can be read ("));
    folder.write("articles/a.txt", "One.");
    let inside = articles.join("out");
    assert!(refused(&articles, &inside, &[]).contains("accepted: a folder outside of the articles' folder"));
    folder.write("articles/b.txt", b"Gr\xF6\xDFe");
    assert!(refused(&articles, &out, &[]).contains("b.txt"));
}

#[test]
fn a_long_page_is_read_in_time_that_grows_with_its_length() {
    let folder = Folder::new("corpus long");
    let page = ["<script></SCRIPT>", "& ", "<a '"].map(|part| part.repeat(100_000)).concat();
    folder.write("articles/page.html", page + "<p>The end.");
    let begun = std::time::Instant::now();
    let run = corpus(&folder.path().join("articles"), &folder.path().join("out"), &[]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn a_manifest_never_stands_beside_parts_it_was_not_written_for() {
    let folder = Folder::new("corpus manifest");
    folder.write("articles/one.txt", "One.");
    folder.write("out/manifest.json", "old");
    // The second part cannot have its name.
    folder.write("out/test.jsonl/file", "");
    let run = corpus(&folder.path().join("articles"), &folder.path().join("out"), &[]);
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(!folder.path().join("out/manifest.json").exists());
}
