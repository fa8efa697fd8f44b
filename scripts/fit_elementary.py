"""Fits the coefficients in src/engine/fused_cpu/elementary.rs and prints them as Rust constants.

tanh(x) and erf(x) are odd: both are x P(x^2) / Q(x^2), fitted for least maximal relative error by
Lawson's reweighting of the linearised problem (Ellacott and Williams 1976) on Chebyshev points.
exp(r) on |r| <= ln(2) / 2 is 1 + r + r^2 P(r), fitted the same way with Q = 1.

The errors printed are of the rational function with its coefficients rounded to f32 but evaluated
in f64; the rounding of f32 arithmetic comes on top and is measured by tests/engine/elementary.rs.

Usage: python scripts/fit_elementary.py      (needs numpy and mpmath)
"""

import mpmath
import numpy as np

POINTS = 4000
ROUNDS = 400


def lawson(u, target, weight, top, bottom):
    """P, Q (ascending coefficients, Q[0] = 1) that minimise max |weight (P / Q - target)| over u."""
    scale = u.max()
    v = u / scale
    powers = np.polynomial.polynomial.polyvander(v, max(top, bottom))
    lawson_weight = np.full(len(u), 1.0 / len(u))
    denominator = np.ones_like(u)
    best = (np.inf, None, None)
    for _ in range(ROUNDS):
        row = np.sqrt(lawson_weight) * weight / denominator
        left = np.hstack([powers[:, : top + 1], -target[:, None] * powers[:, 1 : bottom + 1]])
        solution = np.linalg.lstsq(left * row[:, None], target * row, rcond=None)[0]
        p = solution[: top + 1]
        q = np.concatenate([[1.0], solution[top + 1 :]])
        denominator = powers[:, : bottom + 1] @ q
        error = np.abs(weight * (powers[:, : top + 1] @ p / denominator - target))
        if error.max() < best[0]:
            best = (error.max(), p, q)
        lawson_weight *= error + 1e-3 * error.max()
        lawson_weight /= lawson_weight.sum()
    error, p, q = best
    return error, p / scale ** np.arange(top + 1), q / scale ** np.arange(bottom + 1)


def chebyshev(low, high):
    angle = np.pi * (np.arange(POINTS) + 0.5) / POINTS
    return 0.5 * (low + high) - 0.5 * (high - low) * np.cos(angle)


def exact(function, x):
    return np.array([float(function(mpmath.mpf(float(value)))) for value in x])


def show(name, values):
    numbers = ", ".join(np.format_float_scientific(np.float32(value), trim="0", exp_digits=1) for value in values)
    print(f"const {name}: [f32; {len(values)}] = [{numbers}];")


def odd(name, function, end, top, bottom):
    """x P(x^2) / Q(x^2) on (0, end]."""
    x = chebyshev(1e-3, end)
    ratio = exact(function, x) / x
    error, p, q = lawson(x * x, ratio, 1.0 / ratio, top, bottom)
    p, q = (np.float32(c).astype(np.float64) for c in (p, q))
    u = x * x
    rounded = np.polynomial.polynomial.polyval(u, p) / np.polynomial.polynomial.polyval(u, q)
    worst = np.abs(rounded / ratio - 1).max()
    print(f"// {name}, |x| <= {end}: relative error {error:.2e}, with f32 coefficients {worst:.2e}")
    show(f"{name.upper()}_TOP", p)
    show(f"{name.upper()}_BOTTOM", q)


def exponential(degree):
    half = float(mpmath.log(2)) / 2
    r = chebyshev(-half, half)
    rest = exact(lambda v: (mpmath.exp(v) - 1 - v) / v**2, r)
    shift = r.min()
    # The fit runs over r - min(r) >= 0 and is shifted back, so that lawson may scale by the maximum.
    error, p, _ = lawson(r - shift, rest, r * r / np.exp(r), degree, 0)
    p = np.polynomial.polynomial.Polynomial(p)(np.polynomial.polynomial.Polynomial([-shift, 1.0])).coef
    p = np.float32(p).astype(np.float64)
    worst = np.abs((1 + r + r * r * np.polynomial.polynomial.polyval(r, p)) / np.exp(r) - 1).max()
    print(f"// exp, |r| <= ln(2)/2: relative error {error:.2e}, with f32 coefficients {worst:.2e}")
    show("EXP_REST", p)


def main():
    mpmath.mp.dps = 40
    odd("tanh", mpmath.tanh, 9.02, 4, 4)
    odd("erf", mpmath.erf, 3.84, 5, 5)
    exponential(4)


if __name__ == "__main__":
    main()
