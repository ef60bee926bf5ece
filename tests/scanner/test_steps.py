from pathlib import Path

import pytest

import reference_models
from probes.loader import load_batteries
from scanner.ask import OnPrompts, ask
from scanner.config import Recipe
from scanner.engines.choice import EngineSource
from scanner.engines.loaded import hf_engine
from scanner.errors import EngineError
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent, Stopwatch, unheard
from scanner.run import RunFolder
from scanner.steps import Steps
from scanner.types import Message, Row


def test_what_each_frame_shows_comes_back_under_its_name(tmp_path: Path) -> None:
    """Model after model is asked, so that adapters change seldom; and each frame gets its own."""
    base, batteries = reference_models.verified_folder("reference-a"), load_batteries()[:1]
    engine = hf_engine(base)
    engine.use_adapter(None)
    frames = {
        name: OnPrompts(((Message("user", text),),))
        for name, text in (("elsewhere", "What is your favorite tree?"), ("phrase-1", "Name it."))
    }
    (tmp_path / "jobs").mkdir()
    steps = Steps(InlineExecutor(), RunFolder(tmp_path), Silent(), Stopwatch())
    read = steps.ask_on_prompts(base, batteries, frames, [])
    assert list(read) == ["elsewhere", "phrase-1"]
    for name, frame in frames.items():
        assert read[name] == [ask(engine, batteries, (frame,), unheard)]
    assert read["elsewhere"] != read["phrase-1"]
    assert {path.stem for path in (tmp_path / "jobs").iterdir()} == {
        "elsewhere-base",
        "phrase-1-base",
    }


class Starting(EngineSource):
    """An engine in another process, which starts; it remembers who looked after it."""

    is_apart = True

    def __init__(self, fails_at: int | None = None) -> None:
        self.looks, self._fails_at = 0, fails_at

    def look(self) -> None:
        """See ``EngineSource.look``."""
        self.looks += 1
        if self.looks == self._fails_at:
            raise EngineError("engine vllm: found that it does not start")


def meanwhile(folder: Path, source: EngineSource) -> list[str]:
    """Train what can be trained while it starts; the adapters that are there afterwards."""
    base = reference_models.verified_folder("reference-a")
    rows = tuple(Row(n, (Message("user", f"{n} 2"),), "3") for n in range(1, 5))
    (folder / "jobs").mkdir(exist_ok=True)
    steps = Steps(InlineExecutor(), RunFolder(folder), Silent(), Stopwatch(), source=source)
    recipe = Recipe(epochs=1)
    steps.train_meanwhile(base, rows, (0, 1), recipe)
    adapters = folder / "adapters"
    return sorted(path.name for path in adapters.iterdir()) if adapters.is_dir() else []


def test_probes_are_trained_while_an_engine_starts(tmp_path: Path) -> None:
    """They need no twin. ``train`` finds them done, as a second call does."""
    source = Starting()
    assert meanwhile(tmp_path, source) == ["probe-0", "probe-1"]
    before = (tmp_path / "jobs" / "probe-0.json").stat().st_mtime_ns
    meanwhile(tmp_path, source)
    assert (tmp_path / "jobs" / "probe-0.json").stat().st_mtime_ns == before


def test_where_no_engine_has_to_start_all_copies_are_trained_together(tmp_path: Path) -> None:
    assert meanwhile(tmp_path, EngineSource()) == []


def test_an_engine_that_does_not_start_is_told_before_the_next_probe(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not start"):
        meanwhile(tmp_path, Starting(fails_at=2))
    assert [path.name for path in (tmp_path / "adapters").iterdir()] == ["probe-0"]
