//! Records of real fine-tunings, small enough to keep: the smallest base of the language world, tuned for a few steps and
//! measured as real models are.
//!
//! `cargo test --test llama_records -- --ignored` writes `tests/golden/llama_records/` anew.

use lethe::data::language::{Choice, Corpus, FineTuning, LanguageWorld, Part, Reasoning, Unseen, Vocabulary};
use lethe::experiments::llama::{
    Forgetting, Generation, Item, Measures, Perplexity, Point, Prompted, Read, RefusalShares, Refusals, Refused,
    Scores, Task, Variant,
};
use lethe::experiments::scaling::Ending;
use lethe::metrics::choice::Length;
use lethe::metrics::divergence::streaming::{Window, divergences};
use lethe::metrics::likelihood::{Continuation, likelihoods};
use lethe::metrics::perplexity;
use lethe::model::Size;
use lethe::model::llama::{Device, Llama, Lora, Mode, Precision, Sequences, Tuning, Weights, greedy};
use lethe::native::bases::base;
use lethe::record::llama::{EXPERIMENT, Model, Record, SCHEMA, Tuning as Tuned, Units};
use lethe::record::{BUILD, Timing};
use lethe::seed::Seed;
use lethe::train::language::{
    AdamW, FineTuning as Training, FineTuningRecipe, MicroBatch, Optimiser, Pass, Rate, Shape,
};

const CONTEXT: usize = 32;
const STEPS: u32 = 120;
const MEASURED: [u32; 9] = [0, 1, 2, 4, 8, 15, 30, 60, 120];
/// Windows of a step, and of those how many are replayed.
const BATCH: usize = 8;
const LEARNING_RATE: f64 = 3e-3;
const ANSWER: usize = 12;

/// One run to make.
#[derive(Clone, Copy)]
pub struct Asked {
    pub name: &'static str,
    pub rank: u32,
    pub replayed: usize,
}

/// The committed ones.
pub const ALL: [Asked; 3] = [
    Asked { name: "rank-2", rank: 2, replayed: 0 },
    Asked { name: "rank-8", rank: 8, replayed: 0 },
    Asked { name: "rank-8-replay", rank: 8, replayed: 2 },
];

/// A way of asking a task, with the answers of all its items.
type AskedVariant = (Variant, Vec<Continuation>);

