"""Predicts rows by representations, and completes binary ones, with NumPy and SciPy and writes associations_logistic.json.

Independent references for lethe::associations, from the formulas of docs/associations.md: whole design matrices, singular
value decompositions and general minimisers where Lethe sums over columns and takes steps of Newton's method.

Usage: python tests/golden/associations_logistic.py      (needs numpy and scipy; half a minute)
"""

import json
import pathlib

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, roots_hermite

rng = np.random.default_rng(21)
M, N, SHOWN = 12, 40, 15
PENALTIES = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]


def components(x, own):
    """Leading principal components around the mean of some items, in units of their root mean square."""
    x = x - x[own].mean(0)
    _, _, Vt = np.linalg.svd(x[own], full_matrices=False)
    k = min(8, len(own) - 1, x.shape[1])
    return x @ Vt[:k].T / np.sqrt((x[own] ** 2).sum() / len(own))


def prior(z, binary):
    there = ~np.isnan(z)
    sums, counts, mean = np.nansum(z, 0), there.sum(0), np.nanmean(z)
    if binary:
        share = (np.nansum(z) + 0.5) / (there.sum() + 1)
        p = (sums + share) / (counts + 1)
        return np.log(p / (1 - p))
    return np.where(counts > 0, sums / np.maximum(counts, 1), mean)


def design(f, g):
    return np.einsum("ik,jl->ijkl", f, g).reshape(len(f) * len(g), -1)


def weights(z, b, x, penalty, binary):
    there = ~np.isnan(z).ravel()
    x, y, base = x[there], z.ravel()[there], np.broadcast_to(b, z.shape).ravel()[there]
    penalty = penalty * there.sum()
    if not binary:
        return np.linalg.lstsq(
            np.vstack([x, np.sqrt(penalty) * np.eye(x.shape[1])]), np.concatenate([y - base, np.zeros(x.shape[1])]), rcond=None
        )[0]

    def cost(w):
        logit = base + x @ w
        slope = x.T @ (expit(logit) - y) + penalty * w
        return (np.logaddexp(0, logit) - y * logit).sum() + penalty * (w**2).sum() / 2, slope

    def curvature(w):
        p = expit(base + x @ w)
        return (x.T * (p * (1 - p))) @ x + penalty * np.eye(len(w))

    return minimize(cost, np.zeros(x.shape[1]), jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-10}).x


def representation(z, rows, columns, training, binary):
    """What is expected of all rows of the matrix."""
    f, g = components(rows, training), components(columns, np.arange(len(columns)))
    g = np.column_stack([g, np.ones(len(g))])
    losses = np.zeros(len(PENALTIES))
    for part in range(5):
        out = training[np.arange(len(training)) % 5 == part]
        kept = training[np.arange(len(training)) % 5 != part]
        b, x = prior(z[kept], binary), design(f[kept], g)
        for k, penalty in enumerate(PENALTIES):
            said = b + (design(f[out], g) @ weights(z[kept], b, x, penalty, binary)).reshape(len(out), -1)
            error = np.logaddexp(0, said) - z[out] * said if binary else (z[out] - said) ** 2
            losses[k] += np.nansum(error)
    best = max(k for k in range(len(PENALTIES)) if losses[k] == losses.min())
    b = prior(z[training], binary)
    w = weights(z[training], b, design(f[training], g), PENALTIES[best], binary)
    return b + (design(f, g) @ w).reshape(len(f), -1), best


