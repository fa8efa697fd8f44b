//! Defaults that depend on other settings, on the data or on the model.

use super::settings::{OptimiserName, Settings, Training, Way};
use crate::data::text::{Format, Template};
use crate::native::llama::data::told_format;
use crate::native::llama::evaluate::Evaluation;
use crate::train::language::{Adafactor, AdamW};

impl Settings {
    /// The same settings with nothing left to be told: what a run prints, keeps and is named by. Data whose format cannot
    /// be told are left as they are; opening them says what is wrong with them.
    pub fn written_out(mut self, evaluation: &Evaluation<'_>) -> Self {
        if self.tuning.method == Way::Lora {
            self.tuning.alpha.get_or_insert(self.tuning.rank as f64);
        }
        let data = &mut self.data;
        data.format = data.format.or_else(|| told_format(&data.files));
        data.template = data.template.or(data.format.map(Format::template));
        if let Some(replay) = &mut self.replay {
            replay.format = match replay.generated {
                Some(_) => Some(Format::Text),
                None => replay.format.or_else(|| told_format(&replay.files)),
            };
            replay.template = replay.template.or(replay.format.map(Format::template));
        }
        self.training.write_out();
        evaluation.write_out(&mut self.evaluation.what);
        self
    }

    /// The templates of new and of replayed examples, and the settings that they are; plain texts have no need of one.
    pub fn templates(&self) -> impl Iterator<Item = (&'static str, Template)> {
        let replay = self.replay.as_ref().map(|replay| ("replay.template", replay.format, replay.template));
        let all = [("data.template", self.data.format, self.data.template)].into_iter().chain(replay);
        all.filter(|(_, format, _)| *format != Some(Format::Text))
            .filter_map(|(key, _, template)| Some((key, template?)))
    }
}

impl Training {
    fn write_out(&mut self) {
        match self.optimiser {
            OptimiserName::AdamW => {
                let own = self.adamw();
                (self.beta1, self.beta2, self.epsilon) = (Some(own.beta1), Some(own.beta2), Some(own.epsilon));
            }
            OptimiserName::Adafactor => {
                let own = self.adafactor();
                self.eps = Some(own.eps);
                (self.clip_threshold, self.decay_rate) = (Some(own.clip_threshold), Some(own.decay_rate));
            }
        }
    }

    /// AdamW by these settings.
    pub fn adamw(&self) -> AdamW {
        let mut adamw = AdamW::default();
        adamw.beta1 = self.beta1.unwrap_or(0.9);
        adamw.beta2 = self.beta2.unwrap_or(0.999);
        adamw.epsilon = self.epsilon.unwrap_or(1e-8);
        adamw.weight_decay = self.weight_decay;
        adamw
    }

    /// Adafactor by these settings, with their rate, as the Trainer of transformers has it.
    pub fn adafactor(&self) -> Adafactor {
        let mut adafactor = Adafactor::default();
        (adafactor.scale_parameter, adafactor.relative_step) = (false, false);
        adafactor.eps = self.eps.unwrap_or(adafactor.eps);
        adafactor.clip_threshold = self.clip_threshold.unwrap_or(adafactor.clip_threshold);
        adafactor.decay_rate = self.decay_rate.unwrap_or(adafactor.decay_rate);
        adafactor.weight_decay = self.weight_decay;
        adafactor
    }
}
