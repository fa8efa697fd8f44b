"""Writes texts.json: what transformers makes of texts and conversations, for tests/texts.

    python tests/golden/texts.py

Two small BPEs are trained here, built as those of Llama 2 (Metaspace, bytes for what is unknown) and of Llama 3 (bytes,
split by a regular expression). Texts are drawn by a fixed seed. Needs transformers and tokenizers.
"""

import datetime
import json
import pathlib
import random
import tempfile

import jinja2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer
from transformers.utils import chat_template_utils

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 3, 7, 18, 5, 9)
CORPUS = [
    "The river was calm in the morning and the boats went out early.",
    "She said that nobody would forget the rain of that winter, and they didn't.",
    "Networks forget old tasks when they are trained on new ones; replay helps.",
    "In 1998 there were 12345 houses, 678 barns and 90 mills in the valley.",
    "Größe, Straße, naïve café, señor, brûlée, Ångström, Łódź.",
    "def add(a, b):\n    return a + b\n\n\nprint(add(1, 2))\t# three",
    "我们今天去公园。 これはペンです。 Привет, мир! Γειά σου Κόσμε",
] * 4
LLAMA_3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA_3_TOKENS = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]

BRACKETS = """{% if messages[0]['role'] == 'system' -%}
    {% set rest = messages[1:] %}{% set system = messages[0]['content'] %}
{%- else %}
    {%- set rest = messages %}{% set system = false %}
{%- endif %}
{%- for turn in rest %}
    {%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('user and assistant take turns') }}
    {%- endif %}
    {%- if loop.first and system != false %}
        {%- set content = '<<SYS>>\\n' ~ system ~ '\\n<</SYS>>\\n\\n' ~ turn['content'] %}
    {%- else %}
        {%- set content = turn['content'] %}
    {%- endif %}
    {%- if turn['role'] == 'user' %}
        {{- bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
    {%- elif turn['role'] == 'assistant' %}
        {{- ' ' + content.strip() + ' ' + eos_token }}
    {%- endif %}
{%- endfor %}"""
HEADERS = """{{ bos_token }}
{%- set day = date if date is defined else strftime_now("%d %b %Y") %}
{%- set seen = namespace(system=false) %}
{% for message in messages %}
    {%- if message.role == "system" %}
        {%- set seen.system = true %}
    {% endif %}
    {{- "<|start_header_id|>" + message["role"] + "<|end_header_id|>\\n\\n" }}
    {% if loop.first and message.role == "system" %}
{{ "Today: " + day }}

    {% endif %}
    {{- message["content"] | trim + "<|eot_id|>" }}
{% endfor %}
{%- if not seen.system and tools is none %}{# nobody spoke for the system #}(no system){% endif %}
{%- if add_generation_prompt %}
    {{- "<|start_header_id|>assistant<|end_header_id|>\\n\\n" }}
{%- endif %}
"""
JSON_LINES = """{%- for message in messages if message.content %}
    {%- if loop.index > 4 %}{% break %}{% endif %}
    {%- generation %}{{ message | tojson }}{% endgeneration %}
{{ message.content.split('\\n') | length }} {{ message.role.upper() }} {# what is short #}{{ message.content[:5]
    | tojson(ensure_ascii=true) }}
{{ [message.role, 1, none, true] | tojson(indent=2) }}{{ true }} {{ none }} {{ 'a' in message.content }}
{% endfor -%}\r\n{{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %j %y %I %p %%') }}
"""

CONVERSATIONS = [
    [("user", "Who was here?")],
    [("user", "  Who was here?\n"), ("assistant", "\tNobody. "), ("user", "Sure?\x1c\u3000")],
    [("system", "Answer briefly."), ("user", "\x1f\x85 Who?\u200b"), ("assistant", "I.")],
    [("system", ""), ("user", "")],
    [("user", "One."), ("user", "Two.")],
    [("assistant", "I begin.")],
    [("system", "\nTwo\nlines "), ("user", "\"Quotes\", <tags> & 'more' \\ \u00e9 \U0001f600 {{ 7 * 7 }} {% if %}")],
    [("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"), ("user", "e"), ("assistant", "f")],
]


def like_llama_2():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=tokens, limit_alphabet=70, show_progress=False)
    tokenizer.train_from_iterator(CORPUS[:-1], trainer)
    tokenizer = json.loads(tokenizer.to_str())
    tokenizer["added_tokens"] = tokenizer["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer))
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


def like_llama_2_now():
    tokenizer = like_llama_2()
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    return tokenizer


def like_llama_3():
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA_3_SPLIT), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    trainer = trainers.BpeTrainer(
        vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in LLAMA_3_TOKENS])
    tokenizer.decoder = decoders.ByteLevel()
    begin = tokenizer.token_to_id(LLAMA_3_TOKENS[0])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|> $B",
                                      special_tokens=[("<|begin_of_text|>", begin)])])
    return tokenizer


