"""The tiny Llamas of llama.py, for scripts beside it."""

import importlib.util
import pathlib

HERE = pathlib.Path(__file__).parent


def models():
    """The functions of llama.py, without its last line, by which it writes its own file."""
    text = (HERE / "llama.py").read_text().removesuffix("\nmain()\n")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("models", None))
    module.__file__ = str(HERE / "llama.py")
    exec(compile(text, module.__file__, "exec"), module.__dict__)
    return module
