"""The peer of benches/engine and benches/gpu: full-batch gradient descent in JAX, timed.

Reads one JSON question per line and answers with seconds and mean final loss. One jitted call trains
all networks: vmap over networks, fori_loop over steps, gradients by autodiff, f32, all cores or the GPU.
Compilation is not timed. A question without starts means those of the question before.

Needs jax and numpy; benches/README.md says how to run it.
"""

import functools
import json
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def loss(theta, x, y, activation):
    hidden = ACTIVATIONS[activation](x[:, None] * theta["w1"] + theta["b1"])
    return jnp.mean((hidden @ theta["w2"] + theta["b2"] - y) ** 2)


@functools.partial(jax.jit, static_argnames=("activation", "steps"))
def train(thetas, x, y, rate, activation, steps):
    def one(theta):
        def step(_, theta):
            gradient = jax.grad(loss)(theta, x, y, activation)
            return jax.tree.map(lambda value, slope: value - rate * slope, theta, gradient)

        theta = jax.lax.fori_loop(0, steps, step, theta)
        return loss(theta, x, y, activation)

    return jax.vmap(one)(thetas)


def main():
    device = jax.devices()[0]
    print(f"ready: {jax.__version__} on {device.platform}, {device.device_kind}", flush=True)
    compiled = {}
    thetas = None
    for line in sys.stdin:
        question = json.loads(line)
        if question["starts"] is not None:
            arrays = lambda name: jnp.asarray(np.float32([start[name] for start in question["starts"]]))
            thetas = {name: arrays(name) for name in ("w1", "b1", "w2", "b2")}
        x, y = (jnp.asarray(np.float32(question[name])) for name in "xy")
        settings = {"activation": question["activation"], "steps": question["steps"]}
        key = (question["activation"], question["steps"], thetas["w1"].shape)
        if key not in compiled:
            compiled[key] = train.lower(thetas, x, y, np.float32(question["rate"]), **settings).compile()
        begin = time.perf_counter()
        losses = compiled[key](thetas, x, y, np.float32(question["rate"])).block_until_ready()
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "loss": float(losses.mean())}), flush=True)


if __name__ == "__main__":
    main()
