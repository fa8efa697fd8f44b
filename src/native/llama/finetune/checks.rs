//! What settings of a fine-tuning may be.

use std::path::PathBuf;

use super::settings::{At, OptimiserName, Settings, TargetLayers, Way};
use crate::error::Problem;

/// Most updates of a run.
const MOST_STEPS: u32 = 10_000_000;
/// Most measurements of a run.
const MOST_POINTS: usize = 9_999;

/// A setting that the file does not have.
const NOT_SET: &str = "not set";

fn shown<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| NOT_SET.to_owned(), T::to_string)
}

/// What is out of its range, and what does not go together.
pub fn problems(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut expect = |holds: bool, field: &str, value: String, accepted: &str| {
        if !holds {
            problems.push(Problem::new(field, &value, accepted));
        }
    };
    let (training, data) = (&settings.training, &settings.data);
    let path =
        |path: &Option<PathBuf>| path.as_ref().map_or_else(|| NOT_SET.to_owned(), |path| path.display().to_string());
    expect(!data.files.is_empty(), "data.files", "[]".to_owned(), "one file or more");
    expect(
        (2..=1 << 20).contains(&data.sequence),
        "data.sequence",
        data.sequence.to_string(),
        "a whole number from 2 to 1048576",
    );
    expect(
        training.steps.is_some() != training.epochs.is_some(),
        "training.steps",
        format!("{}, training.epochs {}", shown(training.steps.as_ref()), shown(training.epochs.as_ref())),
        "either steps or epochs",
    );
    let steps = training.steps.unwrap_or(1);
    expect(
        (1..=MOST_STEPS).contains(&steps),
        "training.steps",
        steps.to_string(),
        &format!("a whole number from 1 to {MOST_STEPS}"),
    );
    expect(
        training.steps.is_none_or(|steps| training.warm_up <= steps),
        "training.warm_up",
        training.warm_up.to_string(),
        "at most training.steps",
    );
    let points = match &settings.evaluation.at {
        At::Every(every) => (steps / (*every).max(1)) as usize,
        At::Steps(list) => list.len(),
        At::Word(_) => 0,
    };
    expect(
        points < MOST_POINTS,
        "evaluation.at",
        format!("{points} measurements"),
        &format!("fewer than {MOST_POINTS}: a record holds no more"),
    );
    let losses = settings.evaluation.what.get("losses").and_then(toml::Value::as_table);
    expect(
        losses.is_none_or(|losses| !losses.contains_key("out")),
        "evaluation.losses.out",
        "a path".to_owned(),
        "nothing in a run: its record holds the losses",
    );
    expect(
        training.epochs.is_none_or(|epochs| (1..=10_000).contains(&epochs)),
        "training.epochs",
        shown(training.epochs.as_ref()),
        "a whole number from 1 to 10000",
    );
    expect(
        (1..=1 << 16).contains(&training.batch),
        "training.batch",
        training.batch.to_string(),
        "a whole number from 1 to 65536",
    );
    expect(
        (1..=training.batch).contains(&training.micro_batch)
            && training.batch.is_multiple_of(training.micro_batch.max(1)),
        "training.micro_batch",
        training.micro_batch.to_string(),
        "a divisor of training.batch",
    );
    for (field, value, most) in [
        ("training.learning_rate", training.learning_rate, 100.0),
        ("training.clip", training.clip, 1e6),
        ("training.weight_decay", training.weight_decay, 1.0),
        ("training.epsilon", training.epsilon.unwrap_or(0.0), 1.0),
    ] {
        let accepted = format!("a number from 0 to {most}");
        expect((0.0..=most).contains(&value), field, value.to_string(), &accepted);
    }
    let eps = training.eps.unwrap_or_default();
    for (field, value) in [
        ("training.beta1", training.beta1.unwrap_or(0.0)),
        ("training.beta2", training.beta2.unwrap_or(0.0)),
        ("training.eps", eps[0]),
        ("training.eps", eps[1]),
    ] {
        expect((0.0..1.0).contains(&value), field, value.to_string(), "a number from 0 and below 1");
    }
    for (field, value, holds, accepted) in [
        ("training.clip_threshold", training.clip_threshold, (|x| x > 0.0) as fn(f64) -> bool, "a number above 0"),
        ("training.decay_rate", training.decay_rate, |x| x <= 0.0, "a number up to 0"),
    ] {
        expect(value.is_none_or(holds), field, shown(value.as_ref()), accepted);
    }
    let adamw = [("beta1", training.beta1), ("beta2", training.beta2), ("epsilon", training.epsilon)];
    let adafactor = [
        ("eps", training.eps.map(|eps| eps[0])),
        ("clip_threshold", training.clip_threshold),
        ("decay_rate", training.decay_rate),
    ];
    let (others, accepted) = match training.optimiser {
        OptimiserName::AdamW => (adafactor, "nothing with adamw: it is adafactor's"),
        OptimiserName::Adafactor => (adamw, "nothing with adafactor: it is adamw's"),
    };
    for (name, value) in others {
        expect(value.is_none(), &format!("training.{name}"), shown(value.as_ref()), accepted);
    }
    expect(training.loss_rows > 0, "training.loss_rows", "0".to_owned(), "a whole number from 1");
    expect(training.save_every > 0, "training.save_every", "0".to_owned(), "a whole number from 1");
    expect(
        settings.precision.storage().bits().is_none() || settings.tuning.method == Way::Lora,
        "precision",
        settings.precision.name().to_owned(),
        "f32, bf16 or f16 where everything is trained",
    );
    if let TargetLayers::Word(word) = &settings.tuning.targets {
        let accepted = "\"all-linear\", a list of names, or { pattern = \"…\" }";
        expect(word == "all-linear", "tuning.targets", word.clone(), accepted);
    }
    if let At::Word(word) = &settings.evaluation.at {
        let accepted = "\"log\", \"ends\", a number of steps, or a list of steps";
        expect(word == "log" || word == "ends", "evaluation.at", word.clone(), accepted);
    }
    expect(settings.evaluation.at != At::Every(0), "evaluation.at", "0".to_owned(), "a whole number from 1");
    if let Some(replay) = &settings.replay {
        expect(
            replay.files.is_empty() == replay.generated.is_some(),
            "replay.files",
            format!("{} files, replay.generated {}", replay.files.len(), shown(replay.generated.as_ref())),
            "either files or generated",
        );
        expect(
            replay.fraction.is_some() != replay.schedule.is_some(),
            "replay.fraction",
            format!("{}, replay.schedule {}", shown(replay.fraction.as_ref()), path(&replay.schedule)),
            "either fraction or schedule",
        );
        expect(
            replay.fraction.is_none_or(|fraction| (0.0..1.0).contains(&fraction)),
            "replay.fraction",
            shown(replay.fraction.as_ref()),
            "a number from 0 and below 1",
        );
        expect(
            replay.schedule.is_none() || training.steps.is_some(),
            "replay.schedule",
            path(&replay.schedule),
            "none where the run is counted in epochs: a schedule is of steps",
        );
        expect(
            replay.generated.is_none_or(|count| (1..=1_000_000).contains(&count)),
            "replay.generated",
            shown(replay.generated.as_ref()),
            "a whole number from 1 to 1000000",
        );
        expect(
            replay.weights.is_none() || replay.generated.is_none(),
            "replay.weights",
            path(&replay.weights),
            "none where the base writes the texts",
        );
    }
    problems
}
