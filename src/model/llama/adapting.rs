//! Adapters beside the linear layers that a setting names.

use super::lora::{Adapter, LINEAR, Lora};
use super::network::Llama;
use super::parameters::linears;
use super::targets::Targets;
use crate::error::{Problem, Problems};
use crate::seed::Seed;

/// The model with fresh low-rank adapters.
///
/// # Errors
/// Settings that no adaptation can have, and targets that are no linear layers of this model's blocks.
pub fn adapt(mut model: Llama, lora: &Lora, seed: &Seed) -> Result<Llama, Problems> {
    lora.check()?;
    let others = others(&model);
    let device = model.model.norm.weight.val().device();
    let mut linears = linears(&mut model);
    let paths: Vec<&str> = linears.iter().map(|(path, _)| path.as_str()).collect();
    check(&lora.targets, &paths, &others)?;
    let mut adapted = 0;
    for (path, linear) in &mut linears {
        if let Some(share) = lora.share(path).map_err(|problem| Problems(vec![problem]))? {
            linear.adapter = Some(Adapter::new(share, linear.size(), path, seed, &device));
            adapted += 1;
        }
    }
    if adapted == 0 {
        let accepted = "settings that leave a layer to adapt: these exclude every target";
        return Err(Problems(vec![Problem::new("target_modules", &format!("{:?}", lora.targets), accepted)]));
    }
    Ok(model)
}

/// That each name or the pattern is of some linear layers, and of nothing else.
fn check(targets: &Targets, paths: &[&str], others: &[String]) -> Result<(), Problems> {
    let accepted = format!("names or ends of paths of linear layers: {}", LINEAR.join(", "));
    let wrong = |value: &str, accepted: &str| Problem::new("target_modules", value, accepted);
    let mut problems = Vec::new();
    match targets {
        Targets::AllLinear => {}
        Targets::Named(names) => {
            let unknown = |name: &&String| !paths.iter().any(|path| super::targets::is_named(path, name));
            problems.extend(names.iter().filter(unknown).map(|name| wrong(name, &accepted)));
            if names.is_empty() {
                problems.push(wrong("[]", &accepted));
            }
        }
        Targets::Matching(pattern) => {
            let matches = |path: &str| pattern.matches(path).map_err(|problem| Problems(vec![problem]));
            for other in others {
                if matches(other)? {
                    let accepted = format!("a pattern of linear layers of the blocks alone (it matches {other:?} too)");
                    problems.push(wrong(pattern.text(), &accepted));
                    break;
                }
            }
            let mut any = false;
            for path in paths {
                any |= matches(path)?;
            }
            if !any {
                let accepted = format!("a pattern of the whole path of linear layers, such as {}", paths[0]);
                problems.push(wrong(pattern.text(), &accepted));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
}

/// Paths of everything in a model of transformers' that has a path and is no linear layer of a block.
fn others(model: &Llama) -> Vec<String> {
    let whole = ["", "model", "model.embed_tokens", "model.layers", "model.norm", "model.rotary_emb", "lm_head"];
    let parts =
        ["", ".self_attn", ".mlp", ".mlp.act_fn", ".input_layernorm", ".post_attention_layernorm"].map(str::to_owned);
    let blocks =
        (0..model.model.layers.len()).flat_map(|index| parts.clone().map(|part| format!("model.layers.{index}{part}")));
    whole.map(str::to_owned).into_iter().chain(blocks).collect()
}
