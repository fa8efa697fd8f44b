//! Association matrices as a bare WebAssembly module for `benches/associations.mjs`, without any glue.

#![expect(unsafe_code, reason = "exported names are unsafe: nothing else here exports them")]

#[path = "../associations/made.rs"]
#[expect(dead_code, reason = "the native benchmark makes others, too")]
mod made;

use std::cell::RefCell;

use lethe::associations::{Decomposing, Effects, Matrix, Reconstruction, Training};

thread_local!(static MADE: RefCell<Option<Matrix>> = const { RefCell::new(None) });

/// Makes the matrix that is then decomposed.
#[unsafe(no_mangle)]
pub extern "C" fn make(rows: u32, columns: u32) {
    MADE.set(Some(made::paper_like(rows as usize, columns as usize, 1.0)));
}

/// R2 of rank 5, so many columns at a time; the right singular vectors are taken as well. Centred on effects, if told.
#[unsafe(no_mangle)]
pub extern "C" fn decompose(piece: u32, is_centred: u32) -> f64 {
    MADE.with_borrow(|made| {
        let Some(matrix) = made else { return f64::NAN };
        let training = Training::all(matrix);
        let effects = (is_centred != 0).then(|| Effects::of(&training, 0.0));
        let mut decomposing = Decomposing::new(training.clone(), effects.as_ref());
        while decomposing.advance(piece as usize) < 1.0 {}
        let spectrum = decomposing.finish();
        let right = spectrum.right(&training, effects.as_ref(), 5);
        let found = Reconstruction::of(&training, &spectrum, 5);
        found.map_or(f64::NAN, |found| found.ranks[4].r2 + 0.0 * right[0])
    })
}
