"""Takes kernels of small networks with google/neural-tangents in float64 and writes kernel_ntk.json beside itself.

An independent reference for src/kernel. Empirical kernels come from the Jacobian, which JAX takes by autodiff;
rates are put in by giving it parameters that are divided by the root of their rate. Kernels of infinite
networks come from stax.

Usage: python tests/golden/kernel_ntk.py
Needs neural-tangents 0.6.5, which needs jax==0.4.34 jaxlib==0.4.34 "numpy<2.1".
"""

import itertools
import json
import pathlib

import jax
import jax.numpy as jnp
import neural_tangents as nt
import numpy as np
from neural_tangents import stax

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh, "erf": jax.scipy.special.erf}
UNITS = {"relu": stax.Relu, "erf": stax.Erf}
HIDDEN = {1: [5], 2: [4, 5], 3: [4, 3, 4]}
OUTPUTS = {1: 1, 2: 2, 3: 1}
# (weight_variance, bias variance = rate, output bias variance, output bias rate): Lethe's, and one of no symmetry.
PRIORS = [(1.0, 1.0, 0.0, 1.0), (2.25, 0.09, 0.09, 0.09)]


def rounded(numbers):
    """Few digits, which JSON holds exactly."""
    return np.round(numbers, 3)


def empirical(layers, activation, rows, columns):
    """f at the rows; K between rows and columns, all outputs of a point together."""

    def f(parameters, x):
        a = x
        for index, (layer, (weights, bias)) in enumerate(zip(layers, parameters)):
            weights, bias = weights * layer["weight_rate"] ** 0.5, bias * layer["bias_rate"] ** 0.5
            a = layer["weight_scale"] * a @ weights.T + bias
            if index + 1 < len(layers):
                a = ACTIVATIONS[activation](a)
        return a

    parameters = [
        (layer["weights"] / layer["weight_rate"] ** 0.5, layer["bias"] / layer["bias_rate"] ** 0.5) for layer in layers
    ]
    kernel_fn = nt.empirical_ntk_fn(f, trace_axes=(), implementation=nt.NtkImplementation.JACOBIAN_CONTRACTION)
    kernel = kernel_fn(rows, columns, parameters).transpose(0, 2, 1, 3)
    return f(parameters, rows), kernel.reshape(kernel.shape[0] * kernel.shape[1], -1)


def infinite(unit, hidden, prior, rows, columns):
    """NTK and NNGP between rows and columns."""
    weight_variance, bias, output_variance, output_rate = prior
    w_std = weight_variance**0.5
    layers = [stax.Dense(1, W_std=w_std, b_std=bias**0.5), UNITS[unit]()] * hidden
    output = stax.Dense(1, W_std=w_std, b_std=output_variance**0.5 if output_variance else None)
    _, _, kernel_fn = stax.serial(*layers, output)
    kernels = kernel_fn(rows, columns, ("ntk", "nngp"))
    # stax trains a bias as fast as it varies; what the rate has beyond the variance only adds to the NTK.
    return kernels.ntk + (output_rate - output_variance), kernels.nngp


def plain(value):
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else np.asarray(value).tolist()


def main():
    draw = np.random.default_rng(3)
    points = {inputs: (rounded(draw.normal(size=(4, inputs))), rounded(draw.normal(size=(3, inputs)))) for inputs in (1, 2)}
    networks, infinite_networks = [], []
    for hidden, inputs in itertools.product(HIDDEN, points):
        rows, columns = points[inputs]
        sizes = [inputs, *HIDDEN[hidden], OUTPUTS[hidden]]
        layers = [
            {
                "weights": rounded(draw.normal(size=(out, into))),
                "bias": rounded(draw.normal(size=out)),
                "weight_scale": rounded(into**-0.5),
                "weight_rate": rounded(draw.uniform(0.5, 2)),
                "bias_rate": rounded(draw.uniform(0.5, 2)),
            }
            for into, out in itertools.pairwise(sizes)
        ]
        kernels = {}
        for activation in ACTIVATIONS:
            outputs, kernel = empirical(layers, activation, rows, rows)
            _, cross = empirical(layers, activation, rows, columns)
            kernels[activation] = {"outputs": outputs, "kernel": kernel, "cross_kernel": cross}
        networks.append({"inputs": inputs, "layers": layers, "kernels": kernels})
        for unit, prior in itertools.product(UNITS, PRIORS):
            ntk, nngp = infinite(unit, hidden, prior, rows, rows)
            cross_ntk, cross_nngp = infinite(unit, hidden, prior, rows, columns)
            infinite_networks.append(
                {
                    "inputs": inputs,
                    "unit": unit,
                    "hidden_layers": hidden,
                    "prior": list(prior),
                    "ntk": ntk,
                    "nngp": nngp,
                    "cross_ntk": cross_ntk,
                    "cross_nngp": cross_nngp,
                }
            )
    golden = {
        "points": [{"inputs": inputs, "rows": rows, "columns": columns} for inputs, (rows, columns) in points.items()],
        "networks": networks,
        "infinite": infinite_networks,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(plain(golden)) + "\n")


if __name__ == "__main__":
    main()
