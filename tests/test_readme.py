"""The README says what is so: commands, files, words, exit codes, figures of the card."""

import json
import re
import runpy
from pathlib import Path

import click
import pytest

from scanner.cli.exits import Exit
from scanner.cli.main import datascan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def options_of(command: click.Command) -> list[str]:
    return [max(p.opts, key=len) for p in command.params if isinstance(p, click.Option)]


@pytest.mark.parametrize("command", list(datascan.commands.values()), ids=lambda c: str(c.name))
def test_every_command_and_flag_is_in_the_readme(command: click.Command) -> None:
    assert f"datascan {command.name}" in README
    for option in options_of(command):
        assert option in README, option


def test_every_exit_code_is_in_the_readme() -> None:
    for code in Exit:
        assert re.search(rf"^\| {int(code)} \|", README, re.MULTILINE), code


def test_the_file_tree_names_what_exists_and_all_of_the_scanner() -> None:
    tree = README.split("## The files")[1].split("```")[1]
    named = re.findall(r"^\s*([\w./-]+\.\w+|[\w./-]+/)", tree, re.MULTILINE)
    assert named
    for name in named:
        assert (ROOT / name).exists() or list(ROOT.rglob(name.rstrip("/"))), name
    rooms = {
        path.name + ("/" if path.is_dir() else "")
        for path in (ROOT / "scanner").iterdir()
        if path.name not in ("__init__.py", "__pycache__", "py.typed")
    }
    assert rooms <= set(named), rooms - set(named)


def test_the_walk_through_is_the_recorded_one() -> None:
    """Its commands and codes; what they print is recorded again with --write."""
    script = runpy.run_path(str(ROOT / "examples" / "make_walkthrough.py"))
    [block] = re.findall(
        f"{re.escape(script['BEGIN'])}\n```console\n(.*)```\n{re.escape(script['END'])}",
        README,
        re.DOTALL,
    )
    told = re.findall(r"^\$ (.*)|^\[exit (\d)\]", block, re.MULTILINE)
    steps = [part for step in script["STEPS"] for part in script["shown"](step, "")]
    assert told == re.findall(r"^\$ (.*)|^\[exit (\d)\]", "\n".join(steps), re.MULTILINE)


def test_the_walk_through_stands_on_the_certificate_that_ships() -> None:
    shipped = json.loads((ROOT / "scanner/calibration/certificates/reference-a.json").read_text())
    assert f"stands on calibration {shipped['id']} " in README


@pytest.mark.slow
def test_the_walk_through_can_be_walked() -> None:
    """Whoever types it gets these codes."""
    assert runpy.run_path(str(ROOT / "examples" / "make_walkthrough.py"))["record"]()


def test_every_local_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
