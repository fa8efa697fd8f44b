//! The kernel that Lethe and its peer are asked for.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lethe::kernel::{Layer, Network, Relu, TangentKernel, Tangents, Unit, mirror_lower};
use lethe::seed::Seed;
use ndarray::{Array1, Array2, s};

/// Points that one thread takes through the network at a time.
const PART: usize = 64;

pub struct Work {
    pub layers: Vec<Layer<f32>>,
    /// One-dimensional points over \[-2, 2).
    pub x: Array2<f32>,
    network: Network<f32>,
}

impl Work {
    /// A ReLU network in the NTK parameterisation.
    pub fn new(points: usize, hidden: &[usize]) -> Self {
        let mut stream = Seed::new(5).stream();
        let sizes = [&[1], hidden, &[1]].concat();
        let layer = |pair: &[usize]| Layer {
            weights: Array2::from_shape_simple_fn((pair[1], pair[0]), || stream.normal() as f32),
            bias: Array1::from_shape_simple_fn(pair[1], || stream.normal() as f32),
            weight_scale: 1.0 / (pair[0] as f32).sqrt(),
            weight_rate: 1.0,
            bias_rate: 1.0,
        };
        let layers: Vec<_> = sizes.windows(2).map(layer).collect();
        let x = Array2::from_shape_fn((points, 1), |(index, _)| 4.0 * index as f32 / points as f32 - 2.0);
        let network = Network::new(&layers, Unit::of::<Relu>()).expect("the layers chain");
        Self { layers, x, network }
    }

    /// Seconds for the kernel on some threads, all memory that it needs allocated within.
    pub fn seconds(&self, threads: usize) -> f64 {
        let start = Instant::now();
        let kernel = self.kernel(threads);
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(kernel.nrows(), self.x.nrows());
        seconds
    }

    fn kernel(&self, threads: usize) -> Array2<f32> {
        let points = self.x.nrows();
        let starts: Vec<usize> = (0..points).step_by(PART).collect();
        let part = |&start: &usize| {
            let part = self.x.slice(s![start..(start + PART).min(points), ..]);
            self.network.tangents(part).expect("the points fit")
        };
        let tangents = Tangents::joined(spread(threads, &starts, part)).expect("one network");
        let mut kernel = Array2::zeros((points, points));
        let bands = tangents.split(kernel.view_mut());
        // The longest first, so that no thread is left with one at the end.
        let bands: Vec<_> = bands.into_iter().enumerate().rev().map(|band| Mutex::new(Some(band))).collect();
        spread(threads, &bands, |band| {
            let taken = band.lock().ok().and_then(|mut band| band.take());
            if let Some((band, rows)) = taken {
                tangents.lower_band(band, rows);
            }
        });
        mirror_lower(&mut kernel);
        kernel
    }

    /// The largest difference to the first row of a peer's kernel, relative to its largest entry.
    pub fn difference(&self, row: &[f64]) -> f64 {
        let kernel = self.network.kernel(self.x.view()).expect("the points fit");
        let largest = row.iter().fold(0.0, |most: f64, entry| most.max(entry.abs()));
        let differences = kernel.row(0).into_iter().zip(row).map(|(&ours, theirs)| (f64::from(ours) - theirs).abs());
        differences.fold(0.0, f64::max) / largest
    }

    /// Milliseconds on one core for the arithmetic alone: two vector operations a cycle where the vectors have
    /// sixteen lanes, three where they are narrower (as in `engine/floor.rs`).
    pub fn floor_ms(&self, gigahertz: f64) -> f64 {
        let n = self.x.nrows() as f64;
        let mut products = 0.0;
        for (index, layer) in self.layers.iter().enumerate() {
            let (units, inputs) = (layer.weights.nrows() as f64, layer.weights.ncols() as f64);
            // <a, a'> and <delta, delta'> for half of the pairs; forward; back, but not to the input.
            products += n * n / 2.0 * (inputs + if index + 1 < self.layers.len() { units } else { 0.0 });
            products += n * units * inputs * if index > 0 { 2.0 } else { 1.0 };
        }
        let lanes_per_cycle = match instructions() {
            "AVX-512" => 32.0,
            "AVX" => 24.0,
            _ => 12.0,
        };
        2.0 * products / lanes_per_cycle / gigahertz / 1e6
    }
}

/// The vectors that the kernel is computed with here.
pub fn instructions() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            return "AVX-512";
        }
        if std::arch::is_x86_feature_detected!("avx") {
            return "AVX";
        }
    }
    "four lanes"
}

/// `each` of `items` on some threads; the results in the items' order.
fn spread<T: Sync, R: Send>(threads: usize, items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let index @ 0.. = next.fetch_add(1, Ordering::Relaxed)
            && index < items.len()
        {
            done.push((index, each(&items[index])));
        }
        done
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect()
    });
    results.sort_by_key(|&(index, _)| index);
    results.into_iter().map(|(_, result)| result).collect()
}
