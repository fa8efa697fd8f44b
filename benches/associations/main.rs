//! How fast matrices are completed and decomposed, beside scikit-surprise, NumPy and SciPy on the same data.
//!
//! `cargo bench --bench associations`; see `benches/README.md`.

mod made;
#[path = "../process.rs"]
mod process;

use std::path::PathBuf;
use std::time::Instant;

use lethe::associations::import::read;
use lethe::associations::methods::{Method, named};
use lethe::associations::{Matrix, Permuting, Protocol, Reconstruction, Spectrum, Training, Trial};
use made::{answers_like, npy, paper_like, with_gaps};
use process::Process;
use serde::Deserialize;
use serde_json::json;

/// Rounds of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 3;
/// The paper's split: 46 training rows, then 20 test rows, of which so many are fitted by the peer.
const TRAINING: usize = 46;
const OF_PEER: usize = 5;

#[derive(Deserialize)]
struct Completed {
    seconds: f64,
    squares: f64,
    count: usize,
}

#[derive(Deserialize)]
struct Decomposed {
    whole: f64,
    first_five: f64,
    values: Vec<f64>,
}

fn main() {
    let mut peer = Process::start(
        "LETHE_SURPRISE_PYTHON",
        "associations_peer.py",
        "scikit-surprise, numpy < 2, scipy and pandas",
        |command| {
            for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
                command.env(threads, "1");
            }
        },
    );
    match &peer {
        Ok(peer) => println!("Peer: {}, one thread", peer.version),
        Err(problem) => println!("SKIPPED: the peer: {problem}"),
    }
    one_fit(peer.as_mut().ok());
    whole_protocols();
    one_draw();
    permutations();
    decomposition(peer.as_mut().ok());
}

/// One fit of each method to 46 whole rows and 30 draws of one row, 2,000 columns; the error over five test rows.
fn one_fit(mut peer: Option<&mut Process>) {
    for size in [1.0, 0.1] {
        let matrix = paper_like(TRAINING + OF_PEER, 2000, size);
        let file = raw(&matrix, "fit");
        let test = (TRAINING..TRAINING + OF_PEER).collect();
        let protocol = Protocol::new(&matrix, (0..TRAINING).collect(), test, 30, 1, false).expect("a protocol");
        println!("\nOne fit: 46 rows x 2,000 columns and 30 draws of a row, standard deviation {size} nats");
        println!("{:>14}  Lethe, ms    RMSE   scikit-surprise, ms    RMSE    ratio   target", "method");
        for name in ["factorisation", "additive", "neighbours"] {
            let method = named(name, 5).expect("a method");
            let mut trials = Vec::new();
            let seconds = fastest(|| {
                let started = Instant::now();
                let training = protocol.training();
                let model = method.fit(&training);
                std::hint::black_box(protocol.trial(method.as_ref(), model.as_ref(), 0));
                let seconds = started.elapsed().as_secs_f64();
                trials = (0..OF_PEER).map(|index| protocol.trial(method.as_ref(), model.as_ref(), index)).collect();
                seconds
            });
            let own = protocol.score(name, &trials).rmse.mean;
            print!("{name:>14} {:>10.2} {own:>8.4}", 1e3 * seconds);
            let Some(peer) = peer.as_mut() else {
                println!("   SKIPPED");
                continue;
            };
            let (mut theirs, mut squares, mut count) = (f64::INFINITY, 0.0, 0);
            for index in 0..OF_PEER {
                let shown: Vec<usize> = protocol.shown(index).into_iter().map(|(column, _)| column).collect();
                let done: Completed = peer.ask(&json!({
                    "algorithm": name, "file": file, "rows": matrix.rows(), "training": TRAINING,
                    "row": TRAINING + index, "shown": shown,
                }));
                theirs = theirs.min(done.seconds);
                squares += done.squares;
                count += done.count;
            }
            let target = if name == "factorisation" { ">= 100, at no larger error" } else { "" };
            let rmse = (squares / count as f64).sqrt();
            println!("   {:>19.0} {rmse:>8.4} {:>8.0}   {target}", 1e3 * theirs, theirs / seconds);
        }
        let _ = std::fs::remove_file(file);
    }
}

/// The paper's protocol on 85 x 10,000, 46 rows learned from and 20 tested, ten seeds: complete, and with as many
/// entries missing as the authors' matrices have. And on their binary matrix, 57 rows learned from and 26 tested.
fn whole_protocols() {
    let values = ["random", "additive", "neighbours", "factorisation", "soft_impute"];
    let answers = ["random", "additive", "logistic_additive", "logistic_factorisation"];
    let complete = paper_like(85, 10_000, 1.0);
    whole_protocol("85 x 10,000", &complete, TRAINING, 20, &values, false);
    whole_protocol("85 x 10,000, 0.04 % missing", &with_gaps(&complete, 0.0004), TRAINING, 20, &values, false);
    whole_protocol("142 x 4,764, binary", &answers_like(142, 4764), 57, 26, &answers, true);
}

