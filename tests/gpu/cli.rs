//! `--device gpu`, as a user calls it.

use std::process::Command;

/// Links, and the names of the engines on the CPU and on the GPU.
const RUNS: &[(&str, [&str; 2])] = &[
    ("#v=1&x=replay&w=16&n=40&pre=100&ft=60&s=0..7&p=0,0.1", ["fused-cpu", "fused-gpu"]),
    ("#v=1&x=replay&wo=rotated&din=6&nt=3&w=16&n=40&pre=100&ft=60&s=0..7&p=0,0.1", ["fused-cpu", "fused-gpu"]),
    #[cfg(feature = "autodiff")]
    ("#v=1&x=replay&d=2&bl=resnorm&w=16&n=40&pre=100&ft=60&s=0..7&p=0,0.1", ["autodiff", "autodiff-gpu"]),
];

fn lethe(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lethe")).args(arguments).output().expect("the program starts");
    (output.status.code().expect("an exit code"), String::from_utf8(output.stdout).expect("text"))
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn a_run_on_the_gpu_says_so_and_each_engine_verifies_the_other() {
    for (run, engines) in RUNS {
        let on = |device: &str| -> serde_json::Value {
            let (code, out) = lethe(&["run", run, "--device", device, "--json"]);
            assert_eq!(code, 0);
            serde_json::from_str(&out).expect("a record")
        };
        let (cpu, gpu) = (on("cpu"), on("gpu"));
        assert_eq!([&cpu, &gpu].map(|record| record["engine"].as_str()), engines.map(Some));
        let letter = if engines[1] == "fused-gpu" { 'g' } else { 'd' };
        assert!(gpu["fingerprint"].as_str().is_some_and(|fingerprint| fingerprint.starts_with(letter)));
        for (record, device) in [(&cpu, "gpu"), (&gpu, "cpu")] {
            let link = record["link"].as_str().expect("a link");
            let (code, out) = lethe(&["verify", link, "--device", device]);
            assert_eq!(code, 0, "{out}");
            assert!(out.starts_with("within tolerance"), "{out}");
        }
    }
}

/// Before a device is looked for.
#[test]
fn what_the_gpu_does_not_train_is_refused() {
    for run in ["#v=1&x=mitigations&d=2", "#v=1&x=mitigations", "#v=1&x=ntk", "#v=1&x=curriculum"] {
        assert_eq!(lethe(&["run", run, "--device", "gpu"]).0, 2, "{run}");
    }
}
