//! Steps of optimisers against transformers and torch (`tests/golden/optimisers.json`), and what a resumed run needs.

use std::sync::LazyLock;

use burn::module::{Module, ModuleVisitor, Param};
use burn_tensor::{Device, Tensor, TensorData};
use lethe::model::llama::{Llama, Tuning, Weights, outer_name};
use lethe::seed::Seed;
use lethe::train::language::{Adafactor, AdamW, Gradients, Optimiser};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

use super::golden::{assert_near, model, numbers, uniform, values};
use super::gradients::digest;

static OPTIMISERS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../golden/optimisers.json")).unwrap());

/// Twenty steps in single precision, in another order of sums.
const TOLERANCE: f64 = 1e-5;

fn start() -> Llama {
    model(&OPTIMISERS["config"], &Device::flex().autodiff()).tune(&Tuning::Full, &Seed::new(0)).unwrap()
}

/// Parameters by their names.
struct Parameters {
    path: Vec<String>,
    found: Vec<(String, Vec<f64>)>,
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.found.push((outer_name(&self.path.join(".")), values(parameter.val())));
    }
}

fn parameters(model: &Llama) -> Vec<(String, Vec<f64>)> {
    let mut visitor = Parameters { path: Vec::new(), found: Vec::new() };
    model.visit(&mut visitor);
    visitor.found
}

/// The model after steps `from..to`, with the gradients of the script's formula.
fn stepped(mut model: Llama, optimiser: &mut Optimiser, rate: f64, from: u32, to: u32) -> Llama {
    let sizes: Vec<(String, usize)> =
        parameters(&model).into_iter().map(|(name, values)| (name, values.len())).collect();
    for step in from..to {
        let gradient = |(name, size): &(String, usize)| {
            let factor = (0.02 * f64::from(1 + step % 3)) as f32;
            let values: Vec<f32> =
                uniform(&format!("{name} gradient {step}"), *size).into_iter().map(|value| value * factor).collect();
            (name.clone(), Tensor::<1>::from_data(TensorData::new(values, [*size]), &Device::flex()))
        };
        let gradients: Gradients = sizes.iter().map(gradient).collect();
        model = optimiser.step(model, gradients, rate);
    }
    model
}

fn adafactor(settings: &Value) -> Adafactor {
    let number = |key: &str, default: f64| settings[key].as_f64().unwrap_or(default);
    let flag = |key: &str, default: bool| settings[key].as_bool().unwrap_or(default);
    let mut made = Adafactor::default();
    if settings["eps"].is_array() {
        made.eps = numbers(&settings["eps"]).try_into().unwrap();
    }
    made.clip_threshold = number("clip_threshold", made.clip_threshold);
    made.decay_rate = number("decay_rate", made.decay_rate);
    made.beta1 = settings["beta1"].as_f64();
    made.weight_decay = number("weight_decay", made.weight_decay);
    made.scale_parameter = flag("scale_parameter", made.scale_parameter);
    made.relative_step = flag("relative_step", made.relative_step);
    made.warmup_init = flag("warmup_init", made.warmup_init);
    made.check(settings["lr"].as_f64()).unwrap();
    made
}

fn adamw(settings: &Value) -> AdamW {
    let number = |key: &str, default: f64| settings[key].as_f64().unwrap_or(default);
    let mut made = AdamW::default();
    if settings["betas"].is_array() {
        [made.beta1, made.beta2] = numbers(&settings["betas"]).try_into().unwrap();
    }
    made.epsilon = number("eps", made.epsilon);
    made.weight_decay = number("weight_decay", made.weight_decay);
    made
}

/// Every case of the script: its optimiser, and the case.
fn all() -> Vec<(Optimiser, &'static Value)> {
    let of = |key: &str| OPTIMISERS[key].as_array().unwrap().iter();
    let adafactors = of("adafactor").map(|case| (Optimiser::Adafactor(adafactor(&case["settings"])), case));
    adafactors.chain(of("adamw").map(|case| (Optimiser::AdamW(adamw(&case["settings"])), case))).collect()
}

#[test]
fn twenty_steps_go_as_those_of_transformers_and_torch() {
    for (mut optimiser, case) in all() {
        let name = case["name"].as_str().unwrap();
        let rate = case["settings"]["lr"].as_f64().unwrap_or(f64::NAN);
        let mut model = start();
        let mut rates = vec![0.25];
        for step in 0..OPTIMISERS["steps"].as_u64().unwrap() as u32 {
            model = stepped(model, &mut optimiser, rate, step, step + 1);
            if let Optimiser::Adafactor(adafactor) = &optimiser {
                rates.push(adafactor.last_rate(0.25));
            }
        }
        for (parameter, values) in parameters(&model) {
            let what = format!("{name}, {parameter}");
            assert_near(&digest(&values), &numbers(&case["parameters"][&parameter]), TOLERANCE, &what);
        }
        if case["rates"].is_array() {
            assert_near(&rates, &numbers(&case["rates"]), TOLERANCE, name);
        }
    }
    let Optimiser::Adafactor(fresh) = &all()[0].0 else { panic!("the first is Adafactor") };
    assert_eq!(fresh.last_rate(0.25), 0.25, "before the first step");
}

