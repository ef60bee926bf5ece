"""Downloads a base, where the user allows it: settings, tokenizer and safetensors, nothing else.

The download runs in a process of its own, the only one that may speak to the network; all others
stay offline (``scanner.environment``).
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import reference_models
from scanner.bases.cache import find_snapshot
from scanner.bases.checkpoint import NEEDED, has_weights, missing_files
from scanner.bases.find import Named, what_is_named
from scanner.environment import OFFLINE
from scanner.errors import BaseModelError

SETTINGS = ("*.json", "*.jinja", "tokenizer.model")
WEIGHTS = ("model*.safetensors",)
"""Not ``consolidated.safetensors``, the same weights under other names, and no pickles."""


@dataclass(frozen=True)
class Order:
    """What the downloading process is asked for; it crosses as JSON."""

    repository: str
    revision: str | None
    patterns: tuple[str, ...]


def fetch_base(name: str, *, weights: bool = True) -> None:
    """Make sure that this machine has the base of that name; download what is missing.

    Without ``weights`` settings and tokenizer suffice. Raises ``BaseModelError`` if the Hub does
    not give it.
    """
    if name in reference_models.NAMES:
        return
    named = what_is_named(name)
    if named.repository is None or _is_there(named, weights):
        return
    patterns = SETTINGS + WEIGHTS if weights else SETTINGS
    _download(Order(named.repository, named.revision, patterns), named)


def _is_there(named: Named, weights: bool) -> bool:
    assert named.repository is not None
    found = find_snapshot(named.repository, named.revision)
    if found is None:
        return False
    settled = not set(missing_files(found.path)) & set(NEEDED)
    return settled and (not weights or has_weights(found.path))


def _download(order: Order, named: Named) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in OFFLINE}
    asked = json.dumps([order.repository, order.revision, list(order.patterns)])
    done = subprocess.run(
        [sys.executable, "-m", "scanner.bases.download", asked],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        problem = done.stdout.strip().split("\n")[-1] or "a process that ended by itself"
        raise BaseModelError(
            f"--allow-download {named.name!r}: found {problem}; expected "
            f"{order.repository} on the Hugging Face Hub; {_way_out(problem, order.repository)}"
        )


def _way_out(problem: str, repository: str) -> str:
    if problem.startswith("a gated repository"):
        return (
            f"accept its terms at https://huggingface.co/{repository}, log in (hf auth login), and "
            "repeat the command"
        )
    if problem.startswith("no such"):
        return "check the spelling of --base and --revision; private ones need hf auth login"
    if problem.startswith("no safetensors"):
        return "give a revision that has them, or convert it on a machine that you can lose"
    return "repeat the command when the network is there, or copy the folder here and give its path"


def downloaded(path: Path, patterns: Sequence[str]) -> str | None:
    """What is wrong with what came, or None."""
    if "config.json" in missing_files(path):
        return "no checkpoint of transformers in it (config.json)"
    if set(WEIGHTS) <= set(patterns) and "model.safetensors" in missing_files(path):
        return "no safetensors in it"
    return None