def logistic_factorisation(train, row, shown, rank):
    """The most probable parameters of all training rows, then the posterior of a new one: logits with the most probable
    parameters, and probabilities as they come out over the normal approximation of what is left uncertain."""
    m, n = train.shape
    share = (train.sum() + 0.5) / (train.size + 1)
    mean = np.log(share / (1 - share))
    centred = train - train.mean(1, keepdims=True) - train.mean(0) + train.mean()
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)

    def parts(w):
        u, p = w[:m], w[m : m + m * rank].reshape(m, rank)
        v, q = w[m + m * rank : m + m * rank + n], w[m + m * rank + n :].reshape(n, rank)
        return u, p, v, q

    def cost(w):
        u, p, v, q = parts(w)
        logit = mean + u[:, None] + v + p @ q.T
        left = expit(logit) - train
        value = (np.logaddexp(0, logit) - train * logit).sum()
        value += (u**2).sum() / 2 + (v**2).sum() / 8 + 0.05 * ((p**2).sum() + (q**2).sum())
        slope = [left.sum(1) + u, (left @ q + 0.1 * p).ravel(), left.sum(0) + v / 4, (left.T @ p + 0.1 * q).ravel()]
        return value, np.concatenate(slope)

    start = np.concatenate([np.zeros(m), (U[:, :rank] * np.sqrt(m - 1)).ravel(), np.zeros(n),
                            (4 * Vt[:rank].T * s[:rank] / np.sqrt(m - 1)).ravel()])
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-16, "gtol": 1e-9, "maxiter": 100000, "maxfun": 100000})
    u, p, v, q = parts(found.x)
    theta, x = np.column_stack([u, p]), np.column_stack([np.ones(n), q])
    expected, root = mean + v + x @ theta.mean(0), np.linalg.cholesky(np.cov(theta.T))
    g = x @ root

    def own(w):
        logit = expected[shown] + g[shown] @ w
        return (np.logaddexp(0, logit) - row[shown] * logit).sum() + (w**2).sum() / 2

    w = minimize(own, np.zeros(rank + 1), options={"gtol": 1e-10}).x
    logits = expected + g @ w
    chance = expit(logits[shown])
    covariance = np.linalg.inv((g[shown].T * (chance * (1 - chance))) @ g[shown] + np.eye(rank + 1))
    variance = np.einsum("jk,kl,jl->j", g, covariance, g)
    nodes, heights = roots_hermite(64)
    spread = logits[:, None] + np.sqrt(2 * variance)[:, None] * nodes
    return found.fun, logits, variance, (expit(spread) * heights).sum(1) / np.sqrt(np.pi)


def plain(values):
    return [None if np.isnan(v) else float(v) for v in np.ravel(values)]


rows, columns = np.round(rng.normal(size=(M, 10)), 3), np.round(rng.normal(size=(N, 5)), 3)
z = np.tanh(rows[:, :3]) @ rng.normal(size=(3, 4)) @ np.tanh(columns[:, :4]).T + 0.5 * rng.normal(size=N)
z = np.round(0.3 * z + 0.3 * rng.normal(size=(M, N)), 4)
training = np.array([0, 1, 2, 4, 5, 6, 7, 9, 10, 11])
values = z.copy()
values[1:-1][rng.random((M - 2, N)) < 0.1] = np.nan
answers = (rng.random((M, N)) < expit(3 * z - 0.5)).astype(float)
cases = []
for entries, binary in [(values, False), (answers, True)]:
    said, penalty = representation(entries, rows, columns, training, binary)
    cases.append({"entries": plain(entries), "binary": binary, "said": plain(said), "penalty": penalty})

p, q = rng.normal(size=(M, 2)), 1.5 * rng.normal(size=(N, 2))
lost = (rng.random((M, N)) < expit(p @ q.T + 0.8 * rng.normal(size=N) - 0.4)).astype(float)
shown = np.sort(rng.choice(N, SHOWN, replace=False))
cost, logits, variance, chances = logistic_factorisation(lost[:-1], lost[-1], shown, 2)

golden = {
    "rows": M, "columns": N, "training": training.tolist(), "features": [plain(rows), plain(columns)], "cases": cases,
    "factorisation": {"entries": plain(lost), "shown": shown.tolist(), "cost": cost, "logits": plain(logits),
                      "variance": plain(variance), "probabilities": plain(chances)},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
