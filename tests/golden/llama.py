"""Writes llama.json: what transformers and PEFT make of tiny random Llamas, for tests/llama.

    python tests/golden/llama.py

Weights, tokens and adapters are formulas of their names and places, so that no weights need to be kept. Needs torch,
transformers and peft; CPU, single precision.
"""

import json
import math
import pathlib
import zlib

import numpy as np
import torch
from peft import IA3Config, LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

torch.set_num_threads(1)
torch.manual_seed(0)
HERE = pathlib.Path(__file__).parent
SHAPE = {"vocab_size": 48, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
         "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "initializer_range": 0.02}


def uniform(name, count):
    """count numbers in [-0.5, 0.5), exact in single precision."""
    start = zlib.crc32(name.encode())
    places = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(start)) & np.uint64(0xFFFFFFFF)
    mixed = places ^ (places >> np.uint64(15))
    mixed = (mixed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(13)
    return ((mixed >> np.uint64(8)).astype(np.float64) / 2**24 - 0.5).astype(np.float32)


def spread(name, shape):
    """Weights of a parameter: norms and IA3's factors near 1, everything else of a size that keeps activations near 1."""
    values = uniform(name, math.prod(shape))
    if "norm" in name or "ia3" in name:
        values = 1.0 + 0.5 * values
    elif name.endswith("bias"):
        values = 0.5 * values
    elif "embed" in name:
        values = 2.0 * values
    else:
        values = values * np.float32(2.0 / math.sqrt(shape[-1]) * 1.5)
    return torch.tensor(values.astype(np.float32).reshape(shape))


def model_of(**changes):
    config = LlamaConfig(**{**SHAPE, **changes})
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(spread(name, tuple(parameter.shape)))
    return model


def tokens_of(name, shape, vocabulary=48):
    values = (uniform(name, math.prod(shape)).astype(np.float64) + 0.5) * vocabulary
    return torch.tensor(values.astype(np.int64).reshape(shape))


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().double().flatten().tolist()]


def digest(tensor):
    """A gradient by its size, two projections and its first numbers."""
    flat = tensor.detach().double().flatten()
    places = torch.arange(len(flat), dtype=torch.float64)
    return rounded(torch.cat([torch.stack([flat.norm(), flat.sum(), (flat * torch.cos(places)).sum()]), flat[:4]]))


def logits(name, changes, padding=None):
    model, tokens = model_of(**changes), tokens_of(name, (2, 9))
    given = {}
    if padding:
        lengths = [9, 5]
        rows = [[1] * n + [0] * (9 - n) if padding == "right" else [0] * (9 - n) + [1] * n for n in lengths]
        mask = torch.tensor(rows)
        given = {"attention_mask": mask, "position_ids": (mask.cumsum(1) - 1).clamp(min=0)}
    with torch.no_grad():
        found = model(tokens, **given).logits
    if padding:
        found = found[mask.bool()]
    return {"name": name, "config": json.loads(model.config.to_json_string()), "padding": padding,
            "tokens": tokens.flatten().tolist(), "logits": rounded(found)}


def adapted(changes, lora):
    model = get_peft_model(model_of(**changes), LoraConfig(task_type="CAUSAL_LM", **lora))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                values = spread(name.replace(".default", ""), tuple(parameter.shape))
                parameter.copy_(values * (0.3 if "lora_B" in name else 1.0))
    return model


def loss_of(model, tokens, weights):
    found = model(tokens).logits[:, :-1]
    each = torch.nn.functional.cross_entropy(found.reshape(-1, found.shape[-1]), tokens[:, 1:].reshape(-1), reduction="none")
    return (each * weights.flatten()).sum()


def tuned(changes, family):
    """The model with IA3's factors, or with its last blocks or all of it to be trained."""
    model = model_of(**changes)
    if family == "ia3":
        model = get_peft_model(model, IA3Config(task_type="CAUSAL_LM"))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if parameter.requires_grad:
                    parameter.copy_(spread(name.replace(".default", ""), tuple(parameter.shape)))
    elif family != "full":
        model.requires_grad_(False)
        model.model.layers[-family:].requires_grad_(True)
    return model


def gradients(name, model, settings):
    tokens = tokens_of(name, (2, 9))
    weights = torch.full((2, 8), 1 / 16)
    weights[0, :3] = 0.0
    loss = loss_of(model, tokens, weights)
    loss.backward()
    found = {parameter_name.replace(".default", ""): digest(parameter.grad)
             for parameter_name, parameter in model.named_parameters() if parameter.requires_grad}
    assert all(parameter.grad is None for _, parameter in model.named_parameters() if not parameter.requires_grad)
    with torch.no_grad():
        out = model(tokens).logits
    return {"name": name, "config": json.loads(model.config.to_json_string()), **settings,
            "trained": sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad),
            "tokens": tokens.flatten().tolist(), "loss": float(loss), "gradients": found, "logits": rounded(out[0, -1])}


