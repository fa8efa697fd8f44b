//! Long work, piece by piece.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::now_millis;

/// Work in hand that was written as if it were never interrupted: it owns what it needs, borrows from it, and says
/// [`rest`]`.await` wherever it may be left for a while. Not asking is pausing, dropping is cancelling.
pub struct Pieces<T>(Pin<Box<dyn Future<Output = T>>>);

impl<T> Pieces<T> {
    /// Nothing is done before the first piece.
    pub fn new(work: impl Future<Output = T> + 'static) -> Self {
        Self(Box::pin(work))
    }

    /// Works for about so long, at least to the next rest; what it comes to, with the last piece. Not to be called
    /// again after that.
    pub fn advance(&mut self, millis: f64) -> Option<T> {
        let deadline = now_millis() + millis;
        loop {
            match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(done) => return Some(done),
                Poll::Pending if now_millis() >= deadline => return None,
                Poll::Pending => {}
            }
        }
    }
}

/// Where work may be left: the next poll goes on.
pub fn rest() -> impl Future<Output = ()> {
    let mut is_rested = false;
    poll_fn(move |_| if core::mem::replace(&mut is_rested, true) { Poll::Ready(()) } else { Poll::Pending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_on_where_it_was_left_and_ends_once() {
        let numbers = vec![1, 2, 3];
        let mut pieces = Pieces::new(async move {
            let (mut sum, borrowed) = (0, &numbers);
            for number in borrowed {
                sum += number;
                rest().await;
            }
            sum
        });
        // No time at all is one piece.
        let asked: Vec<Option<i32>> = (0..4).map(|_| pieces.advance(0.0)).collect();
        assert_eq!(asked, [None, None, None, Some(6)]);
    }

    #[test]
    fn given_time_it_comes_to_its_end_at_once() {
        let mut pieces = Pieces::new(async {
            for _ in 0..100 {
                rest().await;
            }
        });
        assert_eq!(pieces.advance(f64::INFINITY), Some(()));
    }
}
