"""Analyses the tangent kernel of one small network in NumPy, and writes theory_analysis.json beside itself.

An independent reference for src/experiments/analysis: pre-trains in float64 by plain descent, takes the Jacobian by
complex steps (exact to rounding), and follows the linearised training step by step, without eigenvectors.

Usage: lethe run '<LINK below>' --export-inputs INPUTS; python tests/golden/theory_analysis.py INPUTS
Needs NumPy.
"""

import json
import pathlib
import sys

import numpy as np

LINK = "#v=1&x=dynamics&w=6&act=tanh&par=ntk&lr=0.1&pre=40&ft=60&n=10&y1=-0.5&s=3"
WIDTH, RATE, PRETRAINING, STEPS, SAMPLES, LABELS = 6, 0.1, 40, 60, 10, (-0.5, 1.0)
REPLAY = 0.1


def outputs(theta, x):
    """f of the NTK parameterisation, at x; theta is w1, b1, w2, b2 one after the other."""
    w1, b1, w2, b2 = theta[:WIDTH], theta[WIDTH : 2 * WIDTH], theta[2 * WIDTH : 3 * WIDTH], theta[3 * WIDTH]
    return np.tanh(x[:, None] * w1 + b1) @ w2 / WIDTH**0.5 + b2


def jacobian(theta, x, step=1e-30):
    """[points, parameters], by complex steps."""
    columns = []
    for parameter in range(len(theta)):
        moved = theta.astype(complex)
        moved[parameter] += 1j * step
        columns.append(outputs(moved, x).imag / step)
    return np.stack(columns, axis=1)


def main(folder):
    seed = next(pathlib.Path(folder).glob("seed-*"))
    load = lambda path: np.load(seed / path).astype(float)
    x, before, after = load("x_train.npy"), load("y_pretraining.npy"), load("y_fine_tuning.npy")
    test = load("x_test.npy")
    theta = np.concatenate([load(f"width-{WIDTH}/{name}.npy") for name in ("w1", "b1", "w2", "b2")])
    even = np.full(2 * SAMPLES, 0.5 / SAMPLES)
    for _ in range(PRETRAINING):
        residuals = outputs(theta, x) - before
        theta = theta - RATE * 2 * jacobian(theta, x).T @ (even * residuals)

    weights = np.repeat([(1 - REPLAY) / SAMPLES, REPLAY / SAMPLES], SAMPLES)
    on_x, on_test = jacobian(theta, x), jacobian(theta, test)
    kernel = on_x @ on_x.T
    start, residuals = outputs(theta, test), outputs(theta, x) - after
    moved = np.zeros_like(theta)
    curve = {"new_task": [], "old_task": []}
    for step in range(STEPS + 1):
        f = start + on_test @ moved
        curve["new_task"].append(np.mean((f[:SAMPLES] - LABELS[0]) ** 2))
        curve["old_task"].append(np.mean((f[SAMPLES:] - LABELS[1]) ** 2))
        moved = moved - RATE * 2 * on_x.T @ (weights * (residuals + on_x @ moved))

    root = np.sqrt(weights)
    eigenvalues = np.linalg.eigvalsh(root[:, None] * kernel * root)[::-1]
    shares = eigenvalues[eigenvalues > 0] / np.sum(eigenvalues)
    # The first step moves the old task's outputs by this much, with replay and without.
    first = lambda w: -RATE * 2 * (on_test @ (on_x.T @ (w * residuals)))[SAMPLES:]
    alone = np.repeat([1 / SAMPLES, 0.0], SAMPLES)
    golden = {
        "link": LINK,
        "replay": REPLAY,
        "kernel": kernel.tolist(),
        "outputs": outputs(theta, x).tolist(),
        "eigenvalues": eigenvalues[:6].tolist(),
        "effective_rank": float(np.exp(-np.sum(shares * np.log(shares)))),
        "rate_bound": float(1 / eigenvalues[0]),
        "drift_per_step": float(np.mean(first(weights))),
        "slowdown": float(np.linalg.norm(first(weights)) / np.linalg.norm(first(alone))),
        **curve,
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")


main(sys.argv[1])
