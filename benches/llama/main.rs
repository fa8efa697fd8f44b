//! How fast a step of LoRA is on small Llamas, beside PEFT in the same run.
//!
//! `cargo bench --bench llama`, or with `-- writing` how fast they write on alone; see `benches/README.md`.

#[path = "../process.rs"]
mod process;
mod work;
mod writing;

use process::Process;
use serde::Deserialize;
use serde_json::json;
use work::Work;

/// Short rounds in turns, of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 4;

#[derive(Deserialize)]
struct Answer {
    seconds: f64,
    trained: usize,
}

fn main() {
    if !std::env::args().any(|argument| argument == "writing") {
        training();
    }
    writing();
}

fn training() {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let mut peer = Process::start("LETHE_TORCH_PYTHON", "llama_peer.py", "torch, transformers and peft", |command| {
        command.arg(threads.to_string());
    });
    match &peer {
        Ok(peer) => println!("beside {}, eager, both on {threads} threads", peer.version),
        Err(why) => println!("on {threads} threads; SKIPPED the comparison with PEFT: {why}"),
    }
    println!("LoRA of rank 8 on all linear layers, AdamW, f32; tokens a second");
    println!("{:>44} {:>10} {:>10} {:>8}", "", "Lethe", "PEFT", "ratio");
    let works = [
        Work::new([48, 4], 2, 128, 320, [8, 32]),
        Work::new([64, 4], 4, 176, 512, [8, 64]),
        Work::new([768, 12], 12, 2048, 32_000, [2, 256]),
    ];
    for work in works {
        let (mut own, mut theirs) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            let (seconds, trained) = work.train(threads);
            own = own.min(seconds);
            if let Ok(peer) = &mut peer {
                let [sequences, time] = work.batch;
                let question = json!({ "config": work.config, "rank": work::RANK, "sequences": sequences, "time": time,
                    "steps": work.steps });
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

fn writing() {
    println!("writing on, hidden 768, 12 layers, vocabulary 32,000; tokens a second");
    println!("{:>44} {:>10} {:>10} {:>8}", "", "remembered", "read anew", "ratio");
    for (prompt, tokens) in [(32, 32), (32, 64), (32, 128), (128, 32)] {
        let [with, without] = writing::rates(prompt, tokens);
        let name = format!("prompt of {prompt}, then {tokens}");
        println!("{name:>44} {with:>10.1} {without:>10.1} {:>7.2}x", with / without);
    }
}
