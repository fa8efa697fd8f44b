"""Writes adapters.json: adapters that PEFT saved, byte by byte, and what the adapted tiny Llamas of llama.py say.

    python tests/golden/adapters.py

Needs torch, transformers and peft; CPU, single precision.
"""

import json
import pathlib
import tempfile

import torch
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

from llama_models import HERE, models

M = models()


def case(name, config, changes={}, dtype=None):
    model = get_peft_model(M.model_of(**changes), config)
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            if parameter.requires_grad:
                values = M.spread(parameter_name.replace(".default", ""), tuple(parameter.shape))
                parameter.copy_(values * (0.3 if "lora_B" in parameter_name else 1.0))
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        weights = pathlib.Path(folder) / "adapter_model.safetensors"
        if dtype is not None:
            save_file({key: value.to(dtype) for key, value in load_file(weights).items()}, weights, {"format": "pt"})
        settings = (pathlib.Path(folder) / "adapter_config.json").read_text()
        model = PeftModel.from_pretrained(M.model_of(**changes), folder).eval()
        tokens = M.tokens_of(name, (2, 9))
        with torch.no_grad():
            logits = model(tokens).logits
            plain = model.get_base_model()
            with model.disable_adapter():
                base = model(tokens).logits
        assert (logits - base).abs().max() > 0.1, name
        return {"name": name, "config": json.loads(plain.config.to_json_string()), "adapter_config": settings,
                "weights": weights.read_bytes().hex(), "tokens": tokens.flatten().tolist(),
                "logits": M.rounded(logits[:, -2:])}


def lora(**settings):
    return LoraConfig(task_type="CAUSAL_LM", **settings)


def main():
    both = ["q_proj", "v_proj"]
    cases = [
        case("named", lora(r=4, lora_alpha=8, lora_dropout=0.1, target_modules=both)),
        case("rank stabilised, all linear", lora(r=2, lora_alpha=3, use_rslora=True, target_modules="all-linear")),
        case("ranks and alphas by patterns",
             lora(r=2, lora_alpha=4, target_modules=[*both, "down_proj"],
                  rank_pattern={"layers.1.mlp.down_proj": 1, r"layers\.\d+\.self_attn\.q_proj": 3, "q_proj": 5},
                  alpha_pattern={"v_proj": 16, r".*0\.mlp\..*": 1})),
        case("patterns rank stabilised", lora(r=2, lora_alpha=4, use_rslora=True, target_modules=both, rank_pattern={"v_proj": 4})),
        case("an expression", lora(r=2, lora_alpha=4, target_modules=r".*layers\.1\.(self_attn\.(?!k_proj)\w+_proj|mlp\.up_proj)")),
        case("half precision", lora(r=2, lora_alpha=4, target_modules=both), dtype=torch.bfloat16),
        case("excluded names", lora(r=2, lora_alpha=4, target_modules="all-linear", exclude_modules=["mlp.gate_proj", "layers.0.self_attn.o_proj"])),
        case("excluded by an expression", lora(r=2, lora_alpha=4, target_modules=both, exclude_modules=r"model\.layers\.0\..*v_proj")),
        case("some blocks", lora(r=2, lora_alpha=4, layers_to_transform=[1], target_modules=["o_proj", "model.layers.0.self_attn.q_proj"])),
        case("biases below", lora(r=2, lora_alpha=4, target_modules=both), {"attention_bias": True, "tie_word_embeddings": True}),
        case("IA3", IA3Config(task_type="CAUSAL_LM"), {"attention_bias": True, "mlp_bias": True}),
        case("IA3 elsewhere", IA3Config(task_type="CAUSAL_LM", target_modules=["q_proj", "gate_proj", "o_proj"], feedforward_modules=["gate_proj"])),
        case("IA3 by expressions", IA3Config(task_type="CAUSAL_LM", target_modules=r".*\.1\..*(up|down)_proj", feedforward_modules=r".*down_proj")),
    ]
    written = {"versions": {"torch": torch.__version__, "transformers": __import__("transformers").__version__,
                            "peft": __import__("peft").__version__}, "cases": cases}
    (HERE / "adapters.json").write_text(json.dumps(written, separators=(",", ":")) + "\n")


main()
