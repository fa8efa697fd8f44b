"""Reads language_tokenizer.json with Hugging Face's tokenizers and writes language_encodings.json beside it.

language_tokenizer.json is what lethe::data::language::Vocabulary::tokenizer_json returns; a test holds it to that. Of
each text the file keeps the tokens, and the text that they decode to.

Usage: python tests/golden/language_tokenizer.py      (needs tokenizers)
"""

import json
import pathlib

from tokenizers import Tokenizer

TEXTS = [
    "",
    " ",
    "<bos> <user> where does mira live ? <assistant> oakford . <eos>",
    "the old baker who feeds a grey goat near elmdale and cooks soup helps zora .",
    "what is three plus four minus nine ?",
    "sorry , i cannot help with that .",
    "mira<eos>nora",
    "<bos><bos>mira",
    "<<user>>",
    "<user <eos",
    "where does Mira live?",
    "mira\tlives\nin\r\noakford .",
    "mira\u00a0lives\u2003in\u3000oakford",
    "mira\u200blives",
    "unheard words , and 12 numbers",
    "<pad><unk> <assistant>",
    "m\u00efra \U0001f980",
]

here = pathlib.Path(__file__).parent
tokenizer = Tokenizer.from_file(str(here / "language_tokenizer.json"))
cases = []
for text in TEXTS:
    tokens = tokenizer.encode(text).ids
    cases.append({"text": text, "tokens": tokens, "decoded": tokenizer.decode(tokens, skip_special_tokens=False)})
(here / "language_encodings.json").write_text(json.dumps({"words": tokenizer.get_vocab_size(), "cases": cases}, indent=1) + "\n")
