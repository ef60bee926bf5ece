"""The published schemas say what the models say, and the list of batteries what they hold."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from probes.loader import load_batteries
from scanner.gate.schemas import FOLDER, MODELS, schema_text, shipped_text
from scanner.gate.shipped import FILE, shipped_traits

EXAMPLES = Path(__file__).parents[3] / "examples" / "policies"


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("name", MODELS)
def test_the_files_are_the_models(name: str) -> None:
    written = (FOLDER / name).read_text("utf-8")
    assert written == schema_text(MODELS[name]), "run python -m scanner.gate.schemas"
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_the_batteries_are_those_that_ship() -> None:
    assert FILE.read_text("utf-8") == shipped_text(), "run python -m scanner.gate.schemas"
    batteries = load_batteries()
    assert tuple(shipped_traits().items()) == tuple((one.id, one.traits) for one in batteries)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_are_valid(path: Path) -> None:
    text = path.read_text("utf-8")
    [name] = [name for name in MODELS if name in text]
    assert text.startswith(f"# yaml-language-server: $schema=../../scanner/gate/{name}\n")
    values = json.loads(json.dumps(yaml.safe_load(text), default=str))
    jsonschema.validate(values, schema(name))


def test_an_unknown_key_is_invalid() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 1, "fail_om": "high"}, schema("policy.schema.json"))


def objects_of(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [one for part in inner for one in objects_of(part)]
    return [*found, value] if isinstance(value, dict) and "properties" in value else found


@pytest.mark.parametrize("name", MODELS)
def test_every_key_is_described_and_no_other_allowed(name: str) -> None:
    for part in objects_of(schema(name)):
        assert part["additionalProperties"] is False
        for key, entry in part["properties"].items():
            assert entry.get("description"), key
