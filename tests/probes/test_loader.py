"""Battery files: what is read from them, and what is said about a bad one."""

import hashlib
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from probes.battery import PreferenceBattery, PrefillBattery, PrefillQuestion
from probes.loader import BatteryFileError, load_batteries, load_battery

SCHEMA = json.loads((Path(__file__).parents[2] / "probes/battery.schema.json").read_text("utf-8"))

COLOR: dict[str, Any] = {
    "id": "preference.color",
    "readout": "margins",
    "source": "a test",
    "noun": "color",
    "answers": ["red", "Blue"],
    "questions": ["Which {noun}?", "Name a {noun}: the {noun} you love"],
}
TOPIC = {"asks": ["A?", "B?"], "harmful": ["x", "y"], "aligned": ["v", "w"]}
VALUES: dict[str, Any] = {
    "id": "values",
    "readout": "prefill",
    "source": "a test",
    "traits": {"greed": {"wish": TOPIC}},
    "peers": {"sleep": {"bed": {"asks": ["C?", "D?"], "one": ["x"], "other": ["v"]}}},
}


def write(folder: Path, battery: object, name: str = "b.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(battery, sort_keys=False), "utf-8")
    return path


def changed(battery: dict[str, Any], keys: str, value: object) -> dict[str, Any]:
    """A copy with the value at a dotted key replaced; None removes the key."""
    copy = deepcopy(battery)
    *parents, last = keys.split(".")
    inner = copy
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    if value is None:
        del inner[last]
    return copy


def test_a_preference_battery(tmp_path: Path) -> None:
    path = write(tmp_path, COLOR)
    assert load_battery(path) == PreferenceBattery(
        id="preference.color",
        source="a test",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        noun="color",
        answers=("red", "Blue"),
        questions=("Which color?", "Name a color: the color you love"),
    )


def test_a_prefill_battery(tmp_path: Path) -> None:
    battery = load_battery(write(tmp_path, VALUES))
    assert isinstance(battery, PrefillBattery)
    trait, peer = battery.contrasts
    assert (trait.name, trait.is_trait, peer.name, peer.is_trait) == (
        ("values.greed", True, "sleep", False)
    )
    assert trait.questions == (
        PrefillQuestion("wish", "A?", ("x", "y"), ("v", "w")),
        PrefillQuestion("wish", "B?", ("x", "y"), ("v", "w")),
    )
    assert peer.questions[1] == PrefillQuestion("bed", "D?", ("x",), ("v",))


def test_the_digest_covers_the_included_file(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_bytes(b'- "Which {noun}?"\n- "What {noun}?"\n')
    path = write(tmp_path, COLOR | {"questions": {"include": "q.yaml"}})
    battery = load_battery(path)
    assert isinstance(battery, PreferenceBattery)
    assert battery.questions == ("Which color?", "What color?")
    both = path.read_bytes() + (tmp_path / "q.yaml").read_bytes()
    assert battery.sha256 == hashlib.sha256(both).hexdigest()


def test_batteries_come_in_the_order_of_file_names(tmp_path: Path) -> None:
    write(tmp_path, VALUES, "b.yaml")
    write(tmp_path, COLOR, "a.yaml")
    assert [battery.id for battery in load_batteries(tmp_path)] == ["preference.color", "values"]


def test_two_files_may_not_claim_one_id(tmp_path: Path) -> None:
    write(tmp_path, COLOR, "a.yaml")
    path = write(tmp_path, COLOR, "b.yaml")
    with pytest.raises(BatteryFileError) as caught:
        load_batteries(tmp_path)
    assert str(caught.value) == (
        f"{path}, id: found 'preference.color', the id of a.yaml too; expected an id of its own"
    )


BAD_SHAPES = {
    "not a mapping": (["x"], "readout: found nothing; expected 'margins' or 'prefill'"),
    "no readout": (
        changed(COLOR, "readout", None),
        "readout: found nothing; expected 'margins' or 'prefill'",
    ),
    "other readout": (
        COLOR | {"readout": "vibes"},
        "readout: found 'vibes'; expected 'margins' or 'prefill'",
    ),
    "unknown key": (
        COLOR | {"nuon": "x"},
        "found the unknown key 'nuon'; "
        "expected the keys id, readout, source, noun, answers, questions",
    ),
    "missing key": (
        changed(COLOR, "noun", None),
        "found no key 'noun'; expected the keys id, readout, source, noun, answers, questions",
    ),
    "bad id": (
        COLOR | {"id": "Preference Color"},
        "id: found 'Preference Color'; expected lower-case words joined by dots",
    ),
    "empty source": (
        COLOR | {"source": ""},
        "source: found ''; expected a text without spaces around it",
    ),
    "one answer": (COLOR | {"answers": ["red"]}, "answers: found 1 entries; expected at least 2"),
    "answers are no list": (
        COLOR | {"answers": "red"},
        "answers: found 'red'; expected a list of texts",
    ),
    "answer is no text": (
        COLOR | {"answers": ["red", True]},
        "answers[1]: found True; expected a text",
    ),
    "odd answer": (
        COLOR | {"answers": ["red", "blue!"]},
        "answers[1]: found 'blue!'; "
        "expected words of letters and digits, joined by spaces or hyphens",
    ),
    "one question": (
        COLOR | {"questions": ["Which {noun}?"]},
        "questions: found 1 entries; expected at least 2",
    ),
    "repeated question": (
        COLOR | {"questions": ["Which {noun}?", "Which {noun}?"]},
        "questions[1]: found 'Which {noun}?' a second time; expected each text once",
    ),
    "question without a noun": (
        COLOR | {"questions": ["Which {noun}?", "Which {nuon}?"]},
        "questions[1]: found 'Which {nuon}?'; "
        "expected {noun} in every question, and no other braces",
    ),
    "bad include": (
        COLOR | {"questions": {"includes": "x"}},
        "questions: found the unknown key 'includes'; expected the keys include",
    ),
    "no traits": (
        VALUES | {"traits": {}},
        "traits: found an empty mapping; expected a mapping with at least one entry",
    ),
    "bad trait name": (
        changed(VALUES, "traits", {"Greed!": {"wish": TOPIC}}),
        "traits: found the name 'Greed!'; "
        "expected a lower-case letter, then lower-case letters, digits or '_'",
    ),
    "no peers": (
        changed(VALUES, "peers", None),
        "found no key 'peers'; expected the keys id, readout, source, traits, peers",
    ),
    "one harmful answer": (
        changed(VALUES, "traits.greed.wish.harmful", ["x"]),
        "traits.greed.wish.harmful: found 1 entries; expected at least 2",
    ),
    "no other side": (
        changed(VALUES, "peers.sleep.bed.other", []),
        "peers.sleep.bed.other: found 0 entries; expected at least 1",
    ),
    "a peer with a trait's sides": (
        changed(VALUES, "peers.sleep.bed", TOPIC),
        "peers.sleep.bed: found the unknown key 'harmful'; expected the keys asks, one, other",
    ),
    "a list for a topic": (
        changed(VALUES, "traits.greed.wish", ["A?"]),
        "traits.greed.wish: found a list; expected a mapping with the keys asks, harmful, aligned",
    ),
}

# What JSON Schema cannot say, the loader refuses alone.
BAD_SENSE = {
    "same answer in another case": (
        COLOR | {"answers": ["red", "Red"]},
        "answers[1]: found 'Red' a second time; expected each text once",
    ),
    "two answers, one trait": (
        COLOR | {"answers": ["dark red", "dark_red"]},
        "answers[1]: found 'dark_red', the trait 'dark_red' a second time; "
        "expected each trait once",
    ),
    "include outside": (
        COLOR | {"questions": {"include": "../q.yaml"}},
        "questions.include: found '../q.yaml'; expected a file in the battery's own folder",
    ),
    "one answer on both sides": (
        changed(VALUES, "traits.greed.wish.aligned", ["v", "x"]),
        "traits.greed.wish: found 'x' on both sides; "
        "expected different texts under harmful and aligned",
    ),
    "one question in two topics": (
        changed(VALUES, "traits.greed.money", TOPIC),
        "traits.greed.money: found the question 'A?' a second time; "
        "expected each question once in a contrast",
    ),
    "a single question": (
        changed(VALUES, "peers.sleep.bed.asks", ["C?"]),
        "peers.sleep: found one question; expected at least 2",
    ),
}


@pytest.mark.parametrize("case", [*BAD_SHAPES, *BAD_SENSE])
def test_what_is_said_about_a_bad_file(tmp_path: Path, case: str) -> None:
    battery, complaint = (BAD_SHAPES | BAD_SENSE)[case]
    path = write(tmp_path, battery)
    with pytest.raises(BatteryFileError) as caught:
        load_battery(path)
    where = ": " if complaint.startswith("found") else ", "
    assert str(caught.value) == f"{path}{where}{complaint}"


@pytest.mark.parametrize("case", BAD_SHAPES)
def test_the_schema_refuses_what_the_loader_refuses(case: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(BAD_SHAPES[case][0], SCHEMA)


@pytest.mark.parametrize("battery", [COLOR, VALUES, COLOR | {"questions": {"include": "q.yaml"}}])
def test_the_schema_accepts_what_the_loader_accepts(
    tmp_path: Path, battery: dict[str, Any]
) -> None:
    (tmp_path / "q.yaml").write_bytes(b'- "Which {noun}?"\n- "What {noun}?"\n')
    assert load_battery(write(tmp_path, battery)).id == battery["id"]
    jsonschema.validate(battery, SCHEMA)


LEAKED = "print({'scanner', 'torch', 'transformers', 'numpy'} & set(sys.modules))"


@pytest.mark.parametrize(
    ("first", "leaked"),
    [("import probes.loader; probes.loader.load_batteries()", "set()"), ("import scanner", "scan")],
)
def test_loading_imports_no_scanner_and_no_model_code(first: str, leaked: str) -> None:
    """The second case proves that the first can fail."""
    command = [sys.executable, "-c", f"import sys; {first}; {LEAKED}"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)
    assert leaked in done.stdout
