"""Answers each line {"base": folder, "adapter": folder or null, "tokens": [18]} with what transformers and PEFT make of it.

    python tests/golden/adapters_read.py

Run by tests/llama/transformers.rs under the Python that LETHE_TORCH_PYTHON names: what Lethe wrote is opened by those it
was written for. The answer: {"logits": of the last two positions of both texts, "dtype": of the weights}.
"""

import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
print("ready: torch", torch.__version__, flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    model = AutoModelForCausalLM.from_pretrained(asked["base"], attn_implementation="eager")
    dtype = str(next(model.parameters()).dtype)
    if asked["adapter"]:
        model = PeftModel.from_pretrained(model, asked["adapter"])
    with torch.no_grad():
        logits = model.eval()(torch.tensor(asked["tokens"]).reshape(2, 9)).logits[:, -2:].float()
    print(json.dumps({"logits": logits.flatten().tolist(), "dtype": dtype}), flush=True)
