//! How far predictions have moved, against PyTorch and against what must hold.

use lethe::experiments::llama::Measures;
use lethe::metrics::divergence::streaming::{Sums, Window, divergences};
use lethe::model::llama::{Llama, Lora, Mode, Targets};
use lethe::seed::Seed;
use serde_json::Value;

use crate::formulas::uniform;
use crate::world::{cases, folder, measured, model};

fn forgetting(case: &Value, cut: &Value, tuned: (&Llama, &Mode)) -> Measures {
    // One text of all documents, each ended by a line feed, as the script joins them.
    let folder = folder(&format!("divergence {} {}", case["bos"], cut["stride"]));
    let documents = crate::world::GOLDEN["rows"]["documents"].as_array().unwrap();
    let text: String = documents
        .iter()
        .map(|text| text.as_str().unwrap())
        .map(|text| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") })
        .collect();
    std::fs::write(folder.join("general.txt"), text).unwrap();
    let settings = format!(
        "forgetting = {{ files = \"{}/general.txt\", windows = {}, length = {}, stride = {} }}",
        folder.display(),
        cut["windows"],
        cut["length"],
        cut["stride"]
    );
    let base = model(false);
    let name = format!("divergence of {} {} {}", case["bos"], cut["stride"], tuned.1.adapted);
    measured(case, &name, &settings, (&base, &Mode::BASE), tuned).unwrap()
}

#[test]
fn of_windows_agrees_with_torch() {
    let tuned = model(true);
    for case in cases() {
        for cut in case["divergence"].as_array().unwrap() {
            let found = forgetting(case, cut, (&tuned, &Mode::BASE)).forgetting.unwrap();
            let pairs = [
                (found.soft_cross_entropy, "soft_cross_entropy"),
                (found.base_entropy, "entropy"),
                (found.kl, "kl"),
                (found.base_nll, "base_nll"),
                (found.nll, "nll"),
            ];
            for (own, key) in pairs {
                let theirs = cut[key].as_f64().unwrap();
                assert!((own - theirs).abs() < 2e-6 * theirs.abs().max(1.0), "{key}: {own} {theirs} {cut}");
            }
            assert_eq!(found.agreement.count as u64, cut["agreeing"].as_u64().unwrap());
            assert_eq!(found.tokens as u64, cut["tokens"].as_u64().unwrap());
            assert_eq!(found.windows.len() as u64, cut["windows"].as_u64().unwrap());
            assert_eq!(found.bos, case["bos"].as_bool().unwrap());
        }
    }
}

/// The base with adapters that do something.
fn adapted() -> Llama {
    let lora = Lora { rank: 4, alpha: 8.0, targets: Targets::AllLinear, ..lora() };
    let mut model = model(false).adapt(&lora, &Seed::new(1)).unwrap();
    for (name, factor) in model.factors_mut() {
        if name.contains("lora_B") {
            let value = factor.val();
            let shape = value.dims();
            let values = uniform(&name, shape[0] * shape[1]).iter().map(|value| 0.2 * value).collect::<Vec<_>>();
            let data = burn_tensor::TensorData::new(values, shape);
            *factor = burn::module::Param::from_tensor(burn_tensor::Tensor::from_data(data, &value.device()));
        }
    }
    model
}

fn lora() -> Lora {
    crate::formulas::lora(&serde_json::json!({"r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}))
}

fn windows() -> Vec<Window> {
    let token = |k: usize| 3 + (k * 61 % 370) as u32;
    let window = |k: usize| {
        let length = 5 + 11 * k;
        let stretch = |from: usize| (from..from + length).map(token).collect();
        Window { inputs: stretch(7 * k), targets: stretch(7 * k + 1), from: k }
    };
    (0..5).map(window).collect()
}

#[test]
fn adapters_off_move_nothing_and_on_never_less_than_nothing() {
    let model = adapted();
    let base = (&model, &Mode::BASE);
    let sums = |tuned| divergences(base, tuned, &windows(), None, &mut |_| true).unwrap();
    for (window, sums) in windows().iter().zip(sums(base)) {
        assert_eq!((sums.kl, sums.base_nll, sums.agreeing), (0.0, sums.nll, sums.positions));
        assert_eq!(sums.positions, window.inputs.len() - window.from);
        assert_eq!(sums.means().soft_cross_entropy, sums.entropy / sums.positions as f64);
    }
    let on = sums((&model, &Mode::ADAPTED));
    assert!(on.iter().all(|sums| sums.kl > 0.0 && sums.agreeing < sums.positions), "{on:?}");
}

#[test]
fn in_pieces_is_as_in_one() {
    let model = adapted();
    let sums = |at_once: usize| {
        divergences((&model, &Mode::BASE), (&model, &Mode::ADAPTED), &windows(), Some(at_once), &mut |_| true).unwrap()
    };
    // Single precision, in products of another order.
    let near = |own: f64, theirs: f64, positions: usize| (own - theirs).abs() <= 1e-6 * positions as f64;
    // One row, a few rows, everything.
    for (pieces, whole) in [1, 384 * 7].map(|at_once| (sums(at_once), sums(1 << 24))) {
        for (one, other) in pieces.iter().zip(&whole) {
            let of = |sums: &Sums| [sums.entropy, sums.kl, sums.base_nll, sums.nll];
            assert!(
                of(one).iter().zip(of(other)).all(|(&own, theirs)| near(own, theirs, one.positions)),
                "{one:?} {other:?}"
            );
            assert_eq!((one.positions, one.agreeing), (other.positions, other.agreeing));
        }
    }
}
