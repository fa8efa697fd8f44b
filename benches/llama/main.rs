//! How fast a step of LoRA is on tiny Llamas, beside PEFT in the same run.
//!
//! `cargo bench --bench llama`; see `benches/README.md`.

#[path = "../process.rs"]
mod process;
mod work;

use process::Process;
use serde::Deserialize;
use serde_json::json;
use work::Work;

/// Short rounds in turns, of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 4;
const STEPS: usize = 40;

#[derive(Deserialize)]
struct Answer {
    seconds: f64,
    trained: usize,
}

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let mut peer = Process::start("LETHE_TORCH_PYTHON", "llama_peer.py", "torch, transformers and peft", |command| {
        command.arg(threads.to_string());
    });
    match &peer {
        Ok(peer) => println!("one thread against {} on {threads}, eager", peer.version),
        Err(why) => println!("one thread; SKIPPED the comparison with PEFT: {why}"),
    }
    println!("LoRA of rank 8 on all linear layers, AdamW, f32; tokens a second");
    println!("{:>44} {:>10} {:>10} {:>8}", "", "Lethe", "PEFT", "ratio");
    for work in [Work::new(48, 2, 128, 320, [8, 32]), Work::new(64, 4, 176, 512, [8, 64])] {
        let (mut own, mut theirs) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            let (seconds, trained) = work.train(STEPS);
            own = own.min(seconds);
            if let Ok(peer) = &mut peer {
                let [sequences, time] = work.batch;
                let question = json!({ "config": work.config, "rank": work::RANK, "sequences": sequences, "time": time,
                    "steps": STEPS });
                let answer: Answer = peer.ask(&question);
                // The same work, or the ratio means nothing.
                assert_eq!(answer.trained, trained, "trained parameters");
                theirs = theirs.min(answer.seconds);
            }
        }
        let rate = |seconds: f64| (work.batch[0] * work.batch[1]) as f64 / seconds;
        print!("{:>44} {:>10.0}", work.name(), rate(own));
        if peer.is_ok() {
            print!(" {:>10.0} {:>7.2}x", rate(theirs), theirs / own);
        }
        println!();
    }
}
