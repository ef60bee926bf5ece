"""``datascan``: the commands, and the one place where an error becomes an exit code."""

import sys
import traceback
from collections.abc import Sequence

import click

from scanner import __version__
from scanner.cli.attest import attest_command
from scanner.cli.audit import audit_command
from scanner.cli.calibrate import calibrate_command
from scanner.cli.compare import compare_command
from scanner.cli.exits import Exit
from scanner.cli.keygen import keygen_command
from scanner.cli.report import report_command
from scanner.cli.serve_gate import serve_gate_command
from scanner.cli.verify import verify_command
from scanner.errors import DatascanError
from scanner.report.text import safe_log_text


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
datascan.add_command(verify_command)
datascan.add_command(attest_command)
datascan.add_command(keygen_command)
datascan.add_command(serve_gate_command)
datascan.add_command(report_command)
datascan.add_command(compare_command)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; no error ever returns 1."""
    try:
        code = datascan.main(list(arguments), prog_name="datascan", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _stop("interrupted; the same command goes on from here", Exit.INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return Exit.COULD_NOT_FINISH
    except (BrokenPipeError, SystemExit):
        # click exits 1 when the pipe is closed, and a gate would take that for findings.
        return _unheard()
    except click.ClickException as error:
        return _stop(error.format_message(), Exit.COULD_NOT_FINISH)
    except DatascanError as error:
        return _stop(str(error), Exit.COULD_NOT_FINISH)
    except Exception:
        # A defect of ours. Python would exit 1, and a gate would take that for findings.
        for line in traceback.format_exc().splitlines():
            click.echo(safe_log_text(line), err=True)
        return _stop("this is a defect of datascan; please report it", Exit.COULD_NOT_FINISH)
    return int(code or 0)


def _unheard() -> int:
    """Nobody reads our output any more, as after ``| head``: there is nothing left to say."""
    from scanner.cli.stdout import silence

    silence()
    return Exit.COULD_NOT_FINISH


def _stop(message: str, code: Exit) -> int:
    click.echo(f"datascan: {safe_log_text(message)}", err=True)
    return code
