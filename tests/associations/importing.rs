//! Matrices from files, good and bad.

use lethe::associations::import::read;
use lethe::associations::{MOST_ROWS, Matrix};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn good(bytes: &[u8]) -> Matrix {
    read(bytes, None).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(bytes: &[u8]) -> String {
    read(bytes, None).unwrap_err().to_string()
}

/// An array as NumPy writes it, version 1.
fn npy(descr: &str, by_columns: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if by_columns { "True" } else { "False" };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    header.push_str(&" ".repeat(63 - (10 + header.len()) % 64));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn bits(matrix: &Matrix) -> Vec<u32> {
    matrix.entries().iter().map(|entry| entry.to_bits()).collect()
}

#[test]
fn marks_line_ends_delimiters_and_names_make_no_difference() {
    let plain = good(b"0.5,-1,nan\n2,,3e-2\n");
    assert_eq!((plain.rows(), plain.columns(), plain.missing()), (2, 3, 2));
    assert!(plain.row_names().is_empty() && plain.column_names().is_empty());
    let versions: [&[u8]; 8] = [
        b"\xef\xbb\xbf0.5,-1,nan\r\n2,,3e-2\r\n",
        b"0.5;-1;NA\n2; ;0.03",
        b"0.5\t-1\t\n\n2\tnull\t.03\n",
        b"a,b,c\n0.5,-1,nan\n2,NaN,3e-2\n",
        b"task,a,b,c\nx,0.5,-1,N/A\ny,2,,3e-2\n",
        b"x,0.5,-1,\ny,2,,3e-2\n",
        b",0,1,2\n0,0.5,-1,\n1,2,,3e-2\n",
        b",a,b,c\n0,\"0.5\",-1,\n1,2,,3e-2\n",
    ];
    for text in versions {
        assert_eq!(bits(&good(text)), bits(&plain), "{}", String::from_utf8_lossy(text));
    }
    let named = good(b"task,a,b,c\nx,0.5,-1,N/A\ny,2,,3e-2\n");
    assert_eq!(
        (named.row_names(), named.column_names()),
        (&["x".into(), "y".into()][..], &["a".into(), "b".into(), "c".into()][..])
    );
    let single = good(b"0.5\n1\n");
    assert_eq!((single.rows(), single.columns()), (2, 1));
    assert_eq!((good(b"0.5,0.2").rows(), good(b"0.5,0.2").columns()), (1, 2));
}

#[test]
fn everything_wrong_with_a_table_is_named() {
    let cases: [(&[u8], &str); 13] = [
        (b"", "file = \"empty\""),
        (b" \n\n", "file = \"empty\""),
        (b"1,2\n3\n4,5,6\n", "line 2 = \"1 cells\"; accepted: 2 cells, as on the first line\nline 3 = \"3 cells\""),
        (b"a,b\n1,two\n", "line 2, column 2 = \"two\"; accepted: a number"),
        (b"t,a,b\nx,1,2\ny,3,4o\n", "line 3, column 3 = \"4o\""),
        (b"1,2\n3,inf\n", "line 2, column 2 = \"inf\""),
        (b"1,2\n3,-1e400\n", "line 2, column 2 = \"-1e400\""),
        (b"a,b\n", "file = \"names alone\""),
        (b"a,b,a\n1,2,3\n", "names of columns = \"a\"; accepted: every name once"),
        (b"t,a,b\nx,1,2\nx,3,4\n", "names of rows = \"x\"; accepted: every name once"),
        (b"nan,nan\n,\n", "matrix = \"all missing\""),
        (b"1,2\n\0,4\n", "file = \"not text\""),
        (b"{\"a\": 1}", "file = \"names alone\""),
    ];
    for (text, wanted) in cases {
        let found = refused(text);
        assert!(found.contains(wanted), "{}: {found}", String::from_utf8_lossy(text));
    }
    let tall = "1,2\n".repeat(MOST_ROWS + 1);
    assert!(refused(tall.as_bytes()).contains("at most 1000 rows"));
    let many = "a,b\n".to_owned() + &"1,x\n".repeat(100);
    assert_eq!(refused(many.as_bytes()).lines().count(), 20);
}

#[test]
fn rows_and_columns_without_entries_and_constant_ones_are_kept_and_told() {
    let matrix = good(b"1,,3\n,,\n1,,4\n");
    assert_eq!(matrix.missing(), 5);
    let notes = matrix.notes().join("\n");
    assert!(notes.contains("1 rows have no entry") && notes.contains("1 columns have no entry"), "{notes}");
    assert!(notes.contains("1 columns hold one and the same value"), "{notes}");
    assert!(good(b"1,2\n3,4\n").notes().is_empty());
}

#[test]
fn every_type_and_order_of_numpy_is_read() {
    let wanted = good(b"0,1,2\n3,4,5\n");
    let data = |write: &dyn Fn(u8) -> Vec<u8>| (0..6).flat_map(write).collect::<Vec<u8>>();
    let cases = [
        ("|u1", data(&|value| vec![value])),
        ("|i1", data(&|value| vec![value])),
        ("<i2", data(&|value| i16::from(value).to_le_bytes().to_vec())),
        ("<u2", data(&|value| u16::from(value).to_le_bytes().to_vec())),
        ("<i4", data(&|value| i32::from(value).to_le_bytes().to_vec())),
        ("<u4", data(&|value| u32::from(value).to_le_bytes().to_vec())),
        ("<i8", data(&|value| i64::from(value).to_le_bytes().to_vec())),
        ("<u8", data(&|value| u64::from(value).to_le_bytes().to_vec())),
        ("<f4", data(&|value| f32::from(value).to_le_bytes().to_vec())),
        ("<f8", data(&|value| f64::from(value).to_le_bytes().to_vec())),
    ];
    for (descr, data) in &cases {
        assert_eq!(bits(&good(&npy(descr, false, "(2, 3)", data))), bits(&wanted), "{descr}");
        let size = data.len() / 6;
        let by_columns: Vec<u8> =
            [0, 3, 1, 4, 2, 5].iter().flat_map(|&at: &usize| data[at * size..][..size].to_vec()).collect();
        assert_eq!(bits(&good(&npy(descr, true, "(2, 3)", &by_columns))), bits(&wanted), "{descr} by columns");
    }
    let negative = good(&npy("<i2", false, "(1, 2)", &[0xff, 0xff, 0, 0x80]));
    assert_eq!(negative.entries(), [-1.0, -32768.0]);
    let answers = good(&npy("|b1", false, "(2, 2)", &[0, 1, 1, 0]));
    assert!(answers.binary().is_ok());
    assert_eq!(answers.entries(), [0.0, 1.0, 1.0, 0.0]);
    let gap = good(&npy("<f4", false, "(1, 2)", &[f32::NAN.to_le_bytes(), 1f32.to_le_bytes()].concat()));
    assert_eq!(gap.missing(), 1);
}

#[test]
fn everything_wrong_with_an_array_is_named() {
    let four = [0; 16];
    let mut version = npy("<f4", false, "(2, 2)", &four);
    version[6] = 9;
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(u32::MAX.to_le_bytes());
    let infinite = [f32::INFINITY.to_le_bytes(), 1f32.to_le_bytes()].concat();
    let cases = [
        (npy("<c8", false, "(2, 2)", &[0; 32]), "dtype = \"<c8\"; accepted: floating-point numbers"),
        (npy("|O", false, "(2, 2)", &four), "dtype = \"|O\""),
        (npy("<U3", false, "(2, 2)", &four), "dtype = \"<U3\""),
        (npy(">f4", false, "(2, 2)", &four), "dtype = \">f4\""),
        (npy("<f4", false, "(4,)", &four), "shape = \"(4)\"; accepted: two dimensions"),
        (npy("<f4", false, "(1, 2, 2)", &four), "shape = \"(1, 2, 2)\""),
        (npy("<f4", false, "()", &four), "shape = \"()\""),
        (npy("<f4", false, "(0, 5)", &[]), "matrix = \"0 x 5\""),
        (npy("<f4", true, "(5, 0)", &[]), "matrix = \"5 x 0\""),
        (npy("<f4", false, "(2, 2)", &four[..15]), "file = \"15 bytes of entries\"; accepted: 16 bytes"),
        (npy("<f4", false, "(2, 2)", &[0; 17]), "file = \"more bytes of entries\""),
        (npy("<f4", false, "(900, 100000)", &four), "file = \"16 bytes of entries\""),
        (npy("<f8", false, "(99999999999, 99999999999)", &four), "matrix = \"99999999999 x 99999999999\""),
        (npy("<f4", false, "(1e3, 2)", &four), "header = "),
        (npy("<f4", false, "(-1, 2)", &four), "header = "),
        (npy("<f4", false, "(1, 2)", &infinite), "row 0, column 0 = \"inf\""),
        (b"\x93NUMPY\x01\x00\x20\x00{'shape': (1, 1)}".to_vec(), "it ends too early"),
        (b"\x93NUMPY".to_vec(), "it ends too early"),
        (version, "version = \"9\""),
        (long, "header = \"4294967295 bytes\""),
    ];
    for (bytes, wanted) in cases {
        let found = refused(&bytes);
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
}

#[test]
fn no_beginning_of_a_file_makes_it_fall() {
    let whole = npy("<f4", false, "(2, 2)", &[0; 16]);
    for length in 0..whole.len() {
        assert!(read(&whole[..length], None).is_err(), "{length}");
    }
    let text = b"task,a,b\nx,0.25,2\ny,3,4\n";
    for length in 0..text.len() {
        // Some beginnings are tables; none is a panic.
        let _ = read(&text[..length], None);
    }
}

/// Archives made by NumPy 1.26 (`savez` and `savez_compressed`): a 2 x 3 array of f4 called `z`, and the same beside a
/// vector `y`.
const STORED: &[u8] = include_bytes!("../golden/associations_stored.npz");
const DEFLATED: &[u8] = include_bytes!("../golden/associations_deflated.npz");

#[test]
fn archives_of_numpy_are_read() {
    let wanted = good(b"0,1,2\n3,4,5\n");
    assert_eq!(bits(&good(STORED)), bits(&wanted));
    assert_eq!(bits(&read(DEFLATED, Some("z")).unwrap()), bits(&wanted));
    assert!(refused(DEFLATED).contains("array = \"not told\"; accepted: one of y, z"), "{}", refused(DEFLATED));
    let unknown = read(DEFLATED, Some("x")).unwrap_err().to_string();
    assert!(unknown.contains("array = \"x\"; accepted: one of y, z"), "{unknown}");
    for length in 0..DEFLATED.len() {
        assert!(read(&DEFLATED[..length], Some("z")).is_err(), "{length}");
    }
    let mut spoiled = DEFLATED.to_vec();
    for at in 0..spoiled.len() {
        spoiled[at] ^= 0x55;
        // Wherever it is spoiled, an answer comes.
        let _ = read(&spoiled, Some("z"));
        spoiled[at] ^= 0x55;
    }
}
