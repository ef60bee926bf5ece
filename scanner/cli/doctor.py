"""``datascan doctor``."""

import click

from scanner.cli.exits import Exit


@click.command("doctor")
def doctor_command() -> int:
    """Look at this machine: versions, security floors, GPU, cached bases, and what is missing.

    Exits 2 where an audit would fail or not be safe.
    """
    # Here, not above: --help must not wait for them.
    from scanner.cli.console import Terminal
    from scanner.doctor import examine, installed, is_ready
    from scanner.plan.gpus import this_gpu
    from scanner.report.console_text import console_text

    console = Terminal()
    checks = tuple(examine(installed(), this_gpu()))
    for check in checks:
        line = f"{check.state:<7} {check.name}: {check.found}"
        line += f"; {check.cure}" if check.cure else ""
        console.print(console_text(line, console), soft_wrap=True)
    ready = is_ready(checks)
    summary = "ready" if ready else "not ready: see the lines that begin with wrong"
    console.print(console_text(f"datascan: {summary}", console), soft_wrap=True)
    return Exit.NOTHING_FOUND if ready else Exit.COULD_NOT_FINISH