def curve(name, changes, lora, steps=100, accumulation=4):
    """AdamW with warm-up and cosine, four batches a step, gradients clipped to a global norm."""
    model = adapted(changes, lora)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    rate, warm_up, clip = 0.01, 10, 0.5
    losses, sizes = [], []
    for step in range(steps):
        if step < warm_up:
            factor = step / warm_up
        else:
            factor = 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))
        for group in optimiser.param_groups:
            group["lr"] = rate * factor
        optimiser.zero_grad()
        total = 0.0
        for part in range(accumulation):
            tokens = tokens_of(f"{name} {step % 5} {part}", (2, 9))
            loss = loss_of(model, tokens, torch.full((2, 8), 1 / 16)) / accumulation
            loss.backward()
            total += float(loss)
        sizes.append(float(torch.nn.utils.clip_grad_norm_(trained, clip)))
        optimiser.step()
        losses.append(total)
    factors = {parameter_name.replace(".default", ""): digest(parameter)
               for parameter_name, parameter in model.named_parameters() if parameter.requires_grad}
    return {"name": name, "config": json.loads(model.get_base_model().config.to_json_string()), "lora": lora,
            "rate": rate, "warm_up": warm_up, "clip": clip, "weight_decay": 0.01, "accumulation": accumulation,
            "losses": losses, "gradient_norms": sizes, "factors": factors}


def main():
    scaled = lambda **scaling: {"rope_parameters": {"rope_theta": 10000.0, **scaling}}
    shapes = [
        ("heads of their own", {"num_key_value_heads": 4}),
        ("grouped queries", {}),
        ("one key head", {"num_key_value_heads": 1}),
        ("tied embedding", {"tie_word_embeddings": True}),
        ("another base", {"rope_parameters": {"rope_theta": 500000.0, "rope_type": "default"}, "rms_norm_eps": 1e-6}),
        ("linear scaling", scaled(rope_type="linear", factor=4.0)),
        ("dynamic scaling", {**scaled(rope_type="dynamic", factor=2.0), "max_position_embeddings": 6}),
        ("llama 3 scaling", scaled(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                   original_max_position_embeddings=32)),
        ("biases", {"attention_bias": True, "mlp_bias": True}),
        ("wide heads", {"head_dim": 12}),
    ]
    both = ["q_proj", "v_proj"]
    everything = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    settings = [
        ("rank 1", {}, {"r": 1, "lora_alpha": 2, "target_modules": everything}),
        ("rank 4", {}, {"r": 4, "lora_alpha": 8, "target_modules": everything}),
        ("rank as large as the model", {}, {"r": 32, "lora_alpha": 16, "target_modules": both}),
        ("rank stabilised", {}, {"r": 4, "lora_alpha": 8, "use_rslora": True, "target_modules": everything}),
        ("feed-forward only", {"num_key_value_heads": 4}, {"r": 3, "lora_alpha": 3, "target_modules": everything[4:]}),
        ("biases below", {"attention_bias": True, "tie_word_embeddings": True}, {"r": 2, "lora_alpha": 4, "target_modules": both}),
    ]
    families = [
        ("IA3", {}, "ia3"),
        ("IA3 beside biases", {"attention_bias": True, "mlp_bias": True, "num_key_value_heads": 4}, "ia3"),
        ("the last layer", {"num_hidden_layers": 3}, 1),
        ("the last two layers", {"num_hidden_layers": 3, "attention_bias": True}, 2),
        ("everything", {}, "full"),
        ("everything, tied", {"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True}, "full"),
    ]
    written = {
        "versions": {"torch": torch.__version__, "transformers": __import__("transformers").__version__,
                     "peft": __import__("peft").__version__},
        "logits": [logits(name, changes) for name, changes in shapes]
        + [logits(f"padding {side}", {}, side) for side in ("right", "left")],
        "gradients": [gradients(name, adapted(changes, lora), {"lora": lora}) for name, changes, lora in settings],
        "tunings": [gradients(name, tuned(changes, family), {"family": family}) for name, changes, family in families],
        "curve": curve("curve", {}, {"r": 4, "lora_alpha": 8, "target_modules": everything}),
    }
    (HERE / "llama.json").write_text(json.dumps(written, separators=(",", ":")) + "\n")


main()
