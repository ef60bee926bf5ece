from pathlib import Path

from probes.loader import load_batteries
from probes.open_questions import load_open_questions
from scanner.engines.choice import EngineSource
from scanner.engines.service import EngineFacts
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent, Stopwatch
from scanner.run import RunFolder
from scanner.steps import Steps


class Elsewhere(EngineSource):
    """An engine in another process, which shows no states."""

    def facts(self) -> EngineFacts:
        """See ``EngineSource.facts``."""
        return EngineFacts("vllm", "0", "cuda", "bfloat16")


def test_with_an_engine_that_shows_no_states_nothing_is_looked_at(tmp_path: Path) -> None:
    """The folders hold no model: whoever opened one would fail."""
    folder = RunFolder(tmp_path)
    (tmp_path / "jobs").mkdir()
    steps = Steps(InlineExecutor(), folder, Silent(), Stopwatch(), source=Elsewhere())
    adapters = [tmp_path / "control-0", tmp_path / "probe-0"]
    looked = steps.look(tmp_path, load_batteries(), load_open_questions(), adapters)
    for arm in (looked.discovery, looked.activation):
        assert arm.found is None
        assert arm.seconds == 0
        assert arm.unmeasured == "vllm does not show a model's states; audit with --engine hf"
