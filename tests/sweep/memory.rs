//! What a fine-tuning is said to need, against published counts and against what it takes.

use lethe::model::llama::{Lora, Precision, Targets, Tuning};
use lethe::native::llama::memory::{
    Optimiser, Part, Place, Setup, changes, estimate, parameters, preset, presets, together, trained,
};
use lethe::train::language::Pass;

use super::{folder, json, lethe, refused, text};

fn lora(rank: usize, targets: Targets) -> Tuning {
    Tuning::Lora(Lora { rank, targets, ..Lora::default() })
}

fn setup(tuning: Tuning) -> Setup {
    Setup {
        storage: Precision::BF16.into(),
        tuning,
        optimiser: Optimiser::AdamW,
        sequence: 1_024,
        micro_batch: 2,
        batch: 8,
        threads: 1,
        pass: Pass::default(),
        place: Place::Gpu,
    }
}

#[test]
fn only_steps_on_the_cpu_are_measured() {
    assert!(refused(&["llama", "memory", "TinyLlama-1.1B", "--measure"]).contains("without --device cpu"));
}

#[test]
fn published_models_have_their_published_counts() {
    let counts = [
        ("Llama-2-7B", 6_738_415_616),
        ("Llama-2-13B", 13_015_864_320),
        ("Llama-3-8B", 8_030_261_248),
        ("Llama-3.2-1B", 1_235_814_400),
        ("Llama-3.2-3B", 3_212_749_824),
        ("TinyLlama-1.1B", 1_100_048_384),
    ];
    assert_eq!(presets().len(), counts.len());
    for (name, count) in counts {
        assert_eq!(parameters(&preset(name).unwrap()), count, "{name}");
    }
}

/// Millions of parameters per rank as PEFT counts them, for `q_proj` with `v_proj` and for all linear layers.
#[test]
fn adapters_have_as_many_parameters_as_pefts() {
    let rows = [
        ("Llama-2-7B", 0.524, 2.499),
        ("Llama-3-8B", 0.426, 2.621),
        ("Llama-3.2-1B", 0.106, 0.705),
        ("TinyLlama-1.1B", 0.141, 0.788),
    ];
    for (name, two, all) in rows {
        let config = preset(name).unwrap();
        let named = Targets::named(&["q_proj", "v_proj"]);
        for (targets, expected) in [(named, two), (Targets::AllLinear, all)] {
            let found = trained(&config, &lora(8, targets.clone())) as f64 / 8e6;
            assert!((found - expected).abs() < 5.1e-4, "{name}, {targets:?}: {found}");
        }
    }
    let small = lethe::model::Size::Small.config();
    let model = lethe::model::llama::Llama::init(
        small.clone(),
        Precision::F32,
        &lethe::seed::Seed::new(0),
        &burn_tensor::Device::flex().autodiff(),
    );
    for tuning in [lora(4, Targets::AllLinear), Tuning::Ia3, Tuning::Top(1), Tuning::Full] {
        let tuned = model.clone().tune(&tuning, &lethe::seed::Seed::new(0)).unwrap();
        assert_eq!(trained(&small, &tuning), tuned.trained_parameters(), "{tuning:?}");
    }
}

#[test]
fn parts_are_what_they_are_made_of() {
    let config = preset("Llama-2-7B").unwrap();
    let seven = estimate(&config, &setup(lora(8, Targets::AllLinear)));
    assert_eq!(seven.of(Part::Weights), 2 * 6_738_415_616);
    // Weight, gradient and two moments in single precision, 16 bytes each; a second gradient while batches add up.
    let state = seven.of(Part::Adapters) + seven.of(Part::Optimiser) + seven.of(Part::Gradients);
    assert_eq!(state, 20 * trained(&config, &lora(8, Targets::AllLinear)) as u64);
    assert_eq!(seven.of(Part::BaseCopy), 0);
    let full = estimate(&config, &setup(Tuning::Full));
    assert_eq!(full.of(Part::BaseCopy), full.of(Part::Weights));
    assert!(full.peak() > 60 << 30);
    let on = |change: &dyn Fn(&mut Setup)| {
        let mut setup = setup(lora(8, Targets::AllLinear));
        change(&mut setup);
        estimate(&config, &setup)
    };
    let checkpointed = on(&|setup| setup.pass.checkpoints_blocks = true);
    assert!(8 * checkpointed.of(Part::Activations) < seven.of(Part::Activations));
    assert!(4 * checkpointed.of(Part::Scores) < seven.of(Part::Scores));
    let longer = on(&|setup| setup.sequence = 2_048);
    assert_eq!(longer.of(Part::Scores), 4 * seven.of(Part::Scores), "attention's weights grow with the square");
    assert!(on(&|setup| setup.optimiser = Optimiser::Adafactor).of(Part::Optimiser) < seven.of(Part::Optimiser) / 10);
}

