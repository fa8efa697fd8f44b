//! A million rows.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use lethe::data::text::{Order, Record};
use lethe::native::llama::data::Corpus;
use lethe::seed::Seed;

use crate::folder::Folder;

const ROWS: u32 = 1_000_000;

/// Bytes of memory that the process holds, where the system tells.
fn held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

#[test]
fn a_million_rows_are_read_in_an_order_of_a_seed_without_being_held() {
    let folder = Folder::new("million");
    let path = folder.path().join("alpaca.json");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let filler = "so it goes, ".repeat(12);
    for row in 0..ROWS {
        let begins = if row == 0 { "[" } else { ",\n" };
        write!(file, "{begins}{{\"instruction\": \"Number {row}: {filler}\", \"input\": \"\", \"output\": \"{row}\"}}")
            .unwrap();
    }
    file.write_all(b"]").unwrap();
    file.flush().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size > 200_000_000, "{size}");
    let before = held();
    let corpus = Corpus::open(&[path], None).unwrap();
    let mut order = Order::shuffled(ROWS, Seed::new(4));
    for place in (0..u64::from(ROWS)).step_by(997) {
        let row = order.at(place);
        let Record::Instruction { output, .. } = corpus.row(row as usize).unwrap() else { panic!() };
        assert_eq!(output, row.to_string());
    }
    assert_eq!(corpus.len(), ROWS as usize);
    if let (Some(before), Some(after)) = (before, held()) {
        // Twelve bytes a row, four of the order, what vectors double to, and what the other tests hold meanwhile.
        assert!(after.saturating_sub(before) < 100 << 20, "{before} bytes before, {after} after");
    }
}
