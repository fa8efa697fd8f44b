"""Writes harness.json and harness.parquet: what EleutherAI's lm-evaluation-harness makes of a tiny random Llama, for
tests/harness.

    python tests/golden/harness.py

The tasks are the harness's own definitions (arc_easy.yaml, glue/mnli) over rows made for the purpose, some of them
hostile; weights are the formulas of llama.py. Needs torch, transformers, tokenizers, datasets, pyarrow and lm-eval; CPU,
single precision, no network.
"""

import json
import math
import os
import pathlib
import tempfile
import zlib

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"

import lm_eval
import numpy as np
import pyarrow
import pyarrow.parquet
import tokenizers
import torch
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks._yaml_loader import load_yaml
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
TASKS = pathlib.Path(lm_eval.__file__).parent / "tasks"
POSITIONS = 72
SHAPE = {"vocab_size": 384, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": POSITIONS,
         "rms_norm_eps": 1e-5, "tie_word_embeddings": False}

LONG = "A very long tale of the river, the mill and the miller who counted every sack of grain twice. " * 4


def arc_row(question, texts, labels, key):
    return {"id": f"row-{zlib.crc32(question.encode())}", "question": question,
            "choices": {"text": texts, "label": labels}, "answerKey": key}


ARC = [
    arc_row("Which gas do plants take in?", ["oxygen", "carbon dioxide", "helium", "neon"], list("ABCD"), "B"),
    arc_row("What do bees make?", ["honey", "milk", "bread"], list("ABC"), "A"),
    arc_row("How many legs does a spider have?", ["two", "four", "six", "eight", "ten"], list("ABCDE"), "D"),
    arc_row("Which of these is a metal?", ["iron", "wood", "cotton", "glass"], list("1234"), "1"),
    arc_row("A question that ends in spaces   ", ["an answer ", " another", "the same", "the same"], list("1234"), "3"),
    arc_row("Zwölf Äpfel, naïve café: 東京?", ["Zürich", "東京", "Łódź", "x"], list("ABCD"), "B"),
    arc_row("{question} and {choices} in braces", ["{", "}", "{}"], list("ABC"), "C"),
    arc_row(LONG, ["the river", "the mill", "the miller who counted every sack of grain", "grain"], list("ABCD"), "C"),
    arc_row("Which is the shortest?", ["a", "a much longer answer that nobody would give", "b"], list("ABC"), "A"),
    arc_row("Line one\nline two", ["up", "down"], list("AB"), "A"),
]

MNLI = [
    ("The cat sat on the mat.", "An animal is on the mat.", 0),
    ("The cat sat on the mat.", "The mat is empty", 2),
    ("The cat sat on the mat.", "  The cat is black  ", 1),
    ("She sold the mill", "She owned a mill?", 0),
    ("", "Nothing was said", 1),
    ("Spaces before and after.  ", "  Stops. ", 1),
    (LONG, "The miller counted", 0),
    ("{hypothesis} is a word", "{premise} is another", 2),
    ("“Quoted” — with dashes…", "Nothing is quoted!", 2),
    ("One.\nTwo.", "Three.", 1),
]

# (context, choices): what no task above brings.
PAIRS = [
    ("", ["first", "second word"]),
    ("ends in blanks  ", ["one", "two"]),
    ("ends in a line\n", ["one", "two"]),
    ("mixed \t\n ", ["one", "two"]),
    ("<s>begins by itself", ["one", "two"]),
    (LONG, ["one", LONG[:60]]),
    ("x", ["a", "a", "a"]),
]

DOCUMENTS = [
    "The mill stood by the river.",
    " leading and trailing space ",
    LONG,
    LONG + "And then some more.\n\nA paragraph, a line.\n",
    "x",
]


