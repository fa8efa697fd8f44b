//! What takes longer than an answer may.

use core::cell::Cell;
use core::future::Future;
use std::rc::Rc;

use crate::platform::Pieces;

/// Something that is made piece by piece, once.
#[derive(Default)]
pub enum Gradual<T> {
    #[default]
    Not,
    /// With the share that is done.
    Going(Pieces<T>, Rc<Cell<f64>>),
    Done(T),
}

impl<T> Gradual<T> {
    /// Works on it for about so long, and says which share of it is done. `begin` makes the work, which tells its share.
    pub fn advance<W>(&mut self, millis: f64, begin: impl FnOnce(Rc<Cell<f64>>) -> W) -> f64
    where
        W: Future<Output = T> + 'static,
    {
        if matches!(self, Self::Not) {
            let share = Rc::new(Cell::new(0.0));
            *self = Self::Going(Pieces::new(begin(Rc::clone(&share))), share);
        }
        if let Self::Going(pieces, _) = self
            && let Some(made) = pieces.advance(millis)
        {
            *self = Self::Done(made);
        }
        match self {
            Self::Not => 0.0,
            // What follows the last share takes a while, too.
            Self::Going(_, share) => 0.99 * share.get(),
            Self::Done(_) => 1.0,
        }
    }

    /// It, once it is done.
    pub fn done(&self) -> Option<&T> {
        if let Self::Done(made) = self { Some(made) } else { None }
    }
}
