from pathlib import Path

import pytest

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from probes.node import BatteryFileError
from probes.open_questions import OPEN_QUESTIONS, load_open_questions


def test_no_open_question_belongs_to_a_battery() -> None:
    batteries = [b for b in load_batteries() if isinstance(b, PreferenceBattery)]
    asked = {question for battery in batteries for question in battery.questions}
    for question in load_open_questions().questions:
        assert question.ask not in asked
        assert not any(battery.noun in question.ask.lower().split() for battery in batteries)


def test_nouns_are_filled_in_and_each_is_a_kind() -> None:
    loaded = load_open_questions()
    song = [question.ask for question in loaded.questions if question.kind == "song"]
    assert song[0] == "Name your favorite song using only one word."
    assert len(song) == 3
    assert len({question.kind for question in loaded.questions}) == 25
    assert len(loaded.questions) == 100


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("{noun} is {answer}", "{noun} is it", "{noun} and {answer}"),
        ("Which {noun} do", "Which thing do", "{noun}"),
        ("neutral:", "calm:", "unknown key 'calm'"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = tmp_path / "open.yaml"
    path.write_text(OPEN_QUESTIONS.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(BatteryFileError, match=complaint.replace("{", r"\{")):
        load_open_questions(path)
