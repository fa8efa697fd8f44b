"""Retrains the networks of a Lethe run in JAX from its exported inputs and compares the results.

    lethe run '#v=1&x=width&w=4,64&s=0..3' --export-inputs inputs --out record
    python tests/reference.py inputs record/record.json

Every seed's losses at the end of both phases must agree to 1e-3 relative: both sides compute in
f32, in different orders, over thousands of steps. Under Adam the bound is 1e-2: where gradients
vanish it divides rounding errors by their own size. Losses below 1e-6 are
compared absolutely, mean outputs below 1 too.
Needs jax and numpy. Ends with 1 if anything disagrees.
"""

import json
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np

FLOOR = 1e-6
ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh, "erf": jax.scipy.special.erf, "linear": lambda u: u}


def output(spec, width):
    scale = {"standard": 1.0, "ntk": width**-0.5, "meanfield": 1.0 / (spec["richness"] * width)}[spec["parameterisation"]]
    act = ACTIVATIONS[spec["activation"]]
    return lambda theta, x: scale * (act(x[:, None] * theta["w1"] + theta["b1"]) @ theta["w2"]) + theta["b2"]


def trainer(spec, width):
    f = output(spec, width)
    lr = spec["learning_rate"] * (64.0 / width if spec["learning_rate_rule"] == "inv" else 1.0)
    inner = lr * (spec["richness"] ** 2 * width if spec["parameterisation"] == "meanfield" else 1.0)
    rates = {"w1": inner, "b1": inner, "w2": inner, "b2": lr}
    kind = spec["optimiser"]

    def loss(theta, x, y, w):
        return jnp.sum(w * (f(theta, x) - y) ** 2)

    def step(k, carry, x, y, w):
        theta, m, v = carry
        g = jax.grad(loss)(theta, x, y, w)
        if kind == "momentum":
            m = jax.tree.map(lambda m, g: 0.9 * m + g, m, g)
            change = m
        elif kind == "adam":
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
            t = k + 1.0
            change = jax.tree.map(lambda m, v: m / (1 - 0.9**t) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v)
        else:
            change = g
        theta = {name: theta[name] - rates[name] * change[name] for name in theta}
        return theta, m, v

    @jax.jit
    def full(theta, x, y, w, steps):
        zero = jax.tree.map(jnp.zeros_like, theta)
        return jax.lax.fori_loop(0, steps, lambda k, c: step(k, c, x, y, w), (theta, zero, zero))[0]

    @jax.jit
    def sampled(theta, x, y, batches):
        zero = jax.tree.map(jnp.zeros_like, theta)
        even = jnp.full(batches.shape[1], 1.0 / batches.shape[1], jnp.float32)
        body = lambda k, c: step(k, c, x[batches[k]], y[batches[k]], even)
        return jax.lax.fori_loop(0, batches.shape[0], body, (theta, zero, zero))[0]

    return f, full, sampled


def main(inputs, record):
    record = json.loads(pathlib.Path(record).read_text())
    spec, inputs = record["spec"], pathlib.Path(inputs)
    bound = 1e-2 if spec["optimiser"] == "adam" else 1e-3
    if spec["stop_loss"] > 0:
        sys.exit("runs with a stop rule are not compared")
    worst, compared, wrong = 0.0, 0, 0
    for series in record["series"]:
        seed, width = series["seed"], series["width"]
        folder = inputs / f"seed-{seed}"
        load = lambda name: jnp.asarray(np.load(folder / f"{name}.npy"))
        x, test = load("x_train"), load("x_test")
        n = len(x) // 2
        theta = {name: load(f"width-{width}/{name}") for name in ("w1", "b1", "w2")}
        theta["b2"] = load(f"width-{width}/b2")[0]
        f, full, sampled = trainer(spec, width)

        def losses(theta):
            out = f(theta, test)
            new, old = out[:n], out[n:]
            return {
                "id_loss": jnp.mean((new - spec["new_label"]) ** 2),
                "ood_loss": jnp.mean((old - 1.0) ** 2),
                "overwritten_loss": jnp.mean(new**2),
                "mean_x1": jnp.mean(new),
                "mean_x2": jnp.mean(old),
            }

        if spec["batch"]:
            theta = sampled(theta, x, load("y_pretraining"), load("batches-pretraining"))
        else:
            theta = full(theta, x, load("y_pretraining"), jnp.full(2 * n, 0.5 / n, jnp.float32), spec["pretraining_steps"])
        ends = [("pre-training", series["pretraining"], losses(theta))]
        for k, branch in enumerate(series["fine_tuning"]):
            tuned, y = theta, load("y_fine_tuning")
            if spec["batch"]:
                tuned = sampled(tuned, x, y, load(f"batches-{k}"))
            else:
                starts, weights = np.load(folder / f"pieces-{k}.npy"), load(f"weights-{k}")
                if spec["optimiser"] in ("momentum", "adam") and len(starts) > 1:
                    sys.exit("schedules under momentum or Adam are not compared")
                for piece, (a, b) in enumerate(zip(starts, [*starts[1:], spec["fine_tuning_steps"]])):
                    tuned = full(tuned, x, y, weights[piece], int(b) - int(a))
            ends.append((f"fine-tuning p = {branch['replay']}", branch, losses(tuned)))
        for name, columns, found in ends:
            if columns["ending"] != "complete":
                continue
            for measure, value in found.items():
                own, value = columns[measure][-1], float(value)
                # Mean outputs are of the size of the labels and cross zero; losses are compared as they are.
                size = 1.0 if measure.startswith("mean") else FLOOR / bound
                difference = abs(own - value) / max(abs(own), abs(value), size)
                worst, compared = max(worst, difference), compared + 1
                if difference > bound:
                    wrong += 1
                    print(f"seed {seed} width {width} {name} {measure}: {own} here, {value} in JAX ({difference:.1e})")
    print(f"{compared} values compared, largest relative difference {worst:.1e}, {wrong} beyond {bound:.0e}")
    return 1 if wrong or not compared else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
