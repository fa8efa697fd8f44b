//! What models say after prompts.

use burn_tensor::Device;
use lethe::model::llama::{Cache, Llama, Lora, Mode, Sampling, Sequences, Targets, greedy, last_logits, sampled};
use lethe::seed::Seed;

use super::golden::{GOLDEN, assert_near, model, tokens, values};

/// As for logits: other prompts in a batch change the order of no sum, but padding changes which rows a product holds.
const TOLERANCE: f64 = 2e-6;

/// Prompts of many lengths, more than a batch of them, the long ones first.
fn prompts() -> Vec<Vec<u32>> {
    (0..70).map(|number| tokens(&format!("prompt {number}"), 1 + (140 - 2 * number) % 11)).collect()
}

#[test]
fn what_is_said_of_a_prompt_does_not_depend_on_the_others() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        let model = model(&GOLDEN["logits"][1]["config"], &device);
        let (prompts, vocabulary) = (prompts(), model.config().vocab_size);
        let found = last_logits(&model, &Mode::BASE, &prompts);
        assert_eq!(found.len(), prompts.len());
        for (prompt, found) in prompts.iter().zip(found) {
            let alone = Sequences { tokens: prompt.clone(), sight: model.config().whole(1, prompt.len()) };
            let alone = values(model.logits(&alone, &Mode::BASE));
            let found: Vec<f64> = found.into_iter().map(f64::from).collect();
            assert_near(&found, &alone[alone.len() - vocabulary..], TOLERANCE, &format!("{prompt:?}"));
        }
    }
}

#[test]
fn each_greedy_token_is_the_likeliest_after_those_before() {
    let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    let prompts = prompts();
    let answers = greedy(&model, &Mode::BASE, &prompts, 4, &[]);
    for (prompt, answer) in prompts.iter().zip(&answers) {
        assert_eq!(answer.len(), 4);
        for k in 0..4 {
            let text = [prompt.as_slice(), &answer[..k]].concat();
            let logits = &last_logits(&model, &Mode::BASE, &[text])[0];
            let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            // Two tokens may be equally likely but for rounding.
            assert!(most - logits[answer[k] as usize] < 1e-5, "token {k} of the answer to {prompt:?}");
        }
    }
    assert!(answers.iter().any(|answer| answer != &answers[0]), "prompts matter");
    assert_eq!(greedy(&model, &Mode::BASE, &[], 4, &[]), Vec::<Vec<u32>>::new());
}

/// Models of every shape that say something of positions, and an adapted one.
fn models() -> Vec<(String, Llama)> {
    let cases = GOLDEN["logits"].as_array().unwrap().iter();
    let bare = cases.filter(|case| case["padding"].is_null());
    let mut models: Vec<(String, Llama)> =
        bare.map(|case| (case["name"].as_str().unwrap().to_owned(), model(&case["config"], &Device::flex()))).collect();
    let lora = Lora { targets: Targets::AllLinear, ..Lora::default() };
    let adapted = model(&GOLDEN["logits"][1]["config"], &Device::flex()).adapt(&lora, &Seed::new(1)).unwrap();
    models.push(("adapted".to_owned(), adapted));
    models
}

#[test]
fn what_is_remembered_serves_as_if_all_were_read_anew() {
    for (name, model) in models() {
        let prompts: Vec<Vec<u32>> = [3, 40, 1, 17].map(|length| tokens(&format!("{name} {length}"), length)).to_vec();
        if !Cache::serves(&model, 60) {
            assert_eq!(name, "dynamic scaling");
            continue;
        }
        let mode = &Mode::ADAPTED;
        let mut texts = prompts.clone();
        let (mut cache, mut hidden) = Cache::new(&model, mode, &prompts, 20);
        for step in 0..10 {
            let found = values(model.head(hidden));
            let expected: Vec<f64> = last_logits(&model, mode, &texts).concat().into_iter().map(f64::from).collect();
            assert_near(&found, &expected, 1e-5, &format!("{name}, {step} tokens on"));
            // One token, then two at once.
            let new = 1 + step % 2;
            let next: Vec<Vec<u32>> = (0..texts.len()).map(|text| tokens(&format!("{step} {text}"), new)).collect();
            hidden = cache.extend(&model, mode, &next.concat());
            texts.iter_mut().zip(&next).for_each(|(text, next)| text.extend(next));
        }
    }
}

