"""Trains small networks with JAX and optax in float64 and writes engine_training.json (points on a line) and
engine_training_inputs.json (points of five coordinates) beside itself.

An independent reference for the fused engine: gradients by autodiff, optimisers by optax (whose `sgd`
with momentum and `adam` follow the same formulas as torch.optim's).

Usage: python tests/golden/engine_training.py      (needs jax, numpy and optax)
"""

import itertools
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

WIDTH, SAMPLES, STEPS, RICHNESS = 5, 12, 40, 0.5
ACTIVATIONS = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "erf": jax.scipy.special.erf,
    "linear": lambda z: z,
}
RATES = {"gd": 0.05, "momentum": 0.01, "adam": 0.01}
OUTPUT_SCALE = {"standard": 1.0, "ntk": WIDTH**-0.5, "meanfield": 1.0 / (RICHNESS * WIDTH)}
RATE_SCALE = {"standard": 1.0, "ntk": 1.0, "meanfield": RICHNESS**2 * WIDTH}


def optimiser(kind, rate):
    return {"gd": optax.sgd(rate), "momentum": optax.sgd(rate, momentum=0.9), "adam": optax.adam(rate)}[kind]


def train(start, x, y, weight, activation, parameterisation, kind):
    scale = OUTPUT_SCALE[parameterisation]
    inputs = x.shape[1]
    inner_scale = 1.0 if parameterisation == "standard" else inputs**-0.5

    def loss(theta):
        hidden = ACTIVATIONS[activation](inner_scale * x @ theta["w1"].reshape(WIDTH, inputs).T + theta["b1"])
        return jnp.sum(weight * (scale * hidden @ theta["w2"] + theta["b2"] - y) ** 2)

    inner = optimiser(kind, RATES[kind] * RATE_SCALE[parameterisation])
    rule = optax.multi_transform(
        {"inner": inner, "bias": optimiser(kind, RATES[kind])},
        {"w1": "inner", "b1": "inner", "w2": "inner", "b2": "bias"},
    )

    @jax.jit
    def step(theta, state):
        updates, state = rule.update(jax.grad(loss)(theta), state, theta)
        return optax.apply_updates(theta, updates), state

    theta, state = start, rule.init(start)
    for _ in range(STEPS):
        theta, state = step(theta, state)
    return theta


def plain(theta):
    return {name: np.asarray(value).tolist() for name, value in theta.items()}


def golden(inputs, seed):
    draw = np.random.default_rng(seed)
    as_f32 = lambda values: np.float64(np.float32(values))
    x = as_f32(draw.normal(size=(SAMPLES, inputs)))
    y = as_f32(np.sin(2 * x.sum(axis=1)))
    weight = as_f32(draw.dirichlet(np.ones(SAMPLES)))
    start = {
        "w1": as_f32(draw.normal(size=WIDTH * inputs)),
        "b1": as_f32(draw.normal(size=WIDTH)),
        "w2": as_f32(draw.normal(size=WIDTH)),
        "b2": as_f32(0.1),
    }
    cases = [
        {
            "activation": activation,
            "parameterisation": parameterisation,
            "optimiser": kind,
            "learning_rate": RATES[kind],
            "end": plain(train(start, x, y, weight, activation, parameterisation, kind)),
        }
        for activation, parameterisation, kind in itertools.product(ACTIVATIONS, OUTPUT_SCALE, RATES)
    ]
    return {
        "richness": RICHNESS,
        "steps": STEPS,
        "examples": {"x": x.ravel().tolist(), "y": y.tolist(), "weight": weight.tolist()},
        "start": plain(start),
        "cases": cases,
    }


def main():
    here = pathlib.Path(__file__)
    for name, inputs, seed in [("engine_training.json", 1, 7), ("engine_training_inputs.json", 5, 8)]:
        here.with_name(name).write_text(json.dumps(golden(inputs, seed), indent=1) + "\n")


if __name__ == "__main__":
    main()
