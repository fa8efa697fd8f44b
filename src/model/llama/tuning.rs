//! Families of tuning: which parameters fine-tuning trains.

use burn::module::{Module, ModuleVisitor, Param};
use burn_tensor::Tensor;

use super::adapting::adapt;
use super::ia3::{Factors, Ia3};
use super::lora::Lora;
use super::network::Llama;
use super::parameters::linears;
use crate::error::{Problem, Problems};
use crate::seed::Seed;

/// What is trained while everything else stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Tuning {
    /// Low-rank adapters beside linear layers.
    Lora(Lora),
    /// Factors, 1 at the start, of keys, values and the inputs of each feed-forward layer's last product: PEFT's
    /// `IA3Config` for Llama.
    Ia3,
    /// All parameters of so many blocks, the last ones; neither embeddings nor head nor the last norm.
    Top(usize),
    /// Every parameter.
    Full,
}

/// See [`Llama::tune`].
pub fn tune(model: Llama, tuning: &Tuning, seed: &Seed) -> Result<Llama, Problems> {
    let mut model = bare(model);
    let layers = model.model.layers.len();
    match tuning {
        Tuning::Lora(lora) => return adapt(model, lora, seed),
        Tuning::Ia3 => {
            let device = model.model.norm.weight.val().device();
            let ia3 = Ia3::default();
            for (path, linear) in linears(&mut model) {
                let place = ia3.place(&path).map_err(|problem| Problems(vec![problem]))?;
                linear.ia3 = place.map(|place| Factors::new(place, linear.size(), &device));
            }
        }
        Tuning::Top(count) if (1..=layers).contains(count) => {
            let trained = model.model.layers.split_off(layers - count);
            model.model.layers.extend(trained.into_iter().map(|block| block.set_require_grad(true)));
        }
        Tuning::Top(count) => {
            let accepted = format!("a whole number from 1 to {layers}, the layers of this model");
            return Err(Problems(vec![Problem::new("top_layers", &count.to_string(), accepted)]));
        }
        Tuning::Full => model = model.set_require_grad(true),
    }
    Ok(model)
}

/// The base, frozen, without what adapted it.
pub fn bare(mut model: Llama) -> Llama {
    for (_, linear) in linears(&mut model) {
        (linear.adapter, linear.ia3) = (None, None);
    }
    model.set_require_grad(false)
}

/// See [`Llama::trained_parameters`].
pub fn trained(model: &Llama) -> usize {
    let mut counting = Counting(0);
    model.visit(&mut counting);
    counting.0
}

struct Counting(usize);

impl ModuleVisitor for Counting {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let value = parameter.val();
        if value.is_require_grad() {
            self.0 += value.shape().num_elements();
        }
    }
}