PIECES = [
    "the", "river", " ", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", "\r", "\x00", "\x01", "\x1b", "\x7f",
    "\x85", "\u00a0", "\u200b", "\u200d", "\u3000", "\ufeff", "e\u0301", "\u00e9", "\U0001f469\u200d\U0001f4bb",
    "\U0001f600", "我们", "ひ", "Привет", "שלום", "مرحبا", "▁", "Ġ", "Ċ", "12345", "7", "٣", "½", "don't", "I'LL",
    "'s", "...", "#!", "_", "<unk>", "<s>", "</s>", "<s", "< s>", "<|eot_id|>", "<|begin_of_text|>", "<|eot",
    "|>", "<0x41>", "[INST]", "\ufffd", "\u0000", "Straße", "İ", "ﬁ", "𝒳", "\u0378", "\U0010ffff", "x" * 30,
    "forget", "Networks", ",",
]


def fuzzed(count):
    draw = random.Random(7)
    texts = ["", " ", "\n", "Hello", " Hello", "Hello ", "<s>", "<s>Hello", "Hello</s>", "<s> <s>", CORPUS[1]]
    return texts + ["".join(draw.choices(PIECES, k=draw.randint(1, 12))) for _ in range(count)]


def chats(tokenizer):
    class Now(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    chat_template_utils.datetime = Now
    found = []
    for turns in CONVERSATIONS:
        for follows in [False, True]:
            messages = [{"role": role, "content": text} for role, text in turns]
            try:
                text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=follows)
                tokens = tokenizer.encode(text, add_special_tokens=False)
                found.append({"turns": turns, "answer_follows": follows, "text": text, "tokens": tokens})
            except jinja2.TemplateError as error:
                found.append({"turns": turns, "answer_follows": follows, "error": str(error)})
    return found


ALPACA = {
    True: "Below is an instruction that describes a task, paired with an input that provides further context. Write a "
          "response that appropriately completes the request.\n\n### Instruction:\n{instruction}\n\n### Input:\n{input}"
          "\n\n### Response:",
    False: "Below is an instruction that describes a task. Write a response that appropriately completes the request."
           "\n\n### Instruction:\n{instruction}\n\n### Response:",
}
RECORDS = [
    {"instruction": "Name a river.", "input": "", "output": "The Rhine."},
    {"instruction": "Add.\n", "input": "12345 and 7", "output": " 12352"},
    {"instruction": "我们?", "input": "\ttabs ", "output": "\n\nGröße…\n"},
    {"instruction": "Say nothing.", "input": "", "output": ""},
    {"instruction": "Write </s> or <|eot_id|>.", "input": "<s>", "output": "<s></s>"},
]


def alpaca(tokenizer):
    """Tokens and labels by Stanford Alpaca's rule: those of the whole, without as many as the prompt alone has."""
    found = []
    for record in RECORDS:
        prompt = ALPACA[record["input"] != ""].format_map(record)
        tokens = tokenizer.encode(prompt + record["output"] + tokenizer.eos_token)
        found.append({"record": record, "prompt": prompt, "tokens": tokens, "read": len(tokenizer.encode(prompt))})
    return found


def case(name, tokenizer, settings, template=None, others=None):
    """What transformers makes of a folder with these files; a template that is a text is a file of its own."""
    files = {"tokenizer.json": json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", **settings}
    if isinstance(template, list):
        settings["chat_template"] = template
    elif template is not None:
        files["chat_template.jinja"] = template
    files["tokenizer_config.json"] = json.dumps(settings)
    files.update({name: json.dumps(value) for name, value in (others or {}).items()})
    with tempfile.TemporaryDirectory() as folder:
        for name_of_file, text in files.items():
            (pathlib.Path(folder) / name_of_file).write_bytes(text.encode())
        read = AutoTokenizer.from_pretrained(folder)
    assert read.is_fast
    draw = random.Random(11)
    texts = []
    for text in fuzzed(60):
        plain = read.encode(text, add_special_tokens=False)
        special = read.encode(text, add_special_tokens=True)
        texts.append({"text": text, "plain": plain, "special": special,
                      "decoded": read.decode(special, skip_special_tokens=True)})
    decoded = []
    for _ in range(40):
        tokens = [draw.randrange(len(read)) for _ in range(draw.randint(1, 9))]
        decoded.append({"tokens": tokens, "decoded": read.decode(tokens, skip_special_tokens=True)})
    return {"name": name, "files": files, "vocabulary": len(read), "bos": read.bos_token_id, "eos": read.eos_token_id,
            "texts": texts, "decoded": decoded, "chats": chats(read) if template else [],
            "alpaca": alpaca(read)}


def main():
    llama_2 = {"bos_token": {"__type": "AddedToken", "content": "<s>"}, "eos_token": "</s>", "unk_token": "<unk>"}
    llama_3 = {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "clean_up_tokenization_spaces": True}
    flags = {"add_bos_token": True, "add_eos_token": True}
    named = [{"name": "tool_use", "template": "{{ raise_exception('no') }}"}, {"name": "default", "template": BRACKETS}]
    last, first = like_llama_3().token_to_id("<|end_of_text|>"), like_llama_3().token_to_id("<|begin_of_text|>")
    cases = [
        case("llama 2", like_llama_2(), {**llama_2, "add_bos_token": True, "add_eos_token": False}, named),
        case("llama 2 now", like_llama_2_now(), {**llama_2, **flags}, JSON_LINES),
        case("llama 3", like_llama_3(), llama_3, HEADERS,
             {"generation_config.json": {"bos_token_id": first, "eos_token_id": [last, last + 3]}}),
    ]
    millis = int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp()) * 1000
    golden = {"millis": millis, "cases": cases}
    (HERE / "texts.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")


main()
