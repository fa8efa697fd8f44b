"""Completes small matrices with scikit-surprise, NumPy and SciPy and writes associations.json and two archives beside itself.

Independent references for lethe::associations: gradient descent and neighbours are scikit-surprise's own; the rest is
written here from the formulas of docs/associations.md with other means (least squares of the whole design matrix, full
singular value decompositions, general minimisers, counting of pairs).

Usage: python tests/golden/associations.py      (needs scikit-surprise 1.1.5, numpy < 2 and scipy; some seconds)
"""

import json
import pathlib

import numpy as np
import pandas
import scipy.stats
from scipy.cluster.hierarchy import linkage
from scipy.optimize import minimize
from scipy.spatial.distance import pdist
from surprise import SVD, BaselineOnly, Dataset, KNNBaseline, Reader

rng = np.random.default_rng(8)
M, N, SHOWN = 12, 40, 15


def planted(missing):
    """Effects, two factors and noise; the first row is whole, so that columns are met in their order."""
    z = 0.3 + 0.4 * rng.normal(size=(M, 1)) + 0.3 * rng.normal(size=N)
    z = z + 0.5 * rng.normal(size=(M, 2)) @ rng.normal(size=(2, N)) + 0.1 * rng.normal(size=(M, N))
    z = np.round(z, 4)
    z[1:-1][rng.random((M - 2, N)) < missing] = np.nan
    shown = np.sort(rng.choice(N, SHOWN, replace=False))
    return z, shown


def surprise_reference(z, shown):
    """What each algorithm says of the last row's columns, having been shown some of them."""
    entries = [(i, j, z[i, j]) for i in range(M - 1) for j in range(N) if not np.isnan(z[i, j])]
    entries += [(M - 1, j, z[M - 1, j]) for j in shown]
    # No prediction is clipped.
    data = Dataset.load_from_df(pandas.DataFrame(entries), Reader(rating_scale=(-1e9, 1e9))).build_full_trainset()
    said = {}
    for name, algorithm in [
        ("additive_sgd", BaselineOnly({"method": "sgd", "n_epochs": 200}, verbose=False)),
        ("factorisation_sgd", SVD(n_factors=3, n_epochs=150, lr_all=0.02, reg_all=0.01, init_std_dev=0.1, random_state=5)),
        ("neighbours", KNNBaseline(verbose=False)),
        ("four_neighbours", KNNBaseline(k=4, verbose=False)),
    ]:
        algorithm.fit(data)
        said[name] = [algorithm.predict(M - 1, j, clip=False).est for j in range(N)]
    # SVD draws the rows' factors, then the columns', by this generator.
    draw = np.random.RandomState(5)
    said["initial_rows"] = draw.normal(0, 0.1, (M, 3)).ravel().tolist()
    said["initial_columns"] = draw.normal(0, 0.1, (N, 3)).ravel().tolist()
    return said


def least_squares(z):
    """mean + u_i + v_j over what is there, with the whole design matrix: fitted values."""
    i, j = np.nonzero(~np.isnan(z))
    design = np.zeros((len(i), sum(z.shape)))
    design[np.arange(len(i)), i] = 1
    design[np.arange(len(i)), z.shape[0] + j] = 1
    found = np.linalg.lstsq(design, z[i, j], rcond=None)[0]
    return found[: z.shape[0], None] + found[z.shape[0] :]


def factorisation(train, row, shown, rank):
    """The best additive and rank-r fit of complete rows, and the expected rest of a row by conditioning a normal vector."""
    m, n = train.shape
    mean, u, v = train.mean(), train.mean(1) - train.mean(), train.mean(0) - train.mean()
    U, s, Vt = np.linalg.svd(train - mean - u[:, None] - v, full_matrices=False)
    noise = (s[rank:] ** 2).sum() / ((m - 1 - rank) * (n - 1 - rank))
    q = (Vt[:rank].T * s[:rank] / np.sqrt(m - 1)) * np.maximum(0, 1 - noise * n / s[:rank] ** 2)
    theta, x = np.column_stack([u, U[:, :rank] * np.sqrt(m - 1)]), np.column_stack([np.ones(n), q])
    expected, covariance = mean + v + x @ theta.mean(0), x @ np.cov(theta.T) @ x.T
    gain = covariance[:, shown] @ np.linalg.inv(covariance[np.ix_(shown, shown)] + noise * np.eye(len(shown)))
    return expected + gain @ (row[shown] - expected[shown])


def soft_impute(train, row, shown):
    m, n = train.shape
    mean, u, v = train.mean(), train.mean(1) - train.mean(), train.mean(0) - train.mean()
    U, s, Vt = np.linalg.svd(train - mean - u[:, None] - v, full_matrices=False)
    rank = 0
    while True:
        noise = np.sqrt((s[rank:] ** 2).sum() / ((m - 1 - rank) * (n - 1 - rank)))
        limit = noise * (np.sqrt(m) + np.sqrt(n))
        above = int((s > limit).sum())
        if above <= rank:
            break
        rank = above
    columns = Vt[:above].T * np.sqrt(s[:above] - limit)

    def cost(w):
        left = row[shown] - mean - v[shown] - w[0] - columns[shown] @ w[1:]
        return (left**2).sum() + limit * len(shown) / n * (w[1:] ** 2).sum()

    w = minimize(cost, np.zeros(above + 1), method="BFGS", options={"gtol": 1e-12}).x
    return mean + v + w[0] + columns @ w[1:]


