"""What the gate ships as JSON and can be made anew from the code: schemas, and the batteries' list.

The schemas of the policy and of the ignore file are for editors and other tools.

python -m scanner.gate.schemas      writes all of it, after a change to the models or a battery
"""

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

from probes.loader import load_batteries
from scanner.gate import shipped
from scanner.gate.policy import AllowedBase, LeastPower, Policy, Thresholds, TraitRule
from scanner.gate.suppressions import Suppression, SuppressionFile
from scanner.gate.yaml_file import Closed

FOLDER = Path(__file__).parent
MODELS: Mapping[str, type[Closed]] = {
    "policy.schema.json": Policy,
    "ignore.schema.json": SuppressionFile,
}
"""File name → what it describes."""
PARTS = (AllowedBase, LeastPower, Suppression, Thresholds, TraitRule)
"""What the models are made of."""


def schema_text(model: type[Closed]) -> str:
    """A model's schema, as it stands in its file; each key has the words below its attribute."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
    definitions = schema.get("$defs", {})
    described = ((schema, model), *((definitions.get(part.__name__), part) for part in PARTS))
    for place, part in described:
        for key, words in _attribute_docstrings(part) if place else ():
            place["properties"][key]["description"] = words
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def shipped_text() -> str:
    """The batteries that ship and their traits, as they stand in ``shipped.json``."""
    traits = {battery.id: battery.traits for battery in load_batteries()}
    return json.dumps(traits, indent=2) + "\n"


def write_files() -> None:
    """Write every file."""
    for name, model in MODELS.items():
        (FOLDER / name).write_text(schema_text(model), "utf-8")
    shipped.FILE.write_text(shipped_text(), "utf-8")


def _attribute_docstrings(model: type[Closed]) -> Iterator[tuple[str, str]]:
    """An attribute's name and the text that stands below it in the class.

    pydantic can do this whenever a class is made, but then every verification waits for it.
    """
    [body] = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    for attribute, below in pairwise(body.body):
        match attribute, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield name, inspect.cleandoc(words)


if __name__ == "__main__":
    write_files()
