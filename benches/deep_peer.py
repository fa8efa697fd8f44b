"""The peer of benches/deep: full-batch gradient descent of several deep networks in PyTorch, timed.

Reads one JSON question per line and answers with seconds and mean final loss. Networks are one batch
(baddbmm), gradients are autograd's, eager, f32, on as many threads as the first argument says. One step
before the clock starts warms everything up; training then begins anew.

Needs torch; benches/README.md says how to run it.
"""

import base64
import json
import sys
import time

import torch

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


def values(text):
    return torch.frombuffer(bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))), dtype=torch.float32)


def unpack(rows, depth, width, normed):
    """Tensors [networks, fan_in, fan_out] in the order of a row: W and b (gamma and beta) by layer, w2, b2."""
    shapes = []
    for layer in range(depth):
        shapes += [(width, width if layer else 1), (width, 1)] + [(width, 1)] * (2 * normed)
    shapes += [(1, width), (1, 1)]
    tensors, at = [], 0
    for fan_out, fan_in in shapes:
        part = rows[:, at : at + fan_out * fan_in].reshape(-1, fan_out, fan_in)
        tensors.append(part.transpose(1, 2).contiguous().requires_grad_())
        at += fan_out * fan_in
    assert at == rows.shape[1]
    return tensors


def outputs(theta, x, depth, block, activation):
    rest = iter(theta)
    a = x
    for layer in range(depth):
        w, b = next(rest), next(rest)
        z = torch.baddbmm(b, a, w)
        if "norm" in block:
            gamma, beta = next(rest), next(rest)
            z = gamma * torch.nn.functional.layer_norm(z, z.shape[-1:], eps=1e-5) + beta
        out = activation(z)
        a = out + a if layer and block.startswith("res") else out
    w2, b2 = rest
    return torch.baddbmm(b2, a, w2)


def train(question, steps):
    rows = values(question["starts"])
    x, y = (values(question[name]) for name in "xy")
    depth, width, block = question["depth"], question["width"], question["block"]
    activation = ACTIVATIONS[question["activation"]]
    count = 3 * width + 1 + (depth - 1) * (width * width + width) + 2 * width * depth * ("norm" in block)
    theta = unpack(rows.reshape(-1, count), depth, width, "norm" in block)
    networks = theta[0].shape[0]
    x = x.reshape(1, -1, 1).expand(networks, -1, -1).contiguous()
    y = y.reshape(1, -1, 1)

    def loss():
        return ((outputs(theta, x, depth, block, activation) - y) ** 2).mean(dim=(1, 2))

    begin = time.perf_counter()
    for _ in range(steps):
        gradients = torch.autograd.grad(loss().sum(), theta)
        with torch.no_grad():
            for parameter, gradient in zip(theta, gradients):
                parameter -= question["rate"] * gradient
    seconds = time.perf_counter() - begin
    with torch.no_grad():
        return {"seconds": seconds, "loss": float(loss().mean())}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(f"ready: {torch.__version__}", flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        train(question, 1)
        print(json.dumps(train(question, question["steps"])), flush=True)


if __name__ == "__main__":
    main()