fn whole_protocol(what: &str, matrix: &Matrix, learned: usize, tested: usize, methods: &[&str], is_binary: bool) {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let (training, test) = ((0..learned).collect(), (learned..learned + tested).collect());
    let protocol = Protocol::new(matrix, training, test, 30, 10, is_binary).expect("a protocol");
    println!("\nThe whole protocol on {what}: {tested} test rows, 10 seeds, {cores} cores");
    let mut all = 0.0;
    for name in methods {
        let method = named(name, 5).expect("a method");
        let started = Instant::now();
        let score = protocol.score(name, &spread(&protocol, method.as_ref(), cores));
        let seconds = started.elapsed().as_secs_f64();
        all += seconds;
        let f1 = score.binary.map_or_else(String::new, |binary| format!("   F1 {:.4}", binary.f1.mean));
        println!("{name:>22} {seconds:>8.2} s   RMSE {:.4}{f1}", score.rmse.mean);
    }
    println!("{:>22} {all:>8.2} s   target: < 10 s", "together");
}

/// What the page's slider waits for: one draw of the columns of the authors' largest matrix, the last quarter of its rows
/// tested, one thread.
fn one_draw() {
    let matrix = paper_like(85, 141_871, 1.0);
    let complete = Protocol::new(&matrix, (0..64).collect(), (64..85).collect(), 30, 1, false).expect("a protocol");
    println!("\nOne draw of 85 x 141,871: 64 rows learned from, 21 tested, one thread");
    println!("{:>22} {:>12} {:>16}", "method", "learning, ms", "one draw, ms");
    let training = complete.training();
    for name in ["random", "additive", "neighbours", "factorisation", "soft_impute"] {
        let method = named(name, 5).expect("a method");
        let started = Instant::now();
        let model = method.fit(&training);
        let learning = started.elapsed().as_secs_f64();
        let draw = fastest(|| {
            let started = Instant::now();
            for index in 0..complete.trials() {
                std::hint::black_box(complete.trial(method.as_ref(), model.as_ref(), index));
            }
            started.elapsed().as_secs_f64()
        });
        println!("{name:>22} {:>12.0} {:>16.0}", 1e3 * learning, 1e3 * draw);
    }
}

/// Whether eight groups of the authors' largest matrix are forgotten together, one thread.
fn permutations() {
    const MANY: usize = 96;
    let matrix = paper_like(85, 141_871, 1.0);
    let groups: Vec<usize> = (0..141_871).map(|column| column % 8).collect();
    let seconds = fastest(|| {
        let started = Instant::now();
        let mut permuting = Permuting::new(Training::all(&matrix), &groups, MANY).expect("groups");
        let begun = started.elapsed().as_secs_f64();
        while permuting.advance() < 1.0 {}
        std::hint::black_box(permuting.finish());
        started.elapsed().as_secs_f64() - begun
    });
    println!("\nPermutations of the columns of 85 x 141,871, eight groups: {:.2} ms each", 1e3 * seconds / MANY as f64);
}

fn spread(protocol: &Protocol<'_>, method: &dyn Method, threads: usize) -> Vec<Trial> {
    let training = protocol.training();
    let model = method.fit(&training);
    let model = model.as_ref();
    let share = protocol.trials().div_ceil(threads);
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..protocol.trials())
            .step_by(share)
            .map(|first| {
                let end = protocol.trials().min(first + share);
                scope.spawn(move || (first..end).map(|index| protocol.trial(method, model, index)).collect::<Vec<_>>())
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("no trial panics")).collect()
    })
}

/// The authors' largest matrix, 85 x 141,871: read from an array of NumPy, decomposed up to rank 5.
fn decomposition(peer: Option<&mut Process>) {
    let matrix = paper_like(85, 141_871, 1.0);
    let bytes = npy(&matrix);
    println!("\n85 x 141,871 in single precision, one thread");
    let reading = fastest(|| {
        let started = Instant::now();
        std::hint::black_box(read(&bytes, None).expect("an array"));
        started.elapsed().as_secs_f64()
    });
    println!("{:>34} {reading:>8.3} s", "reading the array");
    let training = Training::all(&matrix);
    let mut values = Vec::new();
    let seconds = fastest(|| {
        let started = Instant::now();
        let spectrum = Spectrum::of(&training, None);
        std::hint::black_box(spectrum.right(&training, None, 5));
        values.clone_from(&spectrum.values);
        started.elapsed().as_secs_f64()
    });
    println!("{:>34} {seconds:>8.3} s", "rank 5, vectors of both sides");
    let spectrum = Spectrum::of(&training, None);
    let found = Reconstruction::of(&training, &spectrum, 5).expect("entries that vary");
    println!("{:>34} {}", "R2", found.ranks.iter().map(|rank| format!("{:.4} ", rank.r2)).collect::<String>());
    let Some(peer) = peer else {
        println!("SKIPPED: the peer");
        return;
    };
    let file = raw(&matrix, "svd");
    let theirs: Decomposed = peer.ask(&json!({"file": file, "rows": 85}));
    let _ = std::fs::remove_file(file);
    println!("{:>34} {:>8.3} s   ratio {:.1}", "numpy.linalg.svd", theirs.whole, theirs.whole / seconds);
    println!(
        "{:>34} {:>8.3} s   ratio {:.1}",
        "scipy.sparse.linalg.svds",
        theirs.first_five,
        theirs.first_five / seconds
    );
    let apart = values.iter().zip(&theirs.values).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
    println!("{:>34} {apart:.1e}", "largest difference of five values");
}

/// The entries alone, in a file of the system's temporary folder.
fn raw(matrix: &Matrix, name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lethe-associations-{}-{name}.f4", std::process::id()));
    let bytes: Vec<u8> = matrix.entries().iter().flat_map(|entry| entry.to_le_bytes()).collect();
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    path
}

fn fastest(mut timed: impl FnMut() -> f64) -> f64 {
    (0..ROUNDS).map(|_| timed()).fold(f64::INFINITY, f64::min)
}
