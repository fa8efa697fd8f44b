"""The joint law by scipy.optimize.least_squares, resample by resample: the peer of `cargo bench --bench laws`.

Reads one JSON object from standard input (columns of the observations, the run of each, how often each run is in each
resample), fits equations 5 and 6 in thirteen symbols to all of them from the published start, then each resample from
there (method "lm", which is MINPACK's LMDER, with the exact Jacobian), and prints the seconds that the resamples took.
"""

import json
import sys
import time

import numpy as np
from scipy.optimize import least_squares

asked = json.load(sys.stdin)
run, P, N, L, F = (
    np.array(asked[key], float) for key in ["run", "parameters", "steps", "fine_tuning_loss", "forgetting"]
)
run = run.astype(int)
log_p, log_n = np.log(P) - np.log(P).mean(), np.log(N) - np.log(N).mean()
spread = [L.std(), F.std()]


def term(ln_a, ln_alpha, ln_b, ln_beta, rho, p, n):
    """[(a/P)^alpha + (b/N)^beta]^rho and its derivatives by ln a, ln alpha, ln b, ln beta and ln rho."""
    alpha, beta = np.exp(ln_alpha), np.exp(ln_beta)
    first, second = np.exp(alpha * (ln_a - p)), np.exp(beta * (ln_b - n))
    total = first + second
    value = total**rho
    inner = rho * value / total
    by_alpha, by_beta = inner * first * alpha * (ln_a - p), inner * second * beta * (ln_b - n)
    return value, [inner * first * alpha, by_alpha, inner * second * beta, by_beta, value * rho * np.log(total)]


def solve(start, keep, weight):
    p, n, losses, forgotten, root = log_p[keep], log_n[keep], L[keep], F[keep], np.sqrt(weight[keep])
    rows = len(p)

    def both(x):
        rho, c, cf = np.exp(x[10]), np.exp(x[8]), np.exp(x[9])
        u, du = term(*x[:4], rho, p, n)
        v, dv = term(*x[4:8], rho, p, n)
        return c, cf, u, du, v, dv

    def residuals(x):
        c, cf, u, _, v, _ = both(x)
        fine = c * u + x[11] - losses
        forgot = -cf * (c * v + x[11]) + x[12] - forgotten
        return np.concatenate([fine * root / spread[0], forgot * root / spread[1]])

    def jacobian(x):
        c, cf, u, du, v, dv = both(x)
        found = np.zeros((2 * rows, 13))
        for k in range(4):
            found[:rows, k] = c * du[k]
            found[rows:, 4 + k] = -cf * c * dv[k]
        found[:rows, 8], found[rows:, 8] = c * u, -cf * c * v
        found[rows:, 9] = -cf * (c * v + x[11])
        found[:rows, 10], found[rows:, 10] = c * du[4], -cf * c * dv[4]
        found[:rows, 11], found[rows:, 11] = 1.0, -cf
        found[rows:, 12] = 1.0
        found[:rows] *= (root / spread[0])[:, None]
        found[rows:] *= (root / spread[1])[:, None]
        return found

    with np.errstate(all="ignore"):
        return least_squares(residuals, start, jacobian, method="lm", x_scale="jac", ftol=1e-5, xtol=1e-5, max_nfev=60)


start = np.array([-8, np.log(0.04), -1.2, np.log(0.12)] * 2 + [np.log(0.02), np.log(1.5), np.log(6), L.min(), 2.0])
everything = solve(start, np.full(len(P), True), np.ones(len(P))).x
began = time.perf_counter()
for times in asked["weights"]:
    weight = np.array(times, float)[run]
    solve(everything, weight > 0, weight)
print(json.dumps({"seconds": time.perf_counter() - began}))
