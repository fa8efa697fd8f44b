//! Windows of matrices in an order, with several entries to a picture element.

use lethe::associations::{Matrix, Pooling, Window, quantile_of_sizes};

fn numbered(rows: usize, columns: usize) -> Matrix {
    let entries = (0..rows * columns).map(|at| at as f32).collect();
    Matrix::new(rows, columns, entries).expect("a number in every cell")
}

#[test]
fn with_an_element_for_each_entry_the_picture_is_the_matrix_in_its_order() {
    let matrix = numbered(3, 4);
    let window = Window { row: 1, rows: 2, column: 1, columns: 3 };
    for by in [Pooling::Mean, Pooling::Farthest] {
        let seen = window.pooled(&matrix, [&[2, 0, 1], &[3, 1, 0, 2]], [100, 100], by).unwrap();
        assert_eq!(seen, ([2, 3], vec![1.0, 0.0, 2.0, 5.0, 4.0, 6.0]));
    }
}

#[test]
fn pooling_loses_no_entry_and_counts_none_twice() {
    let matrix = numbered(7, 1000);
    let (rows, columns): (Vec<usize>, Vec<usize>) = ((0..7).collect(), (0..1000).rev().collect());
    let window = Window { row: 0, rows: 7, column: 0, columns: 1000 };
    let mean = |height, width| {
        let ([height, width], seen) =
            window.pooled(&matrix, [&rows, &columns], [height, width], Pooling::Mean).unwrap();
        assert_eq!(seen.len(), height * width);
        seen.iter().map(|&value| f64::from(value)).sum::<f64>() / seen.len() as f64
    };
    // Parts of one size: the mean of means is the mean.
    for (height, width) in [(1, 1), (7, 10), (7, 1000), (1, 250)] {
        assert!((mean(height, width) - 3499.5).abs() < 1e-2, "{height} x {width}");
    }
    let ([_, width], seen) = window.pooled(&matrix, [&rows, &columns], [1, 3], Pooling::Farthest).unwrap();
    assert_eq!((width, seen), (3, vec![6999.0, 6666.0, 6333.0]));
}

#[test]
fn what_is_missing_is_left_out_and_told_where_nothing_is_there() {
    let matrix = Matrix::new(2, 4, vec![f32::NAN, 2.0, f32::NAN, f32::NAN, f32::NAN, -4.0, 1.0, f32::NAN]).unwrap();
    let window = Window { row: 0, rows: 2, column: 0, columns: 4 };
    let seen = |by| window.pooled(&matrix, [&[0, 1], &[0, 1, 2, 3]], [1, 4], by).unwrap().1;
    let (mean, farthest) = (seen(Pooling::Mean), seen(Pooling::Farthest));
    assert!(mean[0].is_nan() && mean[3].is_nan() && farthest[0].is_nan());
    assert_eq!((mean[1], mean[2], farthest[1], farthest[2]), (-1.0, 1.0, -4.0, 1.0));
}

#[test]
fn windows_that_leave_the_matrix_are_refused_by_name() {
    let matrix = numbered(2, 3);
    let refused = |row, rows, column, columns, pixels: [usize; 2]| {
        let window = Window { row, rows, column, columns };
        window.pooled(&matrix, [&[0, 1], &[0, 1, 2]], pixels, Pooling::Mean).unwrap_err().to_string()
    };
    assert!(refused(0, 0, 0, 3, [1, 1]).contains("window, rows = \"0 from place 0 on\""));
    assert!(refused(1, 2, 0, 3, [1, 1]).contains("2 places"));
    assert!(refused(0, 2, usize::MAX, 2, [1, 1]).contains("window, columns"));
    assert!(refused(0, 2, 0, 3, [0, 9]).contains("pixels = \"0 x 9\""));
    assert!(refused(0, 2, 0, 3, [usize::MAX, 2]).contains("pixels"));
}

#[test]
fn colours_end_at_a_share_of_the_sizes() {
    let matrix = Matrix::new(1, 6, vec![-3.0, f32::NAN, 1.0, 2.0, 0.5, 100.0]).unwrap();
    assert_eq!(quantile_of_sizes(&matrix, 1.0), 100.0);
    assert_eq!(quantile_of_sizes(&matrix, 0.75), 3.0);
    assert_eq!(quantile_of_sizes(&matrix, 0.0), 0.5);
    // A thousandth of many entries decides nothing.
    let entries = (0..3_000_000).map(|at| if at % 1009 == 0 { 1e6 } else { (at % 100) as f32 }).collect();
    assert_eq!(quantile_of_sizes(&Matrix::new(3, 1_000_000, entries).unwrap(), 0.99), 98.0);
}
