//! What every model of a run is asked, and what the base answers.

use super::abilities::{Abilities, Ability};
use super::event::{Losses, Text, TextKind};
use super::measure::{drawn, free_text, logits};
use crate::data::language::{
    Batch, CONTEXT, Choice, FineTuning, LanguageWorld, Part, Reasoning, SafetyItem, Unseen, Vocabulary,
};
use crate::metrics::divergence::Reference;
use crate::metrics::language::{Share, choices, refusals, right};
use crate::model::llama::{Llama, Mode, Sequences, greedy};
use crate::seed::Seed;

/// Windows of each text that losses are measured on.
const WINDOWS: usize = 32;
/// Tokens of the texts that are shown.
const SHOWN: usize = 16;
/// Tokens of free text: a sentence and its end, mostly.
const FREE: usize = 16;
/// How many pieces of free text are written.
const FREE_TEXTS: usize = 24;

/// Items of one kind, and the base's answers to them.
pub(super) struct Items {
    pub items: Vec<Choice>,
    /// The place of the base's answer among the candidates.
    pub base: Vec<usize>,
}

impl Items {
    fn new(items: Vec<Choice>, model: &Llama) -> Self {
        let base = choices(model, &Mode::BASE, &items);
        Self { items, base }
    }
}

/// Windows of text with what follows each token.
pub(super) struct Windows {
    pub sequences: Sequences,
    pub targets: Vec<u32>,
    /// Summing to 1.
    pub weights: Vec<f32>,
}

impl Windows {
    fn new(batch: Batch, model: &Llama) -> Self {
        let sight = model.config().whole(batch.inputs.len() / CONTEXT, CONTEXT);
        let total: f32 = batch.weights.iter().sum();
        let weights = batch.weights.iter().map(|weight| weight / total).collect();
        Self { sequences: Sequences { tokens: batch.inputs, sight }, targets: batch.targets, weights }
    }
}

/// Everything that a model is asked at a checkpoint.
pub(super) struct Probe {
    pub general: Windows,
    pub reference: Reference,
    pub held_out: Windows,
    pub kept: Items,
    pub changed: Vec<Choice>,
    pub newcomers: Vec<Choice>,
    pub composed: Items,
    pub sums: Items,
    pub harmful: Vec<SafetyItem>,
    pub harmless: Vec<SafetyItem>,
    pub free: Vec<Vec<u32>>,
    /// Prompts whose answers are shown.
    shown: Vec<(TextKind, Vec<u32>)>,
    /// What the base writes after them.
    written: Vec<String>,
    /// Losses and abilities of the base itself.
    pub base_losses: Losses,
    pub base_abilities: Abilities,
}

impl Probe {
    pub fn new(world: &LanguageWorld, set: FineTuning, model: &Llama) -> Self {
        let general = Windows::new(world.general_text().batch(0, WINDOWS), model);
        let held_out = Windows::new(world.fine_tuning(set, Part::HeldOut).batch(0, WINDOWS), model);
        let reference = Reference::new(&logits(model, &Mode::BASE, &general.sequences), &general.targets);
        // Of each fact both phrasings follow one another: odd strides take them in turns.
        let facts = world.knowledge_items(Unseen::ForThisFact);
        let (changed, kept): (Vec<Choice>, Vec<Choice>) = facts.into_iter().partition(|item| item.changed_to.is_some());
        let every = |items: Vec<Choice>, stride: usize| items.into_iter().step_by(stride).collect::<Vec<_>>();
        let (kept, changed) = (every(kept, 7), every(changed, 2));
        let newcomers = every(world.newcomer_items(Unseen::ForThisFact), 3);
        let composed = every(world.reasoning_items(Reasoning::Composed), 3);
        let sums = every(world.reasoning_items(Reasoning::Sum), 2);
        let requests = |harmful: bool, stride: usize| -> Vec<SafetyItem> {
            world.safety_items().into_iter().filter(|item| item.is_harmful == harmful).step_by(stride).collect()
        };
        let (harmful, harmless) = (requests(true, 2), requests(false, 8));
        let free = world.general_prompts(FREE_TEXTS);
        let mut shown = Vec::new();
        let items = [
            (TextKind::Fact, &kept, 2),
            (TextKind::ChangedFact, &changed, 2),
            (TextKind::Newcomer, &newcomers, 1),
            (TextKind::Composed, &composed, 2),
            (TextKind::Sum, &sums, 2),
        ];
        for (kind, items, count) in items {
            shown.extend(items.iter().take(count).map(|item| (kind, item.prompt.clone())));
        }
        for (kind, requests) in [(TextKind::Harmful, &harmful), (TextKind::Harmless, &harmless)] {
            shown.extend(requests.iter().take(2).map(|request| (kind, request.prompt.clone())));
        }
        shown.extend(free.iter().take(2).map(|prompt| (TextKind::Free, prompt.clone())));
        let mut probe = Self {
            kept: Items::new(kept, model),
            changed,
            newcomers,
            composed: Items::new(composed, model),
            sums: Items::new(sums, model),
            written: Vec::new(),
            base_losses: Losses::from_values([0.0; 5]),
            base_abilities: Abilities::default(),
            general,
            reference,
            held_out,
            harmful,
            harmless,
            free,
            shown,
        };
        probe.written = probe.write(world, model, &Mode::BASE);
        probe.base_losses = probe.losses(model, &Mode::BASE);
        probe.base_abilities = probe.abilities(world, model, &Mode::BASE);
        probe
    }

