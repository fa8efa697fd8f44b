//! How fast the engine of deep networks trains, beside its matrix products alone and beside PyTorch in the
//! same run.
//!
//! `cargo bench --bench deep`; see `benches/README.md`.

mod floor;
mod peer;
#[path = "../process.rs"]
mod process;
mod work;

use lethe::model::{Activation, Block};
use peer::Torch;
use work::Work;

/// Short rounds in turns, of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 12;

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let torch = Torch::start(threads);
    match &torch {
        Ok(torch) => println!("{threads} threads, PyTorch {}, eager", torch.version()),
        Err(why) => println!("{threads} threads; SKIPPED the comparison with PyTorch: {why}"),
    }
    let mut torch = torch.ok();
    println!("16 networks x 512 samples, one input, full-batch gradient descent");
    println!("{:>38} {:>10} {:>16} {:>10} {:>8}", "", "steps / s", "products alone", "PyTorch", "ratio");
    for (depth, width) in [(1, 64), (3, 64), (3, 256)] {
        for activation in [Activation::Tanh, Activation::Relu] {
            row(&Work::new(16, 512, depth, width, Block::Plain, activation), threads, torch.as_mut());
        }
    }
    row(&Work::new(16, 512, 3, 256, Block::ResidualNorm, Activation::Tanh), threads, torch.as_mut());
}

fn row(work: &Work, threads: usize, mut torch: Option<&mut Torch>) {
    let (mut own, mut products, mut theirs) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
    let mut losses = [0.0; 2];
    for round in 0..ROUNDS {
        let mut fleet = work.fleet(threads);
        own = own.min(work.train(&mut fleet));
        products = products.min(floor::products(work, threads));
        if let Some(torch) = torch.as_deref_mut() {
            let answer = torch.train(work);
            theirs = theirs.min(answer.seconds);
            losses = [work.loss(&fleet), answer.loss];
        }
        // The same work, or the ratio means nothing.
        assert!((losses[0] - losses[1]).abs() <= 1e-4 * losses[1].abs(), "round {round}: {losses:?}");
    }
    let rate = |seconds: f64| f64::from(work.steps) / seconds;
    let name =
        format!("{:?} depth {} width {} {:?}", work.mlp.block, work.mlp.depth, work.mlp.width, work.mlp.activation);
    print!("{name:>38} {:>10.1} {:>16.1}", rate(own), rate(products));
    if torch.is_some() {
        print!(" {:>10.1} {:>7.2}x", rate(theirs), theirs / own);
    }
    println!();
}
