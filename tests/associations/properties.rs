//! What holds of any file.

use lethe::associations::Matrix;
use lethe::associations::import::read;
use proptest::collection::vec;
use proptest::prelude::*;

fn entry() -> impl Strategy<Value = f32> {
    prop_oneof![3 => -1e15f32..1e15, 3 => -1f32..1.0, 1 => Just(0.0), 1 => Just(f32::NAN)]
}

proptest! {
    #[test]
    fn any_bytes_are_a_matrix_or_a_problem(bytes in vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, None);
    }

    #[test]
    fn any_array_header_is_a_matrix_or_a_problem(header in "[{}'a-z:<>()|,0-9 TFf_]{0,100}", data in vec(any::<u8>(), 0..40)) {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        let _ = read(&bytes, None);
    }

    #[test]
    fn any_cells_are_a_matrix_or_a_problem(text in "[0-9a-z.,;\t\n\" -]{0,200}") {
        let _ = read(text.as_bytes(), None);
    }

    #[test]
    fn what_is_written_as_text_is_read_to_the_same_bits(rows in 1usize..6, columns in 1usize..6, entries in vec(entry(), 25)) {
        let entries = entries[..rows * columns].to_vec();
        if let Ok(matrix) = Matrix::new(rows, columns, entries) {
            let line = |row: usize| matrix.row(row).iter().map(f32::to_string).collect::<Vec<_>>().join(",");
            let text: Vec<String> = (0..rows).map(line).collect();
            let again = read(text.join("\n").as_bytes(), None).map_err(|problems| TestCaseError::fail(problems.to_string()))?;
            prop_assert_eq!((again.rows(), again.columns()), (rows, columns));
            let same = again.entries().iter().zip(matrix.entries()).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()));
            prop_assert!(same);
        }
    }
}
