"""Fits the scaling laws to noisy grids with SciPy and writes laws.json beside itself.

An independent reference for lethe::laws: equations 5 and 6 in their thirteen symbols, as they are written, fitted by
scipy.optimize.least_squares (trust region reflective, numerical Jacobian) from many starts; the search of lethe has
other coordinates, other starts and its own derivatives. The data are the paper's coefficients (second-hand) on its grid
with the noise that gives its R2.

Usage: python tests/golden/laws.py      (needs numpy and scipy; a few minutes)
"""

import json
import pathlib

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import linregress

RANKS = [8, 16, 32, 64, 128, 256]
PER_RANK = 2_498_560
STEPS = np.arange(50, 261, 10)
PUBLISHED = {
    # a_f, alpha_f, b_f, beta_f, a_ft, alpha_ft, b_ft, beta_ft, c_ft, c_f_ft, rho, s_ft, s_f_ft; noise
    "OpenOrca": ([0.0388e7, 0.0351, 23.6418, 0.1468, 0.0007e7, 0.0424, 72.9186, 0.1219, 0.0020, 1.7334, 7.6885, 0.6126, 2.0481], 0.0087),
    "News": ([0.0011e7, 0.0458, 97.8466, 0.1044, 0.0022e7, 0.0383, 54.8678, 0.1161, 0.0028, 1.0615, 7.5996, 1.9253, 3.1285], 0.0054),
}


def laws(p, P, N):
    a_f, alpha_f, b_f, beta_f, a_ft, alpha_ft, b_ft, beta_ft, c, c_f, rho, s, s_f = p
    loss = c * ((a_ft / P) ** alpha_ft + (b_ft / N) ** beta_ft) ** rho + s
    return loss, -c_f * (c * ((a_f / P) ** alpha_f + (b_f / N) ** beta_f) ** rho + s) + s_f


def symbols(x):
    return np.concatenate([np.exp(x[:11]), x[11:]])


def fit(P, N, L, F, loss, start, rng):
    """Both losses in units of their standard deviations; the best of many starts around the published symbols."""
    spread = [L.std(), F.std()]

    def residuals(x):
        fine, forgot = laws(symbols(x), P, N)
        found = np.concatenate([(fine - L) / spread[0], (forgot - F) / spread[1]])
        return np.where(np.isfinite(found), np.clip(found, -1e6, 1e6), 1e6)

    centre = np.concatenate([np.log(start[:11]), start[11:]])
    low = np.concatenate([np.full(10, -60.0), [np.log(0.05)], [-9, -9]])
    high = np.concatenate([np.full(10, 40.0), [np.log(50.0)], [9, 9]])
    best = None
    with np.errstate(all="ignore"):
        for k in range(6):
            x = centre + (0 if k == 0 else 0.2) * rng.normal(size=13)
            x[11:] = centre[11:]
            found = least_squares(residuals, np.clip(x, low + 1e-6, high - 1e-6), bounds=(low, high), x_scale="jac",
                                  loss=loss, f_scale=0.5 if loss != "linear" else 1.0, max_nfev=600)
            if best is None or found.cost < best.cost:
                best = found
    return best


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


def r2(fitted, seen):
    return float(1 - np.sum((fitted - seen) ** 2) / np.sum((seen - seen.mean()) ** 2))


P = np.repeat(np.array(RANKS, float) * PER_RANK, len(STEPS))
N = np.tile(STEPS, len(RANKS)).astype(float)
cases = []
for number, (name, (true, noise)) in enumerate(PUBLISHED.items()):
    rng = np.random.default_rng(20 + number)
    true = np.array(true)
    L, F = laws(true, P, N)
    L, F = (np.round(v + noise * rng.normal(size=len(P)), 6) for v in (L, F))
    case = {"name": name, "fine_tuning_loss": L.tolist(), "forgetting": F.tolist(), "noise": noise}
    line = linregress(L, F)
    case["linear_law"] = {"slope": line.slope, "intercept": line.intercept, "r2": line.rvalue**2}
    for loss in ["linear", "soft_l1", "huber"]:
        found = fit(P, N, L, F, loss, true, rng)
        fine, forgot = laws(symbols(found.x), P, N)
        case[loss] = {"cost": found.cost, "r2_fine_tuning": r2(fine, L), "r2_forgetting": r2(forgot, F),
                      "fine_tuning_loss": np.round(fine[::11], 7).tolist(), "forgetting": np.round(forgot[::11], 7).tolist()}
    kept = P <= 64 * PER_RANK
    found = fit(P[kept], N[kept], L[kept], F[kept], "linear", true, rng)
    fine, forgot = laws(symbols(found.x), P[~kept], N[~kept])
    case["held_out"] = {"rmse_fine_tuning": rms(fine - L[~kept]), "rmse_forgetting": rms(forgot - F[~kept])}
    cases.append(case)

grid = {"parameters": P.tolist(), "steps": N.tolist(), "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(grid, separators=(",", ":")) + "\n")