def logistic_additive(train, row, shown):
    """Logits of a row, with normal priors on the effects of rows (sd 1) and columns (sd 2)."""
    m, n = train.shape
    share = (train.sum() + 0.5) / (train.size + 1)
    mean = np.log(share / (1 - share))

    def cost(w):
        logit = mean + w[:m, None] + w[m:]
        return (np.logaddexp(0, logit) - train * logit).sum() + (w[:m] ** 2).sum() / 2 + (w[m:] ** 2).sum() / 8

    w = minimize(cost, np.zeros(m + n), method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000}).x
    u, base = w[:m], mean + w[m:] + w[:m].mean()

    def own(a):
        logit = base[shown] + a * u.std(ddof=1)
        return (np.logaddexp(0, logit) - row[shown] * logit).sum() + a[0] ** 2 / 2

    sd = u.std(ddof=1)
    logit = base + sd * minimize(own, np.zeros(1), options={"gtol": 1e-12}).x
    # Over what is uncertain of the row's effect (MacKay 1992).
    chance = 1 / (1 + np.exp(-logit[shown]))
    variance = sd**2 / (1 + sd**2 * (chance * (1 - chance)).sum())
    return logit / np.sqrt(1 + np.pi / 8 * variance)


def plain(values):
    return [None if np.isnan(v) else float(v) for v in np.ravel(values)]


cases = []
for missing in [0.0, 0.15]:
    z, shown = planted(missing)
    case = {"entries": plain(z), "shown": shown.tolist(), "surprise": surprise_reference(z, shown)}
    case["additive"] = plain(least_squares(z))
    there = ~np.isnan(z)
    if missing == 0:
        train, row = z[:-1], z[-1]
        around = ((z - z.mean()) ** 2).sum()
        s = np.linalg.svd(z, compute_uv=False)
        case["reconstruction"] = {
            "rows": 1 - ((z - z.mean(1, keepdims=True)) ** 2).sum() / around,
            "columns": 1 - ((z - z.mean(0)) ** 2).sum() / around,
            "additive": 1 - ((z - least_squares(z)) ** 2).sum() / around,
            "ranks": [1 - (s[r:] ** 2).sum() / around for r in range(1, M + 1)],
        }
        case["factorisation"] = factorisation(train, row, shown, 2).tolist()
        case["soft_impute"] = soft_impute(train, row, shown).tolist()
        tree, sizes = linkage(z, "average"), [[i] for i in range(M)]
        for a, b, _, _ in tree:
            sizes.append(sizes[int(a)] + sizes[int(b)])
        case["clusters"] = [sorted(c) for c in sizes[M:]]
    cases.append(case)

answers = (rng.random((M, N)) < 1 / (1 + np.exp(-(rng.normal(size=(M, 1)) + 1.5 * rng.normal(size=N) - 0.7)))).astype(float)
shown = np.sort(rng.choice(N, SHOWN, replace=False))
binary = {"entries": plain(answers), "shown": shown.tolist(), "logits": logistic_additive(answers[:-1], answers[-1], shown).tolist()}

scores, truth = np.round(rng.normal(size=60), 1), rng.random(60) < 0.3
pairs = (scores[truth][:, None] > scores[~truth]) + 0.5 * (scores[truth][:, None] == scores[~truth])
area = {"scores": plain(scores), "truth": truth.tolist(), "auc": float(pairs.mean())}

x = np.round(rng.normal(size=25), 1)
y = np.round(0.4 * x + rng.normal(size=25), 1)
correlations = {"x": plain(x), "y": plain(y), "pearson": list(map(float, scipy.stats.pearsonr(x, y))),
                "spearman": list(map(float, scipy.stats.spearmanr(x, y))),
                "pearson_interval": list(map(float, scipy.stats.pearsonr(x, y).confidence_interval(0.95)))}
r = correlations["spearman"][0]
half = scipy.stats.norm.ppf(0.975) * np.sqrt((1 + r**2 / 2) / (len(x) - 3))  # Bonett & Wright 2000
correlations["spearman_interval"] = [float(np.tanh(np.arctanh(r) + side * half)) for side in (-1, 1)]

truth = rng.normal(size=(M, N))
seeds = [np.round(truth + 0.5 * rng.normal(size=(M, N)), 4) for _ in range(3)]
c = np.cov([s.ravel() for s in seeds])
reliability = (c.sum() - np.trace(c)) / 6 / (np.trace(c) / 3)
ceiling = {"seeds": [plain(s) for s in seeds], "reliability": reliability, "of_mean": 3 * reliability / (1 + 2 * reliability)}

golden = {"rows": M, "columns": N, "cases": cases, "binary": binary, "area": area, "correlations": correlations, "ceiling": ceiling}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")

counting = np.arange(6, dtype="<f4").reshape(2, 3)
np.savez(pathlib.Path(__file__).with_name("associations_stored.npz"), z=counting)
np.savez_compressed(pathlib.Path(__file__).with_name("associations_deflated.npz"), y=counting[0], z=counting)
