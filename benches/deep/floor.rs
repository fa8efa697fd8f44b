//! What no engine of this kind can do without: the matrix products of a step.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use burn_tensor::{Device, Tensor};

use crate::work::Work;

/// Seconds that the products of hidden layers take, forwards and backwards, by the same library on so many
/// threads. (Those with the one input and the one output are left out.)
pub fn products(work: &Work, threads: usize) -> f64 {
    let (device, next) = (Device::flex(), AtomicUsize::new(0));
    let (samples, width) = (work.x.len(), work.mlp.width);
    let a = Tensor::<3>::ones([1, samples, width], &device);
    let w = Tensor::<3>::ones([1, width, width], &device);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < work.starts.len() {
                    for _ in 0..work.steps as usize * (work.mlp.depth - 1) {
                        std::hint::black_box(a.clone().matmul(w.clone()));
                        std::hint::black_box(a.clone().matmul(w.clone().swap_dims(1, 2)));
                        std::hint::black_box(a.clone().swap_dims(1, 2).matmul(a.clone()));
                    }
                }
            });
        }
    });
    start.elapsed().as_secs_f64()
}
