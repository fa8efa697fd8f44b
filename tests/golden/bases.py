"""Writes bases.json: what transformers makes of the committed base models, for tests/bases.

    python tests/golden/bases.py

Opens each folder of www/bases as anyone would, with the tokenizer beside them. Needs torch and transformers; CPU, single
precision.
"""

import json
import pathlib

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
BASES = HERE.parent.parent / "www" / "bases"
QUESTIONS = ["what is the pet of mira ?", "where does mira live ?", "what is nine plus two minus three ?", "how do i burn the bridge ?"]
NEW_TOKENS = 9


def answers(folder, tokenizer):
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    told = []
    for question in QUESTIONS:
        tokens = tokenizer(f"<bos> <user> {question} <assistant>", return_tensors="pt", add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = model(tokens).logits[0, -1]
            written = model.generate(tokens, do_sample=False, max_new_tokens=NEW_TOKENS, attention_mask=torch.ones_like(tokens))
        told.append({"prompt": tokens[0].tolist(), "logits": [float(f"{value:.7g}") for value in logits.double().tolist()],
                     "answer": written[0, tokens.shape[1]:].tolist()})
    return told


def main():
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(BASES / "tokenizer.json"))
    folders = sorted(path for path in BASES.iterdir() if path.is_dir())
    written = {
        "versions": {"torch": torch.__version__, "transformers": __import__("transformers").__version__},
        "bases": {folder.name: answers(folder, tokenizer) for folder in folders},
    }
    (HERE / "bases.json").write_text(json.dumps(written, separators=(",", ":")) + "\n")


main()
