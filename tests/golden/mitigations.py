"""Fine-tunes small networks under every mitigation with JAX in float64 and writes mitigations.json beside itself.

An independent reference for src/train/mitigation: gradients by autodiff, EWC's importances from the Jacobian, OGD's
projection by QR, the pull of a penalty as the minimiser of its proximal problem, distillation as two losses instead
of mixed labels, freezing by masked steps.

Usage: python tests/golden/mitigations.py      (needs jax and numpy)
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

SAMPLES, STEPS, EVERY, BATCH = 8, 50, 10, 5
ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}
RATES = {"gd": 0.05, "sgd": 0.05, "momentum": 0.01, "adam": 0.01}
STRENGTHS = {
    "none": 0.0,
    "replay": 0.3,
    "added": 0.5,
    "l2": 0.7,
    "ewc": 3.0,
    "distil": 0.4,
    "ogd": 4.0,
    "freeze": 1.0,
    "interpolate": 0.25,
    "rate": 1.5,
}
NETWORKS = [
    dict(inputs=3, width=6, activation="tanh", parameterisation="meanfield", richness=0.5, pace=1.0),
    dict(inputs=1, width=9, activation="relu", parameterisation="standard", richness=1.0, pace=0.2),
]


def output(network):
    d, h, scaling = network["inputs"], network["width"], network["parameterisation"]
    act = ACTIVATIONS[network["activation"]]
    inner = 1.0 if scaling == "standard" else d**-0.5
    outer = {"standard": 1.0, "ntk": h**-0.5, "meanfield": 1.0 / (network["richness"] * h)}[scaling]

    def f(theta, x):
        return outer * act(inner * x @ theta["w1"].reshape(h, d).T + theta["b1"]) @ theta["w2"] + theta["b2"]

    return f


def flat(theta):
    """In the order of Lethe's parameters."""
    return jnp.concatenate([theta["w1"], theta["b1"], theta["w2"], theta["b2"][None]])


def fold(like, row):
    sizes = np.cumsum([like["w1"].size, like["b1"].size, like["w2"].size])
    w1, b1, w2, b2 = jnp.split(row, sizes)
    return {"w1": w1, "b1": b1, "w2": w2, "b2": b2[0]}


def jacobian(f, theta, x):
    return jax.vmap(lambda point: flat(jax.grad(lambda theta: f(theta, point[None])[0])(theta)))(x)


