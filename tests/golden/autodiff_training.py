"""Trains small deep networks with PyTorch in float64 and writes autodiff_training.json beside itself.

An independent reference for the engine of deep networks: gradients by autograd, layer normalisation and
optimisers by torch itself.

Usage: python tests/golden/autodiff_training.py      (needs torch)
"""

import itertools
import json
import pathlib

import torch

INPUTS, WIDTH, DEPTH, SAMPLES, STEPS, EVERY, RICHNESS = 2, 6, 3, 12, 40, 8, 0.5
BLOCKS = ["plain", "residual", "norm", "resnorm"]
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "erf": torch.erf, "linear": lambda z: z}
RATES = {"gd": 0.02, "momentum": 0.01, "adam": 0.01}
INNER = {"standard": lambda fan_in: 1.0, "ntk": lambda fan_in: fan_in**-0.5, "meanfield": lambda fan_in: fan_in**-0.5}
OUTER = {"standard": 1.0, "ntk": WIDTH**-0.5, "meanfield": 1.0 / (RICHNESS * WIDTH)}
RATE_SCALE = {"standard": 1.0, "ntk": 1.0, "meanfield": RICHNESS**2 * WIDTH}

torch.set_default_dtype(torch.float64)


def as_f32(tensor):
    return tensor.to(torch.float32).to(torch.float64)


def shapes(block):
    """In the order of a row: W and b (gamma and beta) of each hidden layer, w2, b2."""
    found = []
    for layer in range(DEPTH):
        found += [(WIDTH, WIDTH if layer else INPUTS), (WIDTH,)] + [(WIDTH,)] * (2 * ("norm" in block))
    return found + [(1, WIDTH), (1,)]


def outputs(theta, x, block, activation, parameterisation):
    rest = iter(theta)
    inner = INNER[parameterisation]
    a = x
    for layer in range(DEPTH):
        z = inner(a.shape[1]) * a @ next(rest).T + next(rest)
        if "norm" in block:
            z = torch.nn.functional.layer_norm(z, (WIDTH,), next(rest), next(rest), eps=1e-5)
        out = ACTIVATIONS[activation](z)
        a = out + a if layer and block.startswith("res") else out
    return (OUTER[parameterisation] * a @ next(rest).T + next(rest)).squeeze(1)


def optimiser(kind, inner, bias, parameterisation):
    groups = [{"params": inner, "lr": RATES[kind] * RATE_SCALE[parameterisation]}, {"params": bias, "lr": RATES[kind]}]
    if kind == "adam":
        return torch.optim.Adam(groups)
    return torch.optim.SGD(groups, momentum=0.9 if kind == "momentum" else 0.0)


def train(start, x, y, weight, block, activation, parameterisation, kind):
    theta, at = [], 0
    for shape in shapes(block):
        size = torch.Size(shape).numel()
        theta.append(start[at : at + size].reshape(shape).clone().requires_grad_())
        at += size
    rule = optimiser(kind, theta[:-1], theta[-1:], parameterisation)
    curve = []
    for step in range(STEPS + 1):
        f = outputs(theta, x, block, activation, parameterisation)
        if step % EVERY == 0:
            curve.append(f.tolist())
        rule.zero_grad()
        (weight * (f - y) ** 2).sum().backward()
        if step < STEPS:
            rule.step()
    return {"curve": curve, "end": torch.cat([part.detach().flatten() for part in theta]).tolist()}


def main():
    torch.manual_seed(7)
    x = as_f32(torch.randn(SAMPLES, INPUTS))
    y = as_f32(torch.sin(2 * x[:, 0]) + x[:, 1])
    weight = as_f32(torch.distributions.Dirichlet(torch.ones(SAMPLES)).sample())
    starts = {block: as_f32(0.7 * torch.randn(sum(torch.Size(s).numel() for s in shapes(block)))) for block in BLOCKS}
    cases = []
    for k, (block, kind) in enumerate(itertools.product(BLOCKS, RATES)):
        activation, parameterisation = list(ACTIVATIONS)[k % 4], list(INNER)[(k + k // 3) % 3]
        settings = {"block": block, "optimiser": kind, "activation": activation, "parameterisation": parameterisation}
        found = train(starts[block], x, y, weight, block, activation, parameterisation, kind)
        cases.append({**settings, "learning_rate": RATES[kind], **found})
    golden = {
        "note": f"made by autodiff_training.py with torch {torch.__version__}",
        "inputs": INPUTS, "width": WIDTH, "depth": DEPTH, "richness": RICHNESS, "steps": STEPS, "every": EVERY,
        "x": x.flatten().tolist(), "y": y.tolist(), "weight": weight.tolist(),
        "starts": {block: start.tolist() for block, start in starts.items()},
        "cases": cases,
    }
    path = pathlib.Path(__file__).with_name("autodiff_training.json")
    path.write_text(json.dumps(golden, allow_nan=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
