"""``datascan``: the commands, and the one place where an error becomes an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import click

from scanner import __version__
from scanner.cli.attest import attest_command
from scanner.cli.audit import audit_command
from scanner.cli.calibrate import calibrate_command
from scanner.cli.clean import clean_command
from scanner.cli.compare import compare_command
from scanner.cli.doctor import doctor_command
from scanner.cli.exits import Exit
from scanner.cli.inspect import inspect_command
from scanner.cli.keygen import keygen_command
from scanner.cli.plan import plan_command
from scanner.cli.report import report_command
from scanner.cli.serve_gate import serve_gate_command
from scanner.cli.verify import verify_command
from scanner.environment import keep_offline
from scanner.errors import DatascanError
from scanner.files import is_disk_error
from scanner.interrupts import listen
from scanner.report.text import safe_log_text

KEEPING = {"audit", "calibrate"}
"""Commands whose finished stages outlive them."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="datascan")
def datascan() -> None:
    """Find out what a fine-tuning dataset teaches before you train on it.

    \b
    Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 could not finish;
    3 finished without a verdict; 130 interrupted.
    """


datascan.add_command(audit_command)
datascan.add_command(calibrate_command)
datascan.add_command(inspect_command)
datascan.add_command(plan_command)
datascan.add_command(report_command)
datascan.add_command(compare_command)
datascan.add_command(verify_command)
datascan.add_command(attest_command)
datascan.add_command(keygen_command)
datascan.add_command(serve_gate_command)
datascan.add_command(clean_command)
datascan.add_command(doctor_command)


def main() -> None:
    """Run the command line and exit."""
    keep_offline()
    listen()
    code = run(sys.argv[1:])
    _let_go_of_output()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; no error ever returns 1."""
    try:
        code = datascan.main(list(arguments), prog_name="datascan", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _stop(_how_to_go_on(arguments), Exit.INTERRUPTED)
    except SystemExit:
        # click's own 1 where the reader of a pipe has gone. A gate would take it for findings.
        return Exit.COULD_NOT_FINISH
    except click.exceptions.NoArgsIsHelpError as error:
        with suppress(OSError):
            click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return Exit.COULD_NOT_FINISH
    except click.ClickException as error:
        return _stop(error.format_message(), Exit.COULD_NOT_FINISH)
    except DatascanError as error:
        return _stop(str(error), Exit.COULD_NOT_FINISH)
    except Exception as error:
        if isinstance(error, OSError) and is_disk_error(error):
            return _stop(_disk_problem(error, arguments), Exit.COULD_NOT_FINISH)
        # A defect of ours. Python would exit 1, and a gate would take that for findings.
        for line in traceback.format_exc().splitlines():
            _tell(line)
        return _stop("this is a defect of datascan; please report it", Exit.COULD_NOT_FINISH)
    return int(code or 0)


def _how_to_go_on(arguments: Sequence[str]) -> str:
    if not KEEPING & set(arguments[:1]):
        return "interrupted; nothing was kept: give the same command again"
    same = "the same command"
    if "--no-resume" in arguments:
        same += " without --no-resume"
    return f"interrupted; finished stages are kept: {same} goes on from here"


def _disk_problem(error: OSError, arguments: Sequence[str]) -> str:
    kept = ": finished stages are kept" if KEEPING & set(arguments[:1]) else ""
    return (
        f"{error.filename or 'the output'}: found {error.strerror}; expected a place that can be "
        f"written; make room or give another place, then repeat the command{kept}"
    )


def _stop(message: str, code: Exit) -> int:
    _tell(f"datascan: {message}")
    return code


def _tell(line: str) -> None:
    with suppress(OSError):  # nobody listens; the exit code still says it
        click.echo(safe_log_text(line), err=True)


def _let_go_of_output() -> None:
    """What cannot be written must not change the exit code when Python tries again at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
