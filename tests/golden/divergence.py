"""Golden values of src/metrics/divergence.rs: how far one model's predictions are from another's, by PyTorch in double
precision. `python tests/golden/divergence.py > tests/golden/divergence.json`; torch 2.x."""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)
cases = []
for positions, vocabulary, scale, moved in [(1, 3, 1.0, 0.5), (7, 11, 2.0, 0.3), (4, 60, 4.0, 1.5), (3, 40, 30.0, 20.0)]:
    # Short decimals, so that both sides read the same numbers.
    base = (scale * torch.randn(positions, vocabulary)).double().round(decimals=2)
    tuned = (base + moved * torch.randn(positions, vocabulary)).double().round(decimals=2)
    targets = torch.randint(vocabulary, (positions,))
    log_base, log_tuned = (F.log_softmax(logits, dim=1) for logits in (base, tuned))
    cases.append({
        "base": [round(x, 2) for x in base.flatten().tolist()],
        "tuned": [round(x, 2) for x in tuned.flatten().tolist()],
        "targets": targets.tolist(),
        "soft_cross_entropy": F.cross_entropy(tuned, log_base.exp()).item(),
        "kl": F.kl_div(log_tuned, log_base, reduction="batchmean", log_target=True).item(),
        "nll_rise": (F.nll_loss(log_tuned, targets) - F.nll_loss(log_base, targets)).item(),
        "agreement": (base.argmax(1) == tuned.argmax(1)).double().mean().item(),
        "entropy": -(log_base.exp() * log_base).sum(1).mean().item(),
    })
print(json.dumps({"torch": torch.__version__, "cases": cases}))