#[test]
fn advice_saves_what_it_says_and_is_enough_together() {
    let config = preset("Llama-3-8B").unwrap();
    let mut own = setup(lora(64, Targets::AllLinear));
    own.micro_batch = 8;
    let (peak, room) = (estimate(&config, &own).peak(), 32 << 30);
    assert!(peak > room);
    let found = changes(&config, &own, room);
    assert!(found.windows(2).all(|pair| pair[0].saves >= pair[1].saves), "ranked");
    let checkpointing = found.iter().find(|change| change.setting.contains("checkpoint_blocks")).unwrap();
    own.pass.checkpoints_blocks = true;
    assert_eq!(peak - estimate(&config, &own).peak(), checkpointing.saves);
    let made = together(&config, &own, room).unwrap();
    assert!(made.iter().all(|setting| setting.starts_with("training.")), "none that changes the result: {made:?}");
    assert_eq!(together(&config, &own, 2 << 30), None, "the weights alone are more");
}

/// The most that a process held in two steps on the CPU, against the estimate: within a fifth either way.
#[test]
#[cfg(target_os = "linux")]
fn the_estimate_is_what_two_steps_take_on_the_cpu() {
    let folder = folder("measured");
    let shape = |hidden: usize, inner: usize, layers: usize, vocabulary: usize| {
        serde_json::json!({
            "model_type": "llama", "vocab_size": vocabulary, "hidden_size": hidden, "intermediate_size": inner,
            "num_hidden_layers": layers, "num_attention_heads": 8, "num_key_value_heads": 4,
        })
    };
    let deep = shape(96, 256, 16, 500);
    let wide = shape(192, 512, 3, 8_000);
    let cases: [(&serde_json::Value, &[&str]); 10] = [
        (&deep, &["--rank", "8", "--precision", "f32", "--micro-batch", "8", "--batch", "16", "--threads", "1"]),
        (&deep, &["--rank", "8", "--precision", "f32", "--micro-batch", "8", "--checkpoint-blocks"]),
        (&deep, &["--rank", "64", "--precision", "f32", "--micro-batch", "2", "--batch", "8", "--threads", "2"]),
        (&deep, &["--rank", "64", "--precision", "f32", "--micro-batch", "4", "--optimiser", "adafactor"]),
        (&deep, &["--rank", "8", "--precision", "bf16", "--micro-batch", "8"]),
        (&deep, &["--method", "full", "--precision", "f32", "--micro-batch", "4"]),
        (&wide, &["--rank", "16", "--precision", "f32", "--micro-batch", "4"]),
        (&wide, &["--rank", "16", "--precision", "bf16", "--micro-batch", "4", "--checkpoint-blocks"]),
        (&wide, &["--method", "full", "--precision", "f32", "--micro-batch", "2", "--checkpoint-blocks"]),
        (&deep, &["--rank", "8", "--precision", "q8", "--micro-batch", "4", "--checkpoint-blocks"]),
    ];
    for (config, options) in cases {
        let path = folder.join("config.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let fixed =
            ["llama", "memory", path.to_str().unwrap(), "--device", "cpu", "--sequence", "64", "--measure", "--json"];
        let told = json(&[&fixed[..], options].concat());
        let [peak, measured] = ["peak", "measured"].map(|key| told[key].as_f64().unwrap());
        // A copy of the base is held by an evaluation, which these steps do not make.
        let peak = peak - told["parts"]["copy of the base"].as_f64().unwrap();
        let ratio = measured / peak;
        println!("{options:?}: estimated {:.0} MB, took {:.0} MB", peak / 1e6, measured / 1e6);
        assert!((1.0 / 1.2..=1.2).contains(&ratio), "{options:?}: {ratio} of {told}");
    }
}

#[test]
fn the_readme_has_the_table_that_the_command_prints() {
    let table = text(&lethe(&["llama", "memory", "--table"]).stdout);
    assert_eq!(table.lines().count(), 17, "{table}");
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(page.contains(&table), "README.md is to have\n{table}");
}

#[test]
fn programs_are_told_what_to_change() {
    let told = json(&["llama", "memory", "Llama-2-7B", "--precision", "f32", "--room", "24", "--json"]);
    let room = &told["room"];
    assert_eq!((room["bytes"].as_u64(), room["fits"].as_bool()), (Some(24 << 30), Some(false)));
    let changes = room["changes"].as_array().unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change["setting"] == "precision = \"bf16\"" && change["saves"].as_u64() > Some(12 << 30))
    );
    assert!(room["together"].as_array().is_some_and(|made| !made.is_empty()), "{room}");
    let without = json(&["llama", "memory", "Llama-2-7B", "--json"]);
    assert!(without["room"].is_null());
}

#[test]
fn an_unknown_model_is_refused_with_those_that_are_known() {
    let errors = refused(&["llama", "memory", "Llama-9-1T"]);
    assert!(errors.contains("Llama-9-1T") && errors.contains("Llama-2-7B"), "{errors}");
}