#[test]
fn a_prompt_of_many_pieces_is_read_as_one() {
    let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    let prompts = vec![tokens("long", 700), tokens("longer", 1111)];
    let (_, hidden) = Cache::new(&model, &Mode::BASE, &prompts, 1);
    let expected: Vec<f64> = last_logits(&model, &Mode::BASE, &prompts).concat().into_iter().map(f64::from).collect();
    assert_near(&values(model.head(hidden)), &expected, 1e-5, "1,111 tokens");
}

#[test]
fn dynamic_scaling_writes_what_it_would_write_read_anew() {
    let case = GOLDEN["logits"].as_array().unwrap().iter().find(|case| case["name"] == "dynamic scaling").unwrap();
    let model = model(&case["config"], &Device::flex());
    let prompts = vec![tokens("dynamic", 4)];
    let answer = &greedy(&model, &Mode::BASE, &prompts, 6, &[])[0];
    let mut text = prompts[0].clone();
    for &token in answer {
        let logits = &last_logits(&model, &Mode::BASE, &[text.clone()])[0];
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert!(most - logits[token as usize] < 1e-5);
        text.push(token);
    }
}

#[test]
fn answers_end_before_the_first_token_that_stops() {
    let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    let prompts = prompts();
    let whole = greedy(&model, &Mode::BASE, &prompts, 12, &[]);
    let stops = [whole[0][3], whole[5][7], 47];
    let ended = greedy(&model, &Mode::BASE, &prompts, 12, &stops);
    let mut shorter = 0;
    for (whole, ended) in whole.iter().zip(&ended) {
        let end = whole.iter().position(|token| stops.contains(token)).unwrap_or(whole.len());
        assert_eq!(ended, &whole[..end]);
        shorter += usize::from(end < whole.len());
    }
    assert!(shorter > 1 && ended[0].len() <= 3, "{shorter} answers ended");
    assert_eq!(greedy(&model, &Mode::BASE, &prompts[..1], 0, &stops), [Vec::<u32>::new()]);
}

#[test]
fn tokens_are_drawn_as_often_as_they_are_likely() {
    let logits: Vec<f32> = [0.4f64, 0.3, 0.2, 0.1].iter().map(|p| libm::log(*p) as f32).collect();
    let shares = |sampling: Sampling| {
        let (mut stream, draws) = (sampling.seed.stream(), 40_000);
        let mut counts = [0.0; 4];
        (0..draws).for_each(|_| counts[sampling.draw(&logits, &mut stream) as usize] += 1.0 / f64::from(draws));
        counts
    };
    let seed = Seed::new(7);
    let cases = [
        (Sampling { temperature: 1.0, top_p: 1.0, seed }, [0.4, 0.3, 0.2, 0.1]),
        (Sampling { temperature: 0.5, top_p: 1.0, seed }, [16.0 / 30.0, 9.0 / 30.0, 4.0 / 30.0, 1.0 / 30.0]),
        (Sampling { temperature: 1.0, top_p: 0.65, seed }, [4.0 / 7.0, 3.0 / 7.0, 0.0, 0.0]),
        (Sampling { temperature: 1.0, top_p: 0.75, seed }, [4.0 / 9.0, 3.0 / 9.0, 2.0 / 9.0, 0.0]),
        (Sampling { temperature: 1.0, top_p: 1e-9, seed }, [1.0, 0.0, 0.0, 0.0]),
    ];
    for (sampling, expected) in cases {
        for (found, expected) in shares(sampling).into_iter().zip(expected) {
            // Five deviations of a share of 40,000 draws.
            assert!((found - expected).abs() < 0.0125 && (expected > 0.0 || found == 0.0), "{sampling:?}: {found}");
        }
    }
    for (temperature, top_p) in [(0.0, 1.0), (f64::NAN, 1.0), (1.0, 0.0), (1.0, 1.1)] {
        assert!(Sampling { temperature, top_p, seed }.check().is_err(), "{temperature}, {top_p}");
    }
}

#[test]
fn what_is_drawn_after_a_prompt_depends_on_its_seed_and_not_on_the_others() {
    let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    let prompts = prompts();
    let drawn = |seed: u64, count: usize| {
        let sampling = Sampling { temperature: 1.0, top_p: 0.9, seed: Seed::new(seed) };
        sampled(&model, &Mode::BASE, &prompts[..count], 8, &[], &sampling)
    };
    let all = drawn(0, prompts.len());
    assert_eq!(all, drawn(0, prompts.len()));
    assert_ne!(all, drawn(1, prompts.len()));
    // Rounding may change a draw, once in very many.
    let few = drawn(0, 30);
    let equal = few.iter().zip(&all).filter(|(few, all)| few == all).count();
    assert!(equal >= 28, "{equal} of 30");
}
