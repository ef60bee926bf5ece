"""A worker's view of an engine in another process."""

from functools import lru_cache
from pathlib import Path

from transformers import AutoConfig

from scanner.engines.request_engine import RequestEngine
from scanner.engines.service import EngineAt, line_to
from scanner.engines.tokenizer import load_tokenizer


@lru_cache(maxsize=1)
def remote_engine(base: Path, at: EngineAt) -> RequestEngine:
    """The engine at the other end of the line; tokens are made here."""
    config = AutoConfig.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    context = int(config.get_text_config().max_position_embeddings)
    return RequestEngine(load_tokenizer(base), context, line_to(at))
