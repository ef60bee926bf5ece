"""Text of the data or of a model reaches the terminal through ``safe_text`` alone.

rich passes escapes, C1 controls and bidirectional marks through, and so does click. Every call
that prints, or builds what is printed, must be given constants or text that went through one of
``SAFE``; anything else is named here with its reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SAFE = {"safe_text", "safe_log_text", "console_text", "fitted"}
"""Calls that return text which hides nothing and does nothing; fitted makes a table of it."""
SINKS = {"print", "print_json", "echo", "secho", "echo_via_pager", "add_row", "add_column"}
SINKS |= {"add_task", "assemble", "append_text", "rule"}
SINKS |= {"click.confirm", "click.prompt", "warnings.warn"}
"""Calls by their name, or by their whole name where the last part says little."""
RICH = {"Text", "Table", "TextColumn"}
"""The same, where a file has them from rich."""
MARKUP = {"from_markup", "from_ansi", "export_text", "render_str"}
STREAMS = {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__", "os.write"}
MODULES = {"logging", "pprint", "rich.print", "rich.logging", "rich.traceback"}
SHOWN_KEYWORDS = {"title", "caption", "header", "footer", "description", "text"}

ALLOWED = {
    ("bases/download.py", "print(problem or '')"): "a pipe to the parent, which shows it safely",
    ("cli/main.py", "click.echo(error.ctx.get_help() if error.ctx else '', err=True)"): (
        "the help is our own words"
    ),
    ("cli/main.py", "sys.stdout"): "flushed, not written to",
    ("cli/main.py", "sys.stderr"): "flushed, not written to",
    ("cli/progress.py", "self._bars.add_task(name, total=rows)"): "steps have names of our own",
    ("cli/progress.py", "Text(f'{name:<6} done before', style='dim')"): "the same",
    ("cli/progress.py", "Text(f'{speed:,.0f} rows/s' if speed else '', style='dim')"): "a number",
    ("cli/stdout.py", "sys.stdout"): "for whole reports, whose renderers make every text safe",
    ("engines/hf.py", "logging"): "a number, to the worker's log",
    ("evidence/inside.py", "logging"): "a number, to the worker's log",
    ("evidence/states.py", "logging"): "a number, to the worker's log",
    ("gate/server.py", "sys.stderr"): "where the print that is checked goes",
    ("report/calibration_terminal.py", "console.print(table)"): "its cells are checked",
    ("report/console_text.py", "Text(safe, style)"): "what console_text itself made safe",
    ("report/terminal.py", "console.print(_traits(view, console))"): "fitted makes its cells safe",
    ("training/lora.py", "logging"): "numbers, to the worker's log",
    ("training/loop.py", "logging"): "numbers, to the worker's log",
}
"""(file, call) → why it is not a way round."""


def is_safe(node: ast.expr, built: set[str]) -> bool:
    """``built`` names what returns rich's objects, which are made of checked calls."""
    match node:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in SAFE | built
        case ast.Call(func=ast.Attribute(attr="assemble")):
            return "Text" in built
        case ast.JoinedStr(values=values):
            return all(is_safe(value, built) for value in values)
        case ast.FormattedValue(value=value) | ast.Starred(value=value):
            return is_safe(value, built)
        case ast.GeneratorExp(elt=elt) | ast.ListComp(elt=elt):
            return is_safe(elt, built)
        case ast.IfExp(body=body, orelse=orelse):
            return is_safe(body, built) and is_safe(orelse, built)
    return False


def name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def rich_names(tree: ast.Module) -> set[str]:
    return {
        one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("rich.")
        for one in node.names
    }


def shown_by(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (word.value for word in call.keywords if word.arg in SHOWN_KEYWORDS)


def builders(tree: ast.Module) -> set[str]:
    """rich's Text and Table where a file has them, and its functions that return one."""
    rich = rich_names(tree) & RICH
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return rich | {
        one.name for one in functions if one.returns and ast.unparse(one.returns) in rich
    }


def suspects(source: str) -> Iterator[str]:
    """Every expression of a source through which text might go round ``safe_text``."""
    tree = ast.parse(source)
    sinks, built = SINKS | (RICH & rich_names(tree)), builders(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name in MODULES)
            case ast.ImportFrom(module=module, names=names):
                yield from {str(module), *(f"{module}.{one.name}" for one in names)} & MODULES
            case ast.Attribute() if ast.unparse(node) in STREAMS:
                yield ast.unparse(node)
            case ast.Call() if name_of(node) in MARKUP | {"Console"}:
                yield ast.unparse(node)
            case ast.Call() if {name_of(node), ast.unparse(node.func)} & sinks:
                if not all(is_safe(shown, built) for shown in shown_by(node)):
                    yield ast.unparse(node)


def modules() -> list[Path]:
    return sorted((ROOT / "scanner").rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_reaches_the_terminal_through_safe_text_alone(path: Path) -> None:
    file = path.relative_to(ROOT / "scanner").as_posix()
    found = suspects(path.read_text("utf-8"))
    assert [text for text in found if (file, text) not in ALLOWED] == []


def test_no_exception_outlives_its_reason() -> None:
    found = {
        (path.relative_to(ROOT / "scanner").as_posix(), text)
        for path in modules()
        for text in suspects(path.read_text("utf-8"))
    }
    assert set(ALLOWED) - found == set()


@pytest.mark.parametrize(
    "source",
    [
        "print(row.answer)",
        "click.echo(str(error))",
        "click.echo(f'{safe_text(a)} {b}')",
        "click.secho(message, err=True)",
        "console.print(view.reason)",
        "from rich.text import Text; cell = Text(row.answer)",
        "console.print(table_of(row))",
        "console.print(Text.from_markup('[red]' + name))",
        "console.print(Text.assemble(row.answer))",
        "table.add_row(*(cell for cell in cells))",
        "table.add_row(safe_text(a), b)",
        "from rich.table import Table; table = Table(title=dataset.path)",
        "bars.add_task(path.name, total=1)",
        "sys.stdout.write(answer)",
        "os.write(1, answer)",
        "import logging",
        "warnings.warn(row.answer)",
        "from rich import print",
        "Console().print('x')",
    ],
)
def test_the_check_can_fail(source: str) -> None:
    assert list(suspects(source))


@pytest.mark.parametrize(
    "source",
    [
        "console.print()",
        "click.echo('done')",
        "click.echo(safe_log_text(path), err=True)",
        "console.print(console_text(line, console), soft_wrap=True)",
        "table.add_row(*(console_text(cell, console) for cell in cells))",
        "from rich.table import Table\ndef t() -> Table: ...\nconsole.print(t())",
        "math.log(2)",
        "frame.prompt(question)",
        "file.write(text)",
    ],
)
def test_the_check_passes_what_is_safe(source: str) -> None:
    assert not list(suspects(source))