def curve(network, world, start, name, strength, kind, batches):
    f = output(network)
    new_x, new_y, old_x, old_y = world
    theta_0 = start
    f_0 = f(theta_0, new_x)
    mean = lambda values: jnp.mean(values**2)
    replayed = {"replay": (1 - strength, strength), "added": (1.0, strength)}.get(name, (1.0, 0.0))
    total = sum(replayed)

    def new_loss(theta, x, y, former):
        if name == "distil":
            return (1 - strength) * mean(f(theta, x) - y) + strength * mean(f(theta, x) - former)
        return mean(f(theta, x) - y)

    def full(theta):
        new = new_loss(theta, new_x, new_y, f_0)
        return replayed[0] * new + replayed[1] * mean(f(theta, old_x) - old_y)

    def sampled(theta, batch):
        # A mean over the batch; batches are drawn by the normalised weights, so the loss lacks its whole weight.
        x, y = jnp.concatenate([new_x, old_x])[batch], jnp.concatenate([new_y, old_y])[batch]
        former = jnp.concatenate([f_0, f_0])[batch]
        return total * new_loss(theta, x, y, former)

    rate = network["pace"] * RATES[kind] / (1 + strength if name == "rate" else 1.0)
    scale = network["richness"] ** 2 * network["width"] if network["parameterisation"] == "meanfield" else 1.0
    count = flat(start).size
    rates = rate * np.where(np.arange(count) < count - 1, scale, 1.0)
    importance = {"l2": np.ones(count), "ewc": np.mean(np.asarray(jacobian(f, theta_0, old_x)) ** 2, axis=0)}
    stored = [k * SAMPLES // int(strength) for k in range(int(strength))] if name == "ogd" else []
    directions = np.linalg.qr(np.asarray(jacobian(f, theta_0, old_x[np.array(stored)])).T)[0] if stored else None
    hidden = count - network["width"] - 1
    free = np.where(np.arange(count) < hidden, 0.0, 1.0) if name == "freeze" else np.ones(count)

    full_gradient = jax.jit(lambda row: flat(jax.grad(full)(fold(start, row))))
    sampled_gradient = jax.jit(lambda row, batch: flat(jax.grad(sampled)(fold(start, row), batch)))
    m = v = np.zeros(count)
    row, losses = flat(start), []
    for t in range(STEPS + 1):
        if t % EVERY == 0:
            measured = row + strength * (flat(start) - row) if name == "interpolate" else row
            theta = fold(start, measured)
            losses.append([float(mean(f(theta, new_x) - new_y)), float(mean(f(theta, old_x) - old_y))])
        if t == STEPS:
            break
        g = np.asarray(sampled_gradient(row, batches[t]) if kind == "sgd" else full_gradient(row))
        if kind == "momentum":
            m = 0.9 * m + g
            step = m
        elif kind == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            step = m / (1 - 0.9 ** (t + 1)) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        else:
            step = g
        step = -rates * step * free
        if directions is not None:
            step = step - directions @ (directions.T @ step)
        row = row + step
        if name in importance:
            lasting = rates * (10.0 if kind == "momentum" else 1.0)
            pull = strength * importance[name]
            row = (row / (2 * lasting) + pull * flat(start)) / (1 / (2 * lasting) + pull)
    return losses


def case(network, seed):
    draw = np.random.default_rng(seed)
    as_f32 = lambda values: np.float64(np.float32(values))
    d, h = network["inputs"], network["width"]
    cloud = lambda centre: as_f32(centre + 0.6 * draw.normal(size=(SAMPLES, d)))
    new_x, old_x = cloud(-0.8), cloud(0.8)
    new_y, old_y = as_f32(np.full(SAMPLES, -0.2)), as_f32(1.0 + 0.1 * draw.normal(size=SAMPLES))
    spread = 1.0 if network["parameterisation"] != "standard" else 0.5
    start = {
        "w1": as_f32(draw.normal(size=h * d)),
        "b1": as_f32(draw.normal(size=h)),
        "w2": as_f32(spread * draw.normal(size=h)),
        "b2": as_f32(np.array(0.3)),
    }
    world = (new_x, new_y, old_x, old_y)
    f = output(network)
    gradients = np.asarray(jacobian(f, start, old_x))
    probe = as_f32(draw.normal(size=gradients.shape[1]))
    directions = np.linalg.qr(gradients[::2].T)[0]
    curves = []
    for name, strength in STRENGTHS.items():
        share = {"replay": strength, "added": strength / (1 + strength)}.get(name, 0.0)
        old = draw.random(size=(STEPS, BATCH)) < share
        batches = draw.integers(SAMPLES, size=(STEPS, BATCH)) + SAMPLES * old
        for kind in RATES:
            row = {"mitigation": name, "strength": strength, "optimiser": kind, "learning_rate": network["pace"] * RATES[kind]}
            row["batches"] = batches.tolist() if kind == "sgd" else []
            row["losses"] = curve(network, world, start, name, strength, kind, batches)
            curves.append(row)
    return {
        "network": network,
        "new_x": new_x.ravel().tolist(),
        "new_y": new_y.tolist(),
        "old_x": old_x.ravel().tolist(),
        "old_y": old_y.tolist(),
        "start": {name: np.asarray(value).tolist() for name, value in start.items()},
        "importance": np.mean(gradients**2, axis=0).tolist(),
        "probe": probe.tolist(),
        "projected": (probe - directions @ (directions.T @ probe)).tolist(),
        "curves": curves,
    }


def main():
    cases = [case(network, seed) for seed, network in enumerate(NETWORKS)]
    golden = {"every": EVERY, "cases": cases}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
