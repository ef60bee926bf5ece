"""The JSON schemas of the policy and of the ignore file, for editors and other tools.

python -m scanner.gate.schemas      writes them anew, after a change to the models
"""

import json
from collections.abc import Mapping
from pathlib import Path

from scanner.gate.policy import Policy
from scanner.gate.suppressions import SuppressionFile
from scanner.gate.yaml_file import Closed

FOLDER = Path(__file__).parent
MODELS: Mapping[str, type[Closed]] = {
    "policy.schema.json": Policy,
    "ignore.schema.json": SuppressionFile,
}
"""File name → what it describes."""


def schema_text(model: type[Closed]) -> str:
    """A model's schema, as it stands in its file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def write_schemas() -> None:
    """Write every schema file."""
    for name, model in MODELS.items():
        (FOLDER / name).write_text(schema_text(model), "utf-8")


if __name__ == "__main__":
    write_schemas()
