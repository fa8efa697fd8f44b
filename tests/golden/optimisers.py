"""Writes optimisers.json: twenty steps of transformers' Adafactor and of torch's AdamW on the parameters of a tiny Llama.

    python tests/golden/optimisers.py

Parameters are the formulas of llama.py; so are gradients, of the parameter's name and the step. Needs torch and
transformers; CPU, single precision.
"""

import json
import math

import torch
from transformers.optimization import Adafactor, AdafactorSchedule

from llama_models import HERE, models

M = models()
STEPS = 20
CHANGES = {"mlp_bias": True}


def gradient(name, step, shape):
    values = M.uniform(f"{name} gradient {step}", math.prod(shape)).reshape(shape) * (0.02 * (1 + step % 3))
    return torch.tensor(values, dtype=torch.float32)


def run(name, settings, make):
    model = M.model_of(**CHANGES)
    parameters = dict(model.named_parameters())
    optimiser = make(list(parameters.values()), settings)
    # Where the rate is given, the schedule would put its own in its place.
    relative = isinstance(optimiser, Adafactor) and settings.get("relative_step", True)
    schedule = AdafactorSchedule(optimiser, 0.25) if relative else None
    rates = schedule and [schedule.get_last_lr()[0]]
    for step in range(STEPS):
        for parameter_name, parameter in parameters.items():
            parameter.grad = gradient(parameter_name, step, parameter.shape)
        optimiser.step()
        if schedule:
            rates.append(float(schedule.get_lr()[0]))
    return {"name": name, "settings": settings, "rates": rates,
            "parameters": {key: M.digest(value) for key, value in parameters.items()}}


def main():
    adafactor = [
        ("defaults", {}),
        ("warm-up", {"warmup_init": True}),
        ("a rate of its own", {"lr": 1e-2, "scale_parameter": False, "relative_step": False}),
        ("scaled by parameters, a first moment, decay",
         {"lr": 3e-2, "relative_step": False, "beta1": 0.9, "weight_decay": 0.1}),
        ("every number changed", {"eps": [1e-6, 0.3], "clip_threshold": 0.5, "decay_rate": -0.5, "beta1": 0.5, "weight_decay": 0.5}),
    ]
    adamw = [("defaults", {"lr": 1e-2}),
             ("every number changed", {"lr": 3e-2, "betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.5})]
    config = json.loads(M.model_of(**CHANGES).config.to_json_string())
    written = {
        "versions": {"torch": torch.__version__, "transformers": __import__("transformers").__version__},
        "config": config, "steps": STEPS,
        "adafactor": [run(name, settings, lambda p, s: Adafactor(p, **s)) for name, settings in adafactor],
        "adamw": [run(name, settings, lambda p, s: torch.optim.AdamW(p, **s)) for name, settings in adamw],
    }
    (HERE / "optimisers.json").write_text(json.dumps(written, separators=(",", ":")) + "\n")


main()