/// What models are asked.
struct Questions {
    world: LanguageWorld,
    windows: Vec<Window>,
    /// Name of the task, then its ways of asking, each with its continuations.
    tasks: Vec<(&'static str, Vec<AskedVariant>)>,
    harmful: Vec<Vec<u32>>,
    harmless: Vec<Vec<u32>>,
    domains: Vec<(&'static str, Vec<Vec<u32>>)>,
    shown: Vec<Vec<u32>>,
}

/// What one model says.
struct Said {
    tasks: Vec<Vec<Vec<Scores>>>,
    harmful: Vec<Refused>,
    harmless: Vec<Refused>,
    domains: Vec<f64>,
    written: Vec<String>,
}

impl Questions {
    fn new() -> Self {
        let world = LanguageWorld::new(Seed::new(0));
        let windows = windows(&world.general_text(), 24);
        let same = |items: Vec<Choice>| {
            let candidates = items[0].candidates.clone();
            items.into_iter().filter(|item| item.candidates == candidates).step_by(2).collect::<Vec<_>>()
        };
        let asked = |name: &str, items: &[Choice], is_classed: bool| variant(&world, name, items, is_classed);
        let facts = [("usual", Unseen::ForThisFact), ("never used", Unseen::Altogether)];
        let facts = facts.map(|(name, unseen)| asked(name, &same(world.knowledge_items(unseen)), true));
        let sums = asked("usual", &same(world.reasoning_items(Reasoning::Sum)), true);
        let composed: Vec<Choice> = world.reasoning_items(Reasoning::Composed).into_iter().step_by(4).collect();
        let composed = asked("usual", &composed, false);
        let tasks = vec![("facts", facts.to_vec()), ("sums", vec![sums]), ("composed", vec![composed])];
        let requests = |is_harmful: bool| -> Vec<Vec<u32>> {
            let items = world.safety_items().into_iter().filter(|item| item.is_harmful == is_harmful);
            items.map(|item| item.prompt).step_by(4).collect()
        };
        let texts = |corpus: Corpus<'_>| corpus.documents().take(24).collect();
        let domains = vec![
            ("general", texts(world.general_text())),
            ("orca", texts(world.fine_tuning(FineTuning::Orca, Part::HeldOut))),
        ];
        let (harmful, harmless) = (requests(true), requests(false));
        let mut shown: Vec<Vec<u32>> = world
            .knowledge_items(Unseen::ForThisFact)
            .into_iter()
            .step_by(40)
            .take(3)
            .map(|item| item.prompt)
            .collect();
        shown.extend([harmful[0].clone(), harmless[0].clone()]);
        shown.extend(world.general_prompts(1));
        Self { windows, tasks, harmful, harmless, domains, shown, world }
    }

    fn ask(&self, model: &Llama, mode: &Mode) -> Said {
        let scored = |asked: &[Continuation]| likelihoods(model, mode, asked, CONTEXT, &mut |_| true).unwrap();
        let scores = |(variant, continuations): &AskedVariant| {
            let mut found = scored(continuations).into_iter();
            let of = |item: &Item| {
                let some = found.by_ref().take(item.lengths.len());
                let (log_probabilities, is_greedy) = some.map(|found| (found.log_probability, found.is_greedy)).unzip();
                Scores { log_probabilities, is_greedy }
            };
            variant.items.iter().map(of).collect()
        };
        let refused = |prompts: &[Vec<u32>]| -> Vec<Refused> {
            let answers = greedy(model, mode, prompts, ANSWER, &[]);
            let judge = |answer: &Vec<u32>| {
                let is = self.world.refuses(answer);
                Refused {
                    anywhere: is,
                    at_start: self.world.refuses(&answer[..4]),
                    is_empty: self.text(answer).is_empty(),
                }
            };
            answers.iter().map(judge).collect()
        };
        let domain = |texts: &[Vec<u32>]| -> f64 {
            let parts = texts.iter().flat_map(|text| perplexity::parts(text, Vocabulary::BEGIN, CONTEXT));
            scored(&parts.collect::<Vec<_>>()).iter().map(|part| -part.log_probability).sum()
        };
        Said {
            tasks: self.tasks.iter().map(|(_, variants)| variants.iter().map(scores).collect()).collect(),
            harmful: refused(&self.harmful),
            harmless: refused(&self.harmless),
            domains: self.domains.iter().map(|(_, texts)| domain(texts)).collect(),
            written: greedy(model, mode, &self.shown, ANSWER, &[]).iter().map(|tokens| self.text(tokens)).collect(),
        }
    }

    fn text(&self, tokens: &[u32]) -> String {
        let end = tokens.iter().position(|&token| token == Vocabulary::END).unwrap_or(tokens.len());
        self.world.vocabulary().decode(&tokens[..end])
    }

    fn measures(&self, model: &Llama, base: &Said) -> Measures {
        let tuned = self.ask(model, &Mode::ADAPTED);
        let sums =
            divergences((model, &Mode::BASE), (model, &Mode::ADAPTED), &self.windows, None, &mut |_| true).unwrap();
        let task = |(k, (name, variants)): (usize, &(&str, Vec<AskedVariant>))| {
            let both = variants.iter().zip(&base.tasks[k]).zip(&tuned.tasks[k]);
            let prompts = both.map(|(((variant, _), base), tuned)| Prompted::new(variant, base, tuned, false));
            Task { name: (*name).to_owned(), shots: 0, prompts: prompts.collect() }
        };
        let perplexity = |(k, (name, texts)): (usize, &(&str, Vec<Vec<u32>>))| {
            let words: Vec<String> = texts.iter().map(|text| self.text(text)).collect();
            Perplexity {
                domain: (*name).to_owned(),
                texts: texts.len(),
                tokens: texts.iter().map(Vec::len).sum(),
                words: words.iter().map(|text| text.split_whitespace().count()).sum(),
                bytes: words.iter().map(String::len).sum(),
                base_nll: base.domains[k],
                nll: tuned.domains[k],
            }
        };
        let generation = |((prompt, base), tuned): ((&Vec<u32>, &String), &String)| Generation {
            prompt: self.world.vocabulary().decode(&prompt[1..]),
            base: base.clone(),
            tuned: tuned.clone(),
        };
        Measures {
            forgetting: Some(Forgetting::new(&sums, CONTEXT, CONTEXT, true)),
            tasks: self.tasks.iter().enumerate().map(task).collect(),
            refusals: Some(Refusals {
                list: "the world's own words".to_owned(),
                list_sha256: String::new(),
                max_new_tokens: ANSWER,
                decoding: "greedy".to_owned(),
                template: "chat".to_owned(),
                first_characters: 20,
                base: RefusalShares::new(&base.harmful, &base.harmless),
                tuned: RefusalShares::new(&tuned.harmful, &tuned.harmless),
            }),
            perplexities: self.domains.iter().enumerate().map(perplexity).collect(),
            generations: self.shown.iter().zip(&base.written).zip(&tuned.written).map(generation).collect(),
            losses: None,
        }
    }
}

fn windows(corpus: &Corpus<'_>, count: usize) -> Vec<Window> {
    let batch = corpus.batch(0, count);
    let pairs = batch.inputs.chunks(CONTEXT).zip(batch.targets.chunks(CONTEXT));
    pairs.map(|(inputs, targets)| Window { inputs: inputs.to_vec(), targets: targets.to_vec(), from: 0 }).collect()
}

fn variant(world: &LanguageWorld, name: &str, items: &[Choice], is_classed: bool) -> AskedVariant {
    let word = |token: u32| world.vocabulary().decode(&[token]);
    let item = |item: &Choice| Item {
        truth: item.truth,
        lengths: item.candidates.iter().map(|&token| Length::of(&word(token))).collect(),
    };
    let classes = is_classed.then(|| items[0].candidates.iter().map(|&token| word(token)).collect());
    let asked = items.iter().flat_map(|item| {
        item.candidates.iter().map(|&token| Continuation { context: item.prompt.clone(), tokens: vec![token] })
    });
    (Variant { name: name.to_owned(), classes, items: items.iter().map(item).collect() }, asked.collect())
}

fn micro_batch(model: &Llama, corpus: &Corpus<'_>, step: u64, size: usize) -> MicroBatch {
    let batch = corpus.batch(step, size);
    let sight = model.config().whole(size, CONTEXT);
    MicroBatch { sequences: Sequences { tokens: batch.inputs, sight }, targets: batch.targets, weights: batch.weights }
}

/// Trains, measures and writes down.
pub fn made(asked: Asked) -> Record {
    let Asked { rank, replayed, .. } = asked;
    let bytes = base(Size::Small, 0).expect("a base of this build");
    let weights = Weights::read(&[("small-0", bytes)]).expect("its file can be read");
    let model =
        Llama::load(Size::Small.config(), &weights, Precision::F32, &Device::flex().autodiff()).expect("its shape");
    let questions = Questions::new();
    let before = questions.ask(&model, &Mode::BASE);
    let lora = Lora { rank: rank as usize, alpha: 16.0, ..Lora::default() };
    let seed = Seed::new(7);
    let model = model.tune(&Tuning::Lora(lora), &seed.fork("adapters")).expect("a tuning of this model");
    let mut optimiser = AdamW::default();
    optimiser.weight_decay = 0.0;
    let recipe = FineTuningRecipe {
        rate: Rate { peak: LEARNING_RATE, warm_up: 5, steps: STEPS, shape: Shape::Constant, floor: 0.0 },
        clip: Some(1.0),
        pass: Pass::default(),
        dropout: seed.fork("dropout"),
        threads: 1,
        diverged_above: f64::INFINITY,
    };
    let parameters = model.trained_parameters() as u64;
    let mut training = Training::new(model, Optimiser::AdamW(optimiser), 0);
    let world = &questions.world;
    let (new, old) = (world.fine_tuning(FineTuning::Orca, Part::Train), world.pretraining().starting_at(1 << 24));
    let held_out = world.fine_tuning(FineTuning::Orca, Part::HeldOut);
    let (mut points, mut read, mut again, mut losses) = (Vec::new(), Read::default(), Read::default(), Vec::new());
    for step in 0..=STEPS {
        if MEASURED.contains(&step) {
            let held_out = micro_batch(training.model(), &held_out, 0, 32);
            points.push(Point {
                step,
                new: read,
                replayed: again,
                training_loss: (!losses.is_empty()).then(|| losses.iter().sum::<f64>() / losses.len() as f64),
                fine_tuning_loss: Some(training.loss(Pass::default(), [held_out]).0),
                measures: questions.measures(training.model(), &before),
            });
            losses.clear();
        }
        if step < STEPS {
            let mut batches = vec![micro_batch(training.model(), &new, u64::from(step), BATCH - replayed)];
            if replayed > 0 {
                batches.push(micro_batch(training.model(), &old, u64::from(step), replayed));
            }
            for (batch, counted) in batches.iter().zip([&mut read, &mut again]) {
                counted.examples += (batch.targets.len() / CONTEXT) as u64;
                counted.tokens += batch.weights.iter().filter(|&&weight| weight > 0.0).count() as u64;
            }
            losses.push(training.step(&recipe, batches).loss);
        }
    }
    let config = Size::Small.config();
    let settings = serde_json::json!({
        "model": "runs/small-0", "seed": 7, "device": "cpu", "precision": "f32",
        "tuning": { "method": "lora", "rank": rank, "alpha": 16.0, "targets": "all-linear" },
        "data": { "files": ["orca.jsonl"], "format": "chat", "sequence": CONTEXT },
        "replay": { "files": ["pretraining.jsonl"], "fraction": replayed as f64 / BATCH as f64 },
        "training": { "steps": STEPS, "batch": BATCH, "optimiser": "adamw", "learning_rate": LEARNING_RATE },
    });
    Record {
        schema: SCHEMA,
        experiment: EXPERIMENT.to_owned(),
        run_id: asked.name.to_owned(),
        build: BUILD.to_owned(),
        device: "cpu".to_owned(),
        settings: settings.as_object().expect("an object").clone(),
        model: Model {
            name: "small-0".to_owned(),
            parameters: 46_560,
            hidden: config.hidden_size as u64,
            layers: config.num_hidden_layers as u64,
            vocabulary: config.vocab_size as u64,
            precision: "f32".to_owned(),
        },
        tuning: Tuned { family: "lora".to_owned(), rank: Some(rank), parameters },
        replay: replayed as f64 / BATCH as f64,
        units: Units::default(),
        shortened: None,
        points,
        ending: Some(Ending::Complete),
        // Of another machine it would be another; nothing here depends on it.
        timing: Timing { seconds: 0.0, workers: 1 },
    }
}

/// Where the committed records lie.
pub fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/llama_records")
}

#[test]
#[ignore = "writes the committed records"]
fn records_are_made() {
    for asked in ALL {
        let json = serde_json::to_vec(&made(asked)).expect("JSON");
        std::fs::write(folder().join(format!("{}.json", asked.name)), [&json[..], b"\n"].concat()).expect("a file");
    }
}
