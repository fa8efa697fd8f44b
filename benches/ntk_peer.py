"""The peer of benches/ntk: google/neural-tangents' empirical NTK on the processor, timed.

Reads one JSON question per line: points, layers, and the ways to compute. Answers with the seconds of each way and
one row of the kernel. Every way is jitted; compilation is not timed. A question without layers means those
of the question before.

Needs neural-tangents with the older JAX that it imports with; benches/README.md says how to run it.
"""

import json
import sys
import time

import jax
import jax.numpy as jnp
import neural_tangents as nt
import numpy as np


def network(parameters, x):
    """ReLU layers in the NTK parameterisation."""
    a = x
    for index, (weights, bias) in enumerate(parameters):
        a = a @ weights.T / np.float32(weights.shape[1] ** 0.5) + bias
        if index + 1 < len(parameters):
            a = jax.nn.relu(a)
    return a


def main():
    print(f"ready: neural-tangents {nt.__version__}, JAX {jax.__version__}", flush=True)
    parameters, compiled = None, {}
    for line in sys.stdin:
        question = json.loads(line)
        if question["layers"] is not None:
            arrays = lambda layer: (np.float32(layer["weights"]).reshape(layer["shape"]), np.float32(layer["bias"]))
            parameters, compiled = [jax.tree.map(jnp.asarray, arrays(layer)) for layer in question["layers"]], {}
        x = jnp.asarray(np.float32(question["x"])[:, None])
        way = question["way"]
        if way not in compiled:
            # Each row of the Jacobian depends on its own point only: without vmap_axes it takes a hundred times longer.
            kernel_fn = nt.empirical_ntk_fn(
                network, trace_axes=(), vmap_axes=0, implementation=nt.NtkImplementation[way]
            )
            compiled[way] = jax.jit(lambda x, parameters: kernel_fn(x, None, parameters)).lower(x, parameters).compile()
        begin = time.perf_counter()
        kernel = compiled[way](x, parameters).block_until_ready()
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "row": np.asarray(kernel)[0, :, 0, 0].tolist()}), flush=True)


if __name__ == "__main__":
    main()
