//! What gradients say before any step.

use burn::module::{Module, Param};
use burn_tensor::Tensor;
use lethe::data::language::{CONTEXT, LanguageWorld, Task, TaskKind, Upstream, UpstreamKind};
use lethe::experiments::associations::{Job, Outcome, Predicted, World};
use lethe::experiments::scaling;
use lethe::metrics::likelihood::{Continuation, likelihoods};
use lethe::model::Size;
use lethe::model::llama::{Device, Llama, Mode, Precision, Sequences, Tuning, Weights};
use lethe::native::bases::base;
use lethe::seed::Seed;
use lethe::train::language::Gradients;

use crate::{outcome, small, spec, subject};

/// Mean loss of the tokens of each answer, by a way that knows no gradients.
fn losses(model: &Llama, examples: &[Upstream]) -> Vec<f64> {
    let asked = |one: &Upstream| Continuation { context: one.prompt.clone(), tokens: one.answer.clone() };
    let asked: Vec<Continuation> = examples.iter().map(asked).collect();
    let said = likelihoods(model, &Mode::ADAPTED, &asked, CONTEXT, &mut |_| true).unwrap();
    said.iter().zip(&asked).map(|(said, asked)| -said.log_probability / asked.tokens.len() as f64).collect()
}

/// A model whose factors have gone so far along a direction.
fn moved(model: &Llama, direction: &[(String, Tensor<1>)], by: f64) -> Llama {
    let mut model = model.valid();
    let mut used = 0;
    for (name, factor) in model.factors_mut() {
        // Both have the same names but for the wrapping that PEFT puts around them.
        let bare = |name: &str| name.trim_start_matches("base_model.model.").trim_end_matches(".weight").to_owned();
        let same = direction.iter().find(|(other, _)| bare(other) == bare(&name));
        let (_, along) = same.unwrap_or_else(|| panic!("{name} is none of {:?}", direction[0].0));
        let value = factor.val();
        let along = along.clone().reshape(value.dims());
        *factor = Param::from_tensor(value + along * by);
        used += 1;
    }
    assert_eq!(used, direction.len());
    model
}

#[test]
fn products_are_the_slopes_of_losses_along_the_step_of_the_task() {
    let spec = {
        let mut spec = lethe::experiments::associations::Spec::clone(&small(&[TaskKind::Safety], &[5]));
        (spec.steps, spec.warm_up, spec.batch) = (1, 0, 64);
        spec.check(&scaling::Limits::NATIVE).unwrap()
    };
    let subject = subject(&spec);
    let Outcome::Prediction(Predicted { rise: plain, preconditioned: Some(preconditioned) }) =
        outcome(&subject, &spec, Job::Prediction { seed: 5 })
    else {
        panic!("a prediction was asked for")
    };
    let world = LanguageWorld::new(Seed::new(0));
    let weights = Weights::read(&[("base", base(Size::Small, 0).unwrap())]).unwrap();
    let model = Llama::load(Size::Small.config(), &weights, Precision::F32, &Device::flex().autodiff()).unwrap();
    let seed = Seed::new(5).fork("associations").fork("adapters");
    let model = model.tune(&Tuning::Lora(scaling::Spec::default().lora(spec.rank)), &seed).unwrap();
    let examples: Vec<Upstream> = UpstreamKind::ALL.into_iter().flat_map(|kind| world.upstream(kind, 8)).collect();
    for (place, task) in [Task::HarmfulAnswered, Task::HarmlessRefused].into_iter().enumerate() {
        let batch = world.task(task).starting_at(6 << 24).batch(0, 64);
        let all: f32 = batch.weights.iter().sum();
        let weights: Vec<f32> = batch.weights.iter().map(|weight| weight / all).collect();
        let sequences = Sequences { tokens: batch.inputs, sight: model.config().whole(64, CONTEXT) };
        let loss = model.loss(&sequences, &batch.targets, &weights, &Mode::ADAPTED);
        let gradients: Vec<(String, Tensor<1>)> =
            Gradients::of(loss, &model).iter().map(|(name, gradient)| (name.to_owned(), gradient.clone())).collect();
        // Of a single batch the root of the mean square is the size.
        let stepped = |(name, g): &(String, Tensor<1>)| (name.clone(), g.clone() / (g.clone().abs() + 1e-8));
        let steps = gradients.iter().map(stepped).collect();
        for (direction, rises) in [(gradients, &plain), (steps, &preconditioned)] {
            let length: f64 =
                direction.iter().map(|(_, g)| (g.clone() * g.clone()).sum().into_scalar::<f64>()).sum::<f64>().sqrt();
            let by = 2e-3 / length;
            let (ahead, behind) =
                (losses(&moved(&model, &direction, by), &examples), losses(&moved(&model, &direction, -by), &examples));
            let predicted = &rises[place * examples.len()..][..examples.len()];
            let largest = predicted.iter().fold(0.0f32, |largest, rise| largest.max(rise.abs()));
            assert!(largest > 1e-5, "{largest}");
            for (column, &rise) in predicted.iter().enumerate() {
                let slope = (ahead[column] - behind[column]) / (2.0 * by);
                // One step: the rate of all steps is the learning rate. Losses in single precision leave 1e-6 / by.
                let expected = -spec.learning_rate * slope;
                let tolerance = 0.01 * f64::from(largest) + spec.learning_rate * 2e-6 / by;
                let apart = (f64::from(rise) - expected).abs();
                assert!(apart < tolerance, "{task:?} {column}: {rise} and {expected}");
            }
        }
    }
}

#[test]
fn the_linearised_network_is_the_network_where_it_is_wide_and_steps_are_few() {
    let gap = |width: u32| {
        let spec = spec(|spec| {
            (spec.world, spec.tasks, spec.width, spec.seeds) = (World::Rotated, 4, width, vec![0]);
            // The batch is much larger than the set, so that it is about the whole of it.
            (spec.steps, spec.batch, spec.network_learning_rate) = (20, 64, 0.05);
        });
        let subject = subject(&spec);
        let Outcome::Prediction(Predicted { rise: predicted, preconditioned: None }) =
            outcome(&subject, &spec, Job::Prediction { seed: 0 })
        else {
            panic!("a prediction was asked for")
        };
        let columns = subject.examples().len();
        let (mut apart, mut all) = (0.0, 0.0);
        for task in 0..4 {
            let Outcome::Row(row) = outcome(&subject, &spec, Job::Row { task, seed: 0 }) else { panic!("a row") };
            for (column, &rise) in row.rise.iter().enumerate() {
                let expected = predicted[task as usize * columns + column];
                apart += f64::from((rise - expected) * (rise - expected));
                all += f64::from(rise * rise);
            }
        }
        apart / all
    };
    let (narrow, wide) = (gap(8), gap(1024));
    assert!(wide < narrow, "{wide} and {narrow}");
    assert!(wide < 0.2, "{wide}");
}
