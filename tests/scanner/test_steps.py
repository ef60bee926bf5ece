from pathlib import Path

import reference_models
from probes.loader import load_batteries
from scanner.ask import OnPrompts, ask
from scanner.engines.hf import hf_engine
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent, Stopwatch, unheard
from scanner.run import RunFolder
from scanner.steps import Steps
from scanner.types import Message


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
