//! Drawing the next token.

use crate::error::{Problem, Problems};
use crate::seed::{Seed, Stream};

/// How tokens are drawn from what a model says of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Logits are divided by it: below 1 the likely become likelier.
    pub temperature: f64,
    /// Only the likeliest tokens whose probabilities come to this are drawn (nucleus sampling: Holtzman et al. 2020,
    /// arXiv 1904.09751); 1 for all.
    pub top_p: f64,
    /// Each prompt has a stream of its own.
    pub seed: Seed,
}

impl Sampling {
    /// # Errors
    /// Every setting by which nothing can be drawn.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        if !(1e-3..=1e3).contains(&self.temperature) {
            let accepted = "a number from 0.001 to 1000";
            problems.push(Problem::new("temperature", &self.temperature.to_string(), accepted));
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            problems.push(Problem::new("top_p", &self.top_p.to_string(), "a number above 0 and up to 1"));
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Draws a token. Of equally likely ones the first are the likelier.
    ///
    /// # Shapes
    /// `logits`: `[vocabulary]`
    pub fn draw(&self, logits: &[f32], stream: &mut Stream) -> u32 {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weight = |logit: f32| libm::exp(f64::from(logit - largest) / self.temperature);
        let mut weights: Vec<(u32, f64)> =
            logits.iter().enumerate().map(|(token, &logit)| (token as u32, weight(logit))).collect();
        weights.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let whole: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let mut kept = 0.0;
        let nucleus = weights.iter().take_while(|(_, weight)| {
            let open = kept < self.top_p * whole;
            kept += weight;
            open
        });
        let nucleus: Vec<(u32, f64)> = nucleus.copied().collect();
        let within: f64 = nucleus.iter().map(|(_, weight)| weight).sum();
        let mut left = stream.uniform() * within;
        for &(token, weight) in &nucleus {
            left -= weight;
            if left < 0.0 {
                return token;
            }
        }
        // Rounding alone leads here.
        nucleus.last().map_or(0, |&(token, _)| token)
    }
}
