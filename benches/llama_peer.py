"""The peer of benches/llama: steps of LoRA in PEFT, timed.

Reads one JSON question per line (a config.json, the shape of a batch, rank and steps) and answers with the seconds of
the fastest step, forward, backward, clipping and AdamW, eager, f32, on as many threads as the first argument says.

Needs torch, transformers and peft; benches/README.md says how to run it.
"""

import json
import sys
import time

import torch
import transformers
from peft import LoraConfig, get_peft_model

transformers.logging.set_verbosity_error()
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def train(question):
    torch.manual_seed(0)
    config = transformers.LlamaConfig(**question["config"])
    lora = LoraConfig(task_type="CAUSAL_LM", r=question["rank"], lora_alpha=2 * question["rank"], target_modules=LINEAR)
    model = get_peft_model(transformers.LlamaForCausalLM(config), lora).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-3)
    tokens = torch.randint(config.vocab_size, (question["sequences"], question["time"]))
    fastest = float("inf")
    for _ in range(question["steps"]):
        begin = time.perf_counter()
        optimiser.zero_grad()
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        fastest = min(fastest, time.perf_counter() - begin)
    return {"seconds": fastest, "trained": sum(parameter.numel() for parameter in trained)}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(f"ready: PEFT {__import__('peft').__version__} on PyTorch {torch.__version__}", flush=True)
    for line in sys.stdin:
        print(json.dumps(train(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
