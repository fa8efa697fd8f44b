//! Work that is cut into pieces, over the cores.

/// `one(0)`, `one(1)` and so on, spread over the cores.
pub fn spread<T: Send>(count: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let share = count.div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let one = &one;
        let parts = (0..count).step_by(share).map(|first| (first, count.min(first + share)));
        let threads: Vec<_> =
            parts.map(|(first, end)| scope.spawn(move || (first..end).map(one).collect::<Vec<T>>())).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
