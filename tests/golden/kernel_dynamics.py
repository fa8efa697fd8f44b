"""Solves small linear models with SciPy and writes kernel_dynamics.json beside itself.

An independent reference for the linearised dynamics: flow by the matrix exponential of the parameters' own
equation of motion, descent and momentum by powers of their step matrix, replay optima by scipy.optimize over
schedules simulated step by step.

Usage: python tests/golden/kernel_dynamics.py      (needs numpy and scipy)
"""

import json
import pathlib

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize

NEW, OLD, POINTS = 4, 3, 3
SEGMENTS = [(0.0, 30), (0.25, 10), (1.0, 5), (0.01, 60)]
STEPS, PIECES, BUDGET = 60, 4, 0.1


def model(rng, parameters):
    n = NEW + OLD
    scale = parameters**-0.5
    return {
        "jacobian": rng.normal(size=(n, parameters)) * scale,
        "evaluation_jacobian": rng.normal(size=(POINTS, parameters)) * scale,
        "residuals": rng.normal(size=n),
        "start": rng.normal(size=POINTS),
    }


def weights(p):
    return np.concatenate([np.full(NEW, (1 - p) / NEW), np.full(OLD, p / OLD)])


def gradient(m, p, kap, lam):
    """The gradient as an affine function H d + b of the displacement d of the parameters."""
    jacobian, w = m["jacobian"], weights(p)
    hessian = kap * jacobian.T @ (w[:, None] * jacobian) + lam * np.eye(jacobian.shape[1])
    return hessian, kap * jacobian.T @ (w * m["residuals"])


def flow(m, kap, lam, rate):
    """Outputs after each segment, whose durations are steps times the rate: one exponential of (d, 1)."""
    size = m["jacobian"].shape[1]
    state, found = np.append(np.zeros(size), 1.0), []
    for p, steps in SEGMENTS:
        hessian, push = gradient(m, p, kap, lam)
        generator = np.zeros((size + 1, size + 1))
        generator[:size, :size], generator[:size, size] = -hessian, -push
        state = expm(generator * steps * rate) @ state
        found.append(m["start"] + m["evaluation_jacobian"] @ state[:size])
    return found


def stepped(m, kap, lam, rate, beta):
    """Outputs after each segment by powers of the step matrix on (d, v, 1)."""
    size = m["jacobian"].shape[1]
    eye, state, found = np.eye(size), np.append(np.zeros(2 * size), 1.0), []
    for p, steps in SEGMENTS:
        hessian, push = gradient(m, p, kap, lam)
        step = np.zeros((2 * size + 1, 2 * size + 1))
        step[size:-1, :size], step[size:-1, size:-1], step[size:-1, -1] = hessian, beta * eye, push
        step[:size, :size], step[:size, size:-1], step[:size, -1] = eye - rate * hessian, -rate * beta * eye, -rate * push
        step[-1, -1] = 1.0
        state = np.linalg.matrix_power(step, steps) @ state
        found.append(m["start"] + m["evaluation_jacobian"] @ state[:size])
    return found


def limit(m, p, kap, lam):
    hessian, push = gradient(m, p, kap, lam)
    displacement = -np.linalg.pinv(hessian, rcond=1e-10) @ push
    return m["start"] + m["evaluation_jacobian"] @ displacement


def losses(m, fractions, rate):
    """The old task's loss at every step and the ID loss at the end, on the examples themselves."""
    size = m["jacobian"].shape[1]
    d, old = np.zeros(size), []
    for step in range(STEPS + 1):
        residuals = m["residuals"] + m["jacobian"] @ d
        old.append(np.mean(residuals[NEW:] ** 2))
        if step < STEPS:
            hessian, push = gradient(m, fractions[step * PIECES // STEPS], 2.0, 0.0)
            d = d - rate * (hessian @ d + push)
    return np.array(old), np.mean(residuals[:NEW] ** 2)


def optimum(m, rate, objective, bound, rng):
    value = {
        "end": lambda p: losses(m, p, rate)[0][-1],
        "average": lambda p: losses(m, p, rate)[0].mean(),
        "worst": lambda p: losses(m, p, rate)[0].max(),
    }[objective]
    constraints = [
        {"type": "ineq", "fun": lambda p: BUDGET - np.mean(p)},
        {"type": "ineq", "fun": lambda p: 1 - losses(m, p, rate)[1] / bound},
    ]
    best = None
    for _ in range(20):
        start = rng.dirichlet(np.ones(PIECES)) * BUDGET * PIECES
        method = "COBYLA" if objective == "worst" else "SLSQP"
        options = {"maxiter": 4000, **({"ftol": 1e-13} if method == "SLSQP" else {"tol": 1e-10})}
        found = minimize(
            lambda p: value(np.clip(p, 0, 1)), start, method=method, bounds=[(0, 1)] * PIECES,
            constraints=constraints, options=options,
        )
        p = np.clip(found.x, 0, 1)
        p *= min(1, BUDGET / max(np.mean(p), 1e-300))
        if losses(m, p, rate)[1] <= bound * (1 + 1e-9) and (best is None or value(p) < value(best)):
            best = p
    return {"objective": objective, "bound": bound, "fractions": best, "value": value(best)}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def main():
    rng = np.random.default_rng(4)
    cases = []
    for parameters in (3, 12):
        for kap, lam in ((2.0, 0.0), (1.0, 0.3)):
            m = model(rng, parameters)
            rate = 0.8 / (kap * np.linalg.eigvalsh(m["jacobian"] @ m["jacobian"].T)[-1] + lam)
            cases.append({
                "model": m, "loss_factor": kap, "ridge": lam, "rate": rate,
                "flow": flow(m, kap, lam, rate),
                "descent": stepped(m, kap, lam, rate, 0.0),
                "momentum": stepped(m, kap, lam, rate, 0.9),
                "limits": [[p, limit(m, p, kap, lam)] for p in (0.0, 0.2, 1.0)],
            })
    m = model(rng, 12)
    m["residuals"][NEW:] = 0
    m["start"], m["evaluation_jacobian"] = np.zeros(NEW + OLD), m["jacobian"]
    rate = 0.8 / np.linalg.eigvalsh(m["jacobian"] @ m["jacobian"].T)[-1]
    uniform = losses(m, [BUDGET] * PIECES, rate)[1]
    optima = [
        optimum(m, rate, objective, bound, rng)
        for objective in ("end", "average", "worst")
        for bound in (1e6, 1.01 * uniform)
    ]
    golden = {
        "segments": SEGMENTS, "momentum_beta": 0.9, "cases": cases,
        "replay": {"model": m, "rate": rate, "steps": STEPS, "segments": PIECES, "budget": BUDGET, "optima": optima},
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(plain(golden), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