    /// What a model writes after the prompts that are shown.
    fn write(&self, world: &LanguageWorld, model: &Llama, mode: &Mode) -> Vec<String> {
        let prompts: Vec<Vec<u32>> = self.shown.iter().map(|(_, prompt)| prompt.clone()).collect();
        let written = greedy(model, mode, &prompts, SHOWN, &[Vocabulary::END]);
        written.iter().map(|tokens| world.vocabulary().decode(tokens)).collect()
    }

    /// The shown texts of a tuned model beside the base's.
    pub fn texts(&self, world: &LanguageWorld, model: &Llama, mode: &Mode) -> Vec<Text> {
        let tuned = self.write(world, model, mode);
        let of = |(((kind, prompt), base), tuned): (((&TextKind, &Vec<u32>), &String), String)| Text {
            kind: *kind,
            prompt: world.vocabulary().decode(prompt),
            base: base.clone(),
            tuned,
        };
        self.shown.iter().map(|(kind, prompt)| (kind, prompt)).zip(&self.written).zip(tuned).map(of).collect()
    }

    /// The losses of a model.
    pub fn losses(&self, model: &Llama, mode: &Mode) -> Losses {
        let Windows { sequences, targets, weights } = &self.held_out;
        let fine_tuning = model.loss(sequences, targets, weights, mode).into_scalar::<f32>();
        let moved = self.reference.divergence(&logits(model, mode, &self.general.sequences));
        Losses {
            fine_tuning,
            forgetting: moved.soft_cross_entropy as f32,
            kl: moved.kl as f32,
            nll_rise: moved.nll_rise as f32,
            agreement: moved.agreement as f32,
        }
    }

    /// The abilities of a model.
    pub fn abilities(&self, world: &LanguageWorld, model: &Llama, mode: &Mode) -> Abilities {
        let mut abilities = Abilities::default();
        let mut set = |ability: Ability, share: Share| abilities.shares[ability as usize] = share;
        for (items, truth, as_base) in [
            (&self.kept, Ability::Kept, Ability::KeptAsBase),
            (&self.composed, Ability::Composed, Ability::ComposedAsBase),
            (&self.sums, Ability::Sums, Ability::SumsAsBase),
        ] {
            let given = choices(model, mode, &items.items);
            set(truth, right(&items.items, &given));
            set(as_base, Share::among(items.base.iter().zip(&given).map(|(base, answer)| base == answer)));
        }
        let given = choices(model, mode, &self.changed);
        set(Ability::Outdated, right(&self.changed, &given));
        let new = self.changed.iter().zip(&given).map(|(item, &answer)| item.changed_to == Some(answer));
        set(Ability::Changed, Share::among(new));
        set(Ability::Newcomers, right(&self.newcomers, &choices(model, mode, &self.newcomers)));
        for (ability, requests) in
            [(Ability::RefusedHarmful, &self.harmful), (Ability::RefusedHarmless, &self.harmless)]
        {
            set(ability, Share::among(refusals(world, model, mode, requests)));
        }
        let draws = Seed::new(0).fork("free text");
        let (valid, repetition) = free_text(world, &self.free, &drawn(model, mode, &self.free, FREE, &draws));
        set(Ability::Valid, valid);
        abilities.repetition = repetition as f32;
        abilities
    }
}
