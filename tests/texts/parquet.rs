//! Rows of Parquet.

use std::path::Path;
use std::sync::Arc;

use lethe::data::text::{Format, Record, Role, Turn};
use lethe::native::llama::data::Corpus;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::files::problems;
use crate::folder::Folder;

/// A file like OpenOrca's: groups of three rows, some without words for the system.
fn orca(path: &Path, rows: usize, compression: Compression, answered: impl Fn(usize) -> bool) {
    let schema = "message schema { required int64 id; optional binary system_prompt (UTF8);
        required binary question (UTF8); optional binary response (UTF8); }";
    let properties = WriterProperties::builder().set_compression(compression).build();
    let file = std::fs::File::create(path).unwrap();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    let numbers: Vec<usize> = (0..rows).collect();
    for group in numbers.chunks(3) {
        let mut columns = writer.next_row_group().unwrap();
        let mut id = columns.next_column().unwrap().unwrap();
        let ids: Vec<i64> = group.iter().map(|&row| row as i64).collect();
        id.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        id.close().unwrap();
        let mut texts = |word: &str, has: &dyn Fn(usize) -> bool, optional: bool| {
            let mut column = columns.next_column().unwrap().unwrap();
            let there: Vec<ByteArray> = group
                .iter()
                .filter(|&&row| has(row))
                .map(|row| ByteArray::from(format!("{word} {row}, „ß“").into_bytes()))
                .collect();
            let levels: Vec<i16> = group.iter().map(|&row| i16::from(has(row))).collect();
            let levels = optional.then_some(&levels[..]);
            column.typed::<ByteArrayType>().write_batch(&there, levels, None).unwrap();
            column.close().unwrap();
        };
        texts("system", &|row| row % 2 == 1, true);
        texts("question", &|_| true, false);
        texts("response", &answered, true);
        columns.close().unwrap();
    }
    writer.close().unwrap();
}

#[test]
fn rows_of_any_group_are_had_in_any_order() {
    let folder = Folder::new("parquet");
    for (number, compression) in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())]
            .into_iter()
            .enumerate()
    {
        let path = folder.path().join(format!("{number}.parquet"));
        orca(&path, 10, compression, |_| true);
        let corpus = Corpus::open(&[path], None).unwrap();
        assert_eq!((corpus.len(), corpus.format()), (10, Format::OpenOrca));
        for row in [9, 0, 4, 3, 9] {
            let turn = |role, word| Turn::new(role, format!("{word} {row}, „ß“"));
            let system = (row % 2 == 1).then(|| turn(Role::System, "system"));
            let rest = [turn(Role::User, "question"), turn(Role::Assistant, "response")];
            let expected = Record::Conversation(system.into_iter().chain(rest).collect());
            assert_eq!(corpus.row(row).unwrap(), expected);
        }
    }
}

#[test]
fn wrong_rows_are_named_by_their_number() {
    let folder = Folder::new("parquet wrong");
    let path = folder.path().join("orca.parquet");
    orca(&path, 8, Compression::SNAPPY, |row| row != 4);
    let found = problems(Corpus::open(&[path], None));
    assert_eq!(found, ["rows/orca.parquet, row 5, response = \"null\"; accepted: a text"]);
}

/// A file of one column `text`.
fn column<T: DataType>(path: &Path, kind: &str, values: &[T::T]) {
    let schema = Arc::new(parse_message_type(&format!("message schema {{ required {kind} text; }}")).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn bytes_are_text_where_they_are_utf_8_and_nothing_else_is() {
    let folder = Folder::new("parquet bytes");
    let path = folder.path().join("column.parquet");
    let bytes = |text: &[u8]| ByteArray::from(text.to_vec());
    column::<ByteArrayType>(&path, "binary", &[bytes("Größe".as_bytes())]);
    let corpus = Corpus::open(std::slice::from_ref(&path), None).unwrap();
    assert_eq!(corpus.row(0).unwrap(), Record::Text("Größe".into()));
    column::<ByteArrayType>(&path, "binary", &[bytes(b"one"), bytes(b"Gr\xF6\xDFe")]);
    let found = problems(Corpus::open(std::slice::from_ref(&path), None));
    assert_eq!(found, ["rows/column.parquet, row 2, text = \"{\"bytes\":5}\"; accepted: a text"]);
    column::<Int64Type>(&path, "int64", &[7]);
    let found = problems(Corpus::open(std::slice::from_ref(&path), None));
    assert_eq!(found, ["rows/column.parquet, row 1, text = \"7\"; accepted: a text"]);
}