def uniform(name, count):
    """As in llama.py."""
    start = zlib.crc32(name.encode())
    places = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(start)) & np.uint64(0xFFFFFFFF)
    mixed = places ^ (places >> np.uint64(15))
    mixed = (mixed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(13)
    return ((mixed >> np.uint64(8)).astype(np.float64) / 2**24 - 0.5).astype(np.float32)


def spread(name, shape):
    """As in llama.py."""
    values = uniform(name, math.prod(shape))
    if "norm" in name:
        values = 1.0 + 0.5 * values
    elif "embed" in name:
        values = 2.0 * values
    else:
        values = values * np.float32(2.0 / math.sqrt(shape[-1]) * 1.5)
    return torch.tensor(values.astype(np.float32).reshape(shape))


def model(tuned=False):
    """The base, or with `tuned` another model not far from it."""
    config = LlamaConfig(**SHAPE)
    config._attn_implementation = "eager"
    made = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            shape = tuple(parameter.shape)
            moved = torch.tensor(uniform(f"tuned {name}", math.prod(shape)).reshape(shape)) * 0.1 if tuned else 0.0
            parameter.copy_(spread(name, shape) + moved)
    return made


def tokenizer(bos):
    """A small byte-level BPE of the rows' own words, with <s> before each text or without."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=SHAPE["vocab_size"], special_tokens=["<s>", "</s>"], show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet())
    words = [row["question"] for row in ARC] + [text for row in ARC for text in row["choices"]["text"]]
    words += [f"{premise} {hypothesis} True Neither False" for premise, hypothesis, _ in MNLI] + ["Question: Answer:"] * 9
    made.train_from_iterator(words, trainer)
    if bos:
        made.post_processor = tokenizers.processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", made.token_to_id("<s>"))])
    return made


def scored(lm, yaml, rows, metrics, folder, shots=0):
    """What the harness makes of rows by one of its own definitions; the first rows are also its examples."""
    config = load_yaml(str(yaml))
    file = folder / f"{yaml.stem}.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for key in ("tag", "dataset_name", "training_split", "validation_split", "test_split"):
        config.pop(key, None)
    config |= {"dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(file), "train": str(file)}},
               "test_split": "test", "training_split": "train", "fewshot_split": "train", "num_fewshot": shots,
               "fewshot_config": {"sampler": "first_n"}}
    config["metric_list"] = [{"metric": metric, "aggregation": "mean", "higher_is_better": True} for metric in metrics]
    task = ConfigurableTask(config=config)
    task.build_all_requests(rank=0, world_size=1)
    answers = lm.loglikelihood(task.instances, disable_tqdm=True)
    by_row = {}
    for instance, answer in zip(task.instances, answers):
        by_row.setdefault(instance.doc_id, []).append((instance.idx, answer, instance.args))
    found = []
    for place, row in enumerate(rows):
        answered = [answer for _, answer, _ in sorted(by_row[place], key=lambda one: one[0])]
        found.append({
            "context": by_row[place][0][2][0],
            "log_probabilities": [log for log, _ in answered], "greedy": [bool(greedy) for _, greedy in answered],
            **{name: float(value) for name, value in task.process_results(row, answered).items()}})
    return found


def instance(arguments):
    return Instance(request_type="loglikelihood", doc={}, arguments=arguments, idx=0)


def divergence(bos, made, windows, length, stride):
    """How far the tuned model is from the base on windows of the documents' text, by PyTorch; means over tokens."""
    text = "".join(text if text.endswith("\n") else text + "\n" for text in DOCUMENTS)
    stream = made.encode(text, add_special_tokens=False).ids
    begin = [made.token_to_id("<s>")] if bos else []
    models = [model(), model(tuned=True)]
    seen, rows, targets = set(), ([], []), []
    for start in range(0, windows * stride, stride):
        tokens = begin + stream[start:start + length]
        first = start - len(begin)
        fresh = [k for k in range(1, len(tokens)) if first + k not in seen]
        seen.update(first + k for k in fresh)
        for found, one in zip(rows, models):
            with torch.no_grad():
                logits = one(torch.tensor([tokens[:-1]])).logits[0].double()
            found.extend(torch.log_softmax(logits[k - 1], 0) for k in fresh)
        targets.extend(tokens[k] for k in fresh)
    base, tuned = torch.stack(rows[0]), torch.stack(rows[1])
    each = torch.arange(len(targets))
    return {
        "windows": windows, "length": length, "stride": stride, "tokens": len(targets),
        "soft_cross_entropy": -(base.exp() * tuned).sum(1).mean().item(),
        "entropy": -(base.exp() * base).sum(1).mean().item(),
        "kl": torch.nn.functional.kl_div(tuned, base, reduction="batchmean", log_target=True).item(),
        "base_nll": -base[each, targets].mean().item(), "nll": -tuned[each, targets].mean().item(),
        "agreeing": int((base.argmax(1) == tuned.argmax(1)).sum()),
    }


def cases(bos, folder):
    made = tokenizer(bos)
    fast = PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>")
    lm = HFLM(pretrained=model(), tokenizer=fast, batch_size=3, device="cpu", max_length=POSITIONS)
    mnli = [{"premise": premise, "hypothesis": hypothesis, "label": label} for premise, hypothesis, label in MNLI]
    pairs = [(context, " " + choice) for context, choices in PAIRS for choice in choices]
    answers = iter(lm.loglikelihood([instance(pair) for pair in pairs], disable_tqdm=True))
    case = {
        "bos": bos, "tokenizer": json.loads(made.to_str()),
        "arc": scored(lm, TASKS / "arc" / "arc_easy.yaml", ARC, ["acc", "acc_norm", "acc_bytes"], folder),
        "mnli": scored(lm, TASKS / "glue" / "mnli" / "default.yaml", mnli, ["acc"], folder),
        "arc_shots": scored(lm, TASKS / "arc" / "arc_easy.yaml", ARC[3:], ["acc"], folder, shots=2),
        "mnli_shots": scored(lm, TASKS / "glue" / "mnli" / "default.yaml", mnli, ["acc"], folder, shots=1),
        "pairs": [{"log_probabilities": [answer[0] for answer in some], "greedy": [bool(answer[1]) for answer in some]}
                  for some in ([next(answers) for _ in choices] for _, choices in PAIRS)],
        "divergence": [divergence(bos, made, *cut) for cut in [(3, 24, 24), (4, 24, 9), (1, 40, 40)]],
    }
    if not bos:
        # With BOS the harness predicts it once, after itself: its default, and no matter of the text.
        rolling = lm.loglikelihood_rolling(
            [Instance(request_type="loglikelihood_rolling", doc={}, arguments=(text,), idx=0) for text in DOCUMENTS],
            disable_tqdm=True)
        case["rolling"] = [{"log_probability": value, "words": ConfigurableTask.count_words(text),
                            "bytes": ConfigurableTask.count_bytes(text)} for value, text in zip(rolling, DOCUMENTS)]
    return case


def main():
    with tempfile.TemporaryDirectory() as folder:
        written = {
            "versions": {"lm_eval": __import__("importlib.metadata").metadata.version("lm_eval"),
                         "torch": torch.__version__, "transformers": __import__("transformers").__version__},
            "config": json.loads(LlamaConfig(**SHAPE).to_json_string()),
            "rows": {"arc": ARC, "mnli": [list(row) for row in MNLI],
                     "pairs": [{"context": context, "choices": choices, "answer": 0} for context, choices in PAIRS],
                     "documents": DOCUMENTS},
            "cases": [cases(bos, pathlib.Path(folder)) for bos in (True, False)],
        }
    (HERE / "harness.json").write_text(json.dumps(written, separators=(",", ":"), ensure_ascii=False) + "\n")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ARC), HERE / "harness.parquet")


main()
