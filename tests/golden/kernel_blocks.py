"""Takes kernels of small residual and normalised networks with JAX in float64 and writes kernel_blocks.json beside itself.

An independent reference for the kernel by gradients: the Jacobian by JAX's forward mode, where the engine goes
backwards.

Usage: python tests/golden/kernel_blocks.py      (needs jax)
"""

import itertools
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

INPUTS, WIDTH, DEPTH, POINTS, RICHNESS = 2, 5, 3, 6, 0.5
BLOCKS = ["residual", "norm", "resnorm"]
ACTIVATIONS = {"tanh": jnp.tanh, "erf": jax.scipy.special.erf, "relu": jax.nn.relu}
OUTER = {"standard": 1.0, "ntk": WIDTH**-0.5, "meanfield": 1.0 / (RICHNESS * WIDTH)}
RATE_SCALE = {"standard": 1.0, "ntk": 1.0, "meanfield": RICHNESS**2 * WIDTH}


def dims(block):
    """(rows, columns) in the order of a row: W, b (gamma, beta) of each hidden layer, w2, b2."""
    layer = lambda fan_in: [(WIDTH, fan_in), (WIDTH, 1)] + [(WIDTH, 1)] * (2 if "norm" in block else 0)
    return layer(INPUTS) + layer(WIDTH) * (DEPTH - 1) + [(1, WIDTH), (1, 1)]


def count(block):
    return sum(rows * columns for rows, columns in dims(block))


def outputs(theta, x, block, activation, parameterisation):
    """f at every point; activations stand in columns."""
    at, parts = 0, []
    for rows, columns in dims(block):
        parts.append(theta[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    a = x.T
    for layer in range(DEPTH):
        w, b = parts.pop(0), parts.pop(0)
        z = w @ a * (1.0 if parameterisation == "standard" else a.shape[0] ** -0.5) + b
        if "norm" in block:
            gamma, beta = parts.pop(0), parts.pop(0)
            z = gamma * (z - jnp.mean(z, axis=0)) / jnp.sqrt(jnp.var(z, axis=0) + 1e-5) + beta
        carried = a if layer and block.startswith("res") else 0.0
        a = ACTIVATIONS[activation](z) + carried
    w2, b2 = parts
    return (OUTER[parameterisation] * w2 @ a + b2)[0]


def main():
    draw = np.random.default_rng(5)
    # Few digits, which JSON holds exactly.
    rounded = lambda size: np.round(draw.normal(size=size), 3).astype(np.float32)
    x = rounded((POINTS, INPUTS))
    cases = []
    for k, (block, parameterisation) in enumerate(itertools.product(BLOCKS, OUTER)):
        activation = list(ACTIVATIONS)[(k + k // 3) % 3]
        theta = rounded(count(block))
        settings = (block, activation, parameterisation)
        points = jnp.asarray(x, jnp.float64)
        jacobian = jax.jacfwd(lambda theta: outputs(theta, points, *settings))(jnp.asarray(theta, jnp.float64))
        rates = jnp.full(len(theta), RATE_SCALE[parameterisation]).at[-1].set(1.0)
        cases.append({
            "block": block, "activation": activation, "parameterisation": parameterisation,
            "parameters": [float(f"{value:.3f}") for value in theta],
            "kernel": ((jacobian * rates) @ jacobian.T).tolist(),
        })
    golden = {
        "note": f"made by kernel_blocks.py with jax {jax.__version__}",
        "inputs": INPUTS, "width": WIDTH, "depth": DEPTH, "richness": RICHNESS,
        "x": [float(f"{value:.3f}") for value in x.flatten()],
        "cases": cases,
    }
    path = pathlib.Path(__file__).with_name("kernel_blocks.json")
    path.write_text(json.dumps(golden, allow_nan=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
