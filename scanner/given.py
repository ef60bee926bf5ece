"""What an audit starts from: read the data → find the base → load batteries and certificate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from probes.battery import Battery
from probes.loader import BatteryFileError, load_batteries
from probes.open_questions import OpenQuestions, load_open_questions
from scanner.bases import Base, find_base, find_folder
from scanner.bases.checkpoint import read_config
from scanner.calibration.standing import Audience, Standing, find_standing
from scanner.config import REAL, AuditSettings, Recipe
from scanner.dataset.read import read_dataset
from scanner.engines.choice import EngineChoice, EngineName, choose_engine
from scanner.engines.memory import is_small
from scanner.errors import BatteryError, EngineError
from scanner.library import arm_of
from scanner.plan.room import Room, find_room
from scanner.progress import Stopwatch
from scanner.results import versions
from scanner.types import Dataset

SHORT_MINUTES = 10
"""Of a budget that has no minute for vLLM to start, before any rate can be measured."""
SHORT_BUDGET = "the start of vllm would be a good part of so short a budget"
CAPPED = "this base caps its attention, and vllm on the CPU was found not to"
SMALL_BASE = "so small a base stays on the CPU, where its certificate was made"


@dataclass(frozen=True)
class Given:
    """What an audit starts from."""

    settings: AuditSettings
    candidate: Dataset
    base: Base
    batteries: tuple[Battery, ...]
    open_questions: OpenQuestions
    standing: Standing
    room: Room


def read_given(settings: AuditSettings, watch: Stopwatch) -> Given:
    """Everything that an audit starts from. Raises ``DatascanError``."""
    with watch.time("read"):
        candidate = read_dataset(settings.data, settings.reading)
        base = find_base(settings.base)
        batteries, open_questions = _batteries(), _open_questions()
        standing = _standing(settings, base, batteries)
        chosen = _engine(EngineName(settings.engine), base, settings.budget_minutes)
        asked = (candidate.rows, batteries, settings.recipe)
        room = find_room(base.path, *asked, chosen, settings.workers, len(settings.seeds))
        settings = replace(settings, workers=room.workers)
        return Given(settings, candidate, base, batteries, open_questions, standing, room)


def _engine(wanted: EngineName, base: Base, budget_minutes: float | None) -> EngineChoice:
    if wanted is EngineName.AUTO and is_small(base.path):
        return EngineChoice(EngineName.HF, SMALL_BASE)
    if wanted is not EngineName.HF and caps_attention(base):
        if wanted is EngineName.AUTO:
            return EngineChoice(EngineName.HF, CAPPED)
        raise EngineError(f"--engine vllm: found that {CAPPED}; expected hf; give --engine hf")
    if wanted is EngineName.AUTO and (budget_minutes or inf) < SHORT_MINUTES:
        return EngineChoice(EngineName.HF, SHORT_BUDGET)
    return choose_engine(wanted)


def caps_attention(base: Base) -> bool:
    """Gemma 2 does."""
    config = read_config(base.id, base.path)
    return config.get("attn_logit_softcapping") is not None


def usual_recipe(base: str) -> Recipe:
    """What suits a base: the reference models' own recipe, or the published one for real ones.

    Raises ``BaseModelError`` if there is no such base.
    """
    return Recipe() if is_small(find_folder(base)) else REAL


def _batteries() -> tuple[Battery, ...]:
    try:
        return load_batteries()
    except BatteryFileError as error:
        raise BatteryError(f"{error}; mend the file or install the package again") from error


def _open_questions() -> OpenQuestions:
    try:
        return load_open_questions()
    except BatteryFileError as error:
        raise BatteryError(f"{error}; mend the file or install the package again") from error


def standing_of(settings: AuditSettings) -> Standing:
    """The certificate that an audit with these settings would stand on, or why there is none."""
    return _standing(settings, find_base(settings.base), _batteries())


def _standing(settings: AuditSettings, base: Base, batteries: Sequence[Battery]) -> Standing:
    audience = Audience(
        base.revision,
        settings.recipe.as_dict(),
        {battery.id: battery.sha256 for battery in batteries},
        len(settings.seeds),
        arm_of(base),
    )
    return find_standing(audience, settings.calibration, (settings.calibrations,))


def decisive(given: Given) -> dict[str, object]:
    """Everything that decides the outcome; its digest names the run."""
    return {
        "rows": given.candidate.rows_sha256,
        "base": given.base.revision,
        "batteries": [battery.sha256 for battery in given.batteries],
        "open_questions": given.open_questions.sha256,
        "engine": given.room.engine.name.value,
        "gpu": given.room.gpu,
        "versions": versions(),
        **given.settings.decisive(),
    }