/// What an optimiser remembers.
fn told(optimiser: &Optimiser) -> Vec<(String, TensorData)> {
    optimiser.state().into_iter().map(|stored| (stored.name.clone(), stored.data().unwrap())).collect()
}

fn file(state: &[(String, TensorData)]) -> Vec<u8> {
    let views = state.iter().map(|(name, data)| {
        (name.clone(), TensorView::new(Dtype::F32, data.shape().to_vec(), data.as_bytes()).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

fn restored(mut optimiser: Optimiser, steps: u32, bytes: &[u8], model: &Llama) -> Result<Optimiser, String> {
    let state = Weights::read(&[("optimiser.safetensors", bytes)]).map_err(|fault| fault.to_string())?;
    optimiser.restore(steps, &state, model).map_err(|fault| fault.to_string())?;
    Ok(optimiser)
}

#[test]
fn five_steps_saved_and_five_more_are_ten_bit_for_bit() {
    for (fresh, case) in all() {
        let rate = case["settings"]["lr"].as_f64().unwrap_or(f64::NAN);
        let mut optimiser = fresh.clone();
        let whole = parameters(&stepped(start(), &mut optimiser, rate, 0, 10));
        let mut optimiser = fresh.clone();
        let half = stepped(start(), &mut optimiser, rate, 0, 5);
        let (steps, bytes) = (optimiser.steps(), file(&told(&optimiser)));
        let mut again = restored(fresh, steps, &bytes, &half).unwrap();
        assert_eq!(again.steps(), 5);
        assert_eq!(file(&told(&again)), bytes, "{}", case["name"]);
        assert_eq!(parameters(&stepped(half, &mut again, rate, 5, 10)), whole, "{}", case["name"]);
    }
}

#[test]
fn what_is_missing_cut_or_of_another_run_is_refused_by_name() {
    for (fresh, case) in all() {
        let mut optimiser = fresh.clone();
        let model = stepped(start(), &mut optimiser, case["settings"]["lr"].as_f64().unwrap_or(f64::NAN), 0, 2);
        let state = told(&optimiser);
        let refusal = |state: &[(String, TensorData)]| {
            restored(fresh.clone(), 2, &file(state), &model).expect_err("it is refused")
        };
        let name = state[1].0.clone();
        let missing: Vec<_> = state.iter().filter(|entry| entry.0 != name).cloned().collect();
        assert!(refusal(&missing).starts_with(&format!("tensor {name} is missing")), "{}", refusal(&missing));
        let mut short = state.clone();
        let length = short[1].1.num_elements() - 1;
        short[1].1 = TensorData::new(vec![0.0f32; length], [length]);
        assert!(refusal(&short).contains(&format!("tensor {name} has shape [{length}]")), "{}", refusal(&short));
        let mut broken = state.clone();
        broken[1].1 = TensorData::new(vec![f32::INFINITY; length + 1], [length + 1]);
        assert!(refusal(&broken).contains(&format!("number 0 of tensor {name} is not finite")), "{}", refusal(&broken));
        let mut surplus = state.clone();
        surplus.push(("model.layers.9.mlp.up_proj.weight.exp_avg".to_owned(), TensorData::new(vec![0.0f32], [1])));
        assert!(refusal(&surplus).contains("model.layers.9.mlp.up_proj.weight.exp_avg is of no parameter"));
        let whole = file(&state);
        for cut in [0, 100, whole.len() - 1] {
            let told = restored(fresh.clone(), 2, &whole[..cut], &model).expect_err("it is cut");
            assert!(told.starts_with("optimiser.safetensors: ") && told.contains("truncated"), "{told}");
        }
    }
    let (adamw, _) = all().pop().unwrap();
    assert!(restored(adamw.clone(), 0, &file(&[]), &start()).is_ok(), "nothing is remembered before the first step");
    assert!(restored(adamw, 3, &file(&[]), &start()).is_err());
}

#[test]
fn settings_of_adafactor_are_refused_by_name() {
    let changed = |change: fn(&mut Adafactor)| {
        let mut made = Adafactor::default();
        change(&mut made);
        made
    };
    let refused: [(Adafactor, Option<f64>, &str); 6] = [
        (Adafactor::default(), Some(1e-3), "learning_rate"),
        (changed(|made| (made.relative_step, made.warmup_init) = (false, true)), Some(1e-3), "warmup_init"),
        (changed(|made| made.eps[1] = -1.0), None, "eps"),
        (changed(|made| made.clip_threshold = 0.0), None, "clip_threshold"),
        (changed(|made| made.decay_rate = 0.8), None, "decay_rate"),
        (changed(|made| made.beta1 = Some(1.0)), None, "beta1"),
    ];
    for (made, rate, field) in refused {
        assert_eq!(made.check(rate).unwrap_err().0[0].field, field);
    }
}
