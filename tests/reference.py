"""Retrains the networks of a Lethe run in JAX from its exported inputs and compares the results.

    lethe run '#v=1&x=width&w=4,64&s=0..3' --export-inputs inputs --out record
    python tests/reference.py inputs record/record.json

Any world, also tasks in sequence, and networks of any depth, residual and normalised. Every seed's losses at the end
of both phases must agree to 1e-3 relative: both sides compute in f32, in different orders, over
thousands of steps. Under Adam the bound is 1e-2: where gradients vanish it divides rounding errors by their own size.
Losses below 1e-6 are compared absolutely, mean outputs below 1 too.
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


def unpack(spec, width, load):
    """The parameters by name. `middle` has gamma and beta of the first layer, then weights, bias, gamma and beta of
    each further one; a gamma and a beta only where layers are normalised."""
    theta = {"w1": load("w1").reshape(width, -1), "b1": load("b1"), "w2": load("w2"), "b2": load("b2")}
    rest = load("middle") if spec["depth"] > 1 or "norm" in spec["block"] else jnp.zeros(0)
    names = []
    for layer in range(spec["depth"]):
        names += [(f"w{layer}", (width, width)), (f"b{layer}", (width,))] if layer else []
        names += [(f"gamma{layer}", (width,)), (f"beta{layer}", (width,))] if "norm" in spec["block"] else []
    for name, shape in names:
        size = int(np.prod(shape))
        theta[f"hidden_{name}"], rest = rest[:size].reshape(shape), rest[size:]
    assert rest.size == 0, "the network has other parameters"
    return theta


def output(spec, width):
    own = spec["parameterisation"]
    last = {"standard": 1.0, "ntk": width**-0.5, "meanfield": 1.0 / (spec["richness"] * width)}[own]
    inner = lambda inputs: 1.0 if own == "standard" else inputs**-0.5
    act = ACTIVATIONS[spec["activation"]]
    normalises, adds = "norm" in spec["block"], spec["block"] in ("residual", "resnorm")

    def f(theta, x):
        a = x.reshape(len(x), -1)
        for layer in range(spec["depth"]):
            w, b = [theta[f"hidden_{p}{layer}" if layer else f"{p}1"] for p in "wb"]
            z = inner(a.shape[1]) * (a @ w.T) + b
            if normalises:
                z = (z - z.mean(1, keepdims=True)) / jnp.sqrt(z.var(1, keepdims=True) + 1e-5)
                z = theta[f"hidden_gamma{layer}"] * z + theta[f"hidden_beta{layer}"]
            a = act(z) + (a if adds and layer else 0.0)
        return last * (a @ theta["w2"]) + theta["b2"][0]

    return f


def trainer(spec, width):
    f = output(spec, width)
    lr = spec["learning_rate"] * (64.0 / width if spec["learning_rate_rule"] == "inv" else 1.0)
    inner = lr * (spec["richness"] ** 2 * width if spec["parameterisation"] == "meanfield" else 1.0)
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
        theta = {name: theta[name] - (lr if name == "b2" else inner) * change[name] for name in theta}
        return theta, m, v

    def begin(theta):
        zero = jax.tree.map(jnp.zeros_like, theta)
        return theta, zero, zero

    @jax.jit
    def full(carry, x, y, w, first, end):
        return jax.lax.fori_loop(first, end, lambda k, c: step(k, c, x, y, w), carry)

    @jax.jit
    def sampled(carry, x, y, batches):
        even = jnp.full(batches.shape[1], 1.0 / batches.shape[1], jnp.float32)
        body = lambda k, c: step(k, c, x[batches[k]], y[batches[k]], even)
        return jax.lax.fori_loop(0, batches.shape[0], body, carry)

    return jax.jit(f), begin, full, sampled


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
        x, test, labels = load("x_train"), load("x_test"), load("y_test")
        theta = unpack(spec, width, lambda name: load(f"width-{width}/{name}"))
        f, begin, full, sampled = trainer(spec, width)
        tasks = len(test) // spec["samples"]

        def losses(theta, newest):
            """`newest` is the new task that was trained last; the old task is the last of all."""
            out, wanted = [part.reshape(tasks, -1) for part in (f(theta, test), labels)]
            every = jnp.mean((out - wanted) ** 2, 1)
            found = {
                "id_loss": every[newest],
                "ood_loss": every[-1],
                "mean_x1": jnp.mean(out[newest]),
                "mean_x2": jnp.mean(out[-1]),
            }
            if spec["world"] == "gaussians":
                found["overwritten_loss"] = jnp.mean(out[newest] ** 2)
            return found

        y, steps = load("y_pretraining"), spec["pretraining_steps"]
        if spec["batch"]:
            theta = sampled(begin(theta), x, y, load("batches-pretraining"))[0]
        else:
            theta = full(begin(theta), x, y, load("weights-pretraining"), 0, steps)[0]
        ends = [("pre-training", series["pretraining"], losses(theta, 0))]
        for k, branch in enumerate(series["fine_tuning"]):
            y, tuned = load("y_fine_tuning"), begin(theta)
            if spec["batch"]:
                tuned = sampled(tuned, x, y, load(f"batches-{k}"))
            else:
                starts, weights = np.load(folder / f"pieces-{k}.npy"), load(f"weights-{k}")
                for piece, (a, b) in enumerate(zip(starts, [*starts[1:], spec["fine_tuning_steps"]])):
                    tuned = full(tuned, x, y, weights[piece], int(a), int(b))
            ends.append((f"fine-tuning p = {branch['replay']}", branch, losses(tuned[0], tasks - 2)))
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
