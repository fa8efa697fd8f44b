"""scikit-surprise, NumPy and SciPy on the matrices of `cargo bench --bench associations`: its peer, one thread each.

Says "ready: versions" once its packages are there, then answers one JSON object per line. Matrices come as files of raw
single-precision numbers.
"""

import json
import sys
import time

import numpy as np
import pandas
import scipy
import scipy.sparse.linalg
import surprise

ALGORITHMS = {
    "factorisation": lambda: surprise.SVD(n_factors=5, n_epochs=1000, lr_all=0.005, reg_all=0.0, init_std_dev=0.001, random_state=0),
    "additive": lambda: surprise.BaselineOnly({"method": "sgd", "n_epochs": 1000}, verbose=False),
    "neighbours": lambda: surprise.KNNBaseline(verbose=False),
}


def complete(asked):
    """Fits one algorithm to the training rows and some entries of one row, and predicts that row's other columns."""
    z = np.fromfile(asked["file"], "<f4").reshape(asked["rows"], -1)
    train, row, shown = asked["training"], asked["row"], asked["shown"]
    entries = [(i, j, z[i, j]) for i in range(train) for j in range(z.shape[1])] + [(row, j, z[row, j]) for j in shown]
    reader = surprise.Reader(rating_scale=(-1e9, 1e9))
    data = surprise.Dataset.load_from_df(pandas.DataFrame(entries), reader).build_full_trainset()
    algorithm = ALGORITHMS[asked["algorithm"]]()
    began = time.perf_counter()
    algorithm.fit(data)
    seconds = time.perf_counter() - began
    hidden = np.setdiff1d(np.arange(z.shape[1]), shown)
    said = np.array([algorithm.predict(row, j, clip=False).est for j in hidden])
    return {"seconds": seconds, "squares": float(((said - z[row, hidden]) ** 2).sum()), "count": len(hidden)}


def decompose(asked):
    """The first five singular values, by the whole decomposition and by Lanczos's method."""
    z = np.fromfile(asked["file"], "<f4").reshape(asked["rows"], -1)
    began = time.perf_counter()
    _, values, _ = np.linalg.svd(z, full_matrices=False)
    whole = time.perf_counter() - began
    began = time.perf_counter()
    scipy.sparse.linalg.svds(z, k=5)
    return {"whole": whole, "first_five": time.perf_counter() - began, "values": values[:5].tolist()}


print(f"ready: scikit-surprise {surprise.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(complete(asked) if "algorithm" in asked else decompose(asked)), flush=True)
