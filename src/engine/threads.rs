//! Work on several threads, of which each piece is on one.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Does `work` on every item, on so many threads; in builds without the command line on the one that asks, as in a
/// browser's worker.
pub fn for_each<T: Send>(items: &mut [T], threads: usize, work: impl Fn(&mut T) + Sync) {
    match threads.min(items.len()) {
        #[cfg(feature = "native")]
        threads @ 2.. => share(items, threads, work),
        _ => items.iter_mut().for_each(work),
    }
}

/// Whoever is free takes the next item.
#[cfg(feature = "native")]
fn share<T: Send>(items: &mut [T], threads: usize, work: impl Fn(&mut T) + Sync) {
    let queue = std::sync::Mutex::new(items.iter_mut());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let drain = || {
        while let Some(item) = next() {
            work(item);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(drain);
        }
        drain();
    });
}

/// What a future that waits for nothing comes to: every one of those on the CPU.
///
/// # Panics
/// If it does wait.
pub fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the CPU answers at once"),
    }
}
