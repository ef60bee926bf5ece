"""The plan in the terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.filesize import decimal

from scanner.plan.plan import Budgeted, Plan
from scanner.report.console_text import console_text
from scanner.report.text import count_of, format_count, format_duration

ESTIMATE = "an estimate from data sheets and arithmetic; nothing was run"


def print_plan(plan: Plan, console: Console) -> None:
    """A line for each thing to know, and what to do where it does not fit."""
    for name, value in _lines(plan):
        console.print(console_text(f"{name:<10} {value}", console), soft_wrap=True)


def _lines(plan: Plan) -> Iterator[tuple[str, str]]:
    work = plan.work
    counted = "" if plan.counted == work.rows else f", from {format_count(plan.counted)} of them"
    yield "base", f"{plan.base}: {plan.shape.weights / 1e9:.3g} billion weights"
    yield (
        "tokens",
        f"{count_of(work.rows, 'row')} of {format_count(round(work.tokens / work.rows))} on "
        f"average{counted}, {format_count(work.tokens)} in all; the longest "
        f"{format_count(work.longest)}",
    )
    yield (
        "steps",
        f"{format_count(plan.steps)} for each of {plan.copies} copies, "
        f"{count_of(plan.epochs, 'epoch')}",
    )
    yield "on", plan.device.name
    for stage in plan.stages:
        tokens = f"{format_count(stage.tokens)} tokens, " if stage.tokens else ""
        work_done = f"{stage.petaflop:.3g} petaflop" if stage.petaflop else "assumed"
        yield stage.name, f"{_duration(stage.seconds)} ({tokens}{work_done})"
    yield "in all", f"{_duration(plan.seconds)}; {ESTIMATE}"
    if plan.early is not None:
        yield "early", f"{_duration(plan.early)}, if the answer is clear after the first pass"
    yield "memory", _memory(plan)
    download = f", and {decimal(plan.download_bytes)} to download" if plan.download_bytes else ""
    yield "disk", f"{decimal(plan.disk_bytes)} in the run folder{download}"
    if plan.budget is not None:
        yield "budget", _budgeted(plan.budget, plan.work.rows)
    yield "fits", verdict_of(plan)


def verdict_of(plan: Plan) -> str:
    """Whether it fits, and what to do where it does not."""
    if plan.too_long:
        return (
            f"no: found a row of {format_count(plan.work.longest)} tokens; expected at most "
            f"{format_count(plan.shape.context)}, the base's context; shorten or remove such rows"
        )
    budget, memory = plan.budget, plan.memory
    if plan.too_large:
        larger = f", such as {plan.alternative.name}" if plan.alternative else ""
        return (
            f"no: found no GPU for {plan.shape.weights / 1e9:.1f} billion weights; expected "
            f"one{larger}, for on the CPU it takes days; say which with --gpu"
        )
    if memory.fits and budget is not None and budget.rows < budget.least:
        return (
            f"no: found time for {count_of(budget.rows, 'row')}; expected "
            f"{format_count(budget.least)} at least, for fewer can show nothing; give --budget "
            f"{budget.least_minutes:g} or more"
        )
    if memory.fits:
        return "yes"
    larger = (
        f"use {plan.alternative.name} ({plan.alternative.memory_gb:.0f} GB)"
        if plan.alternative
        else "no single GPU of the table would do"
    )
    return (
        f"no: found {plan.device.memory_gb:.0f} GB on {plan.device.name}; expected "
        f"{memory.needed_bytes / 1e9:.0f} GB even with a row at a time; {larger}, a smaller base "
        "of the same family, or shorter rows"
    )


def _memory(plan: Plan) -> str:
    memory, training = plan.memory, plan.memory.training
    if memory.room is None:
        return "not planned on the CPU"
    ways = []
    if training is not None and training.tokens_at_once is not None:
        whole = training.tokens_at_once >= plan.rows_per_step * plan.work.longest
        ways.append("whole updates" if whole else f"{training.tokens_at_once:,} tokens at once")
    if training is None or training.checkpointing:
        ways.append("activations computed twice")
    told = f" ({', '.join(ways)})" if ways else ""
    parts = [f"{memory.training_bytes / 1e9:.1f} GB to train{told}"]
    parts.append(f"{memory.answering_bytes / 1e9:.1f} GB to answer with transformers")
    beside = "vLLM does not fit beside training"
    if memory.vllm_bytes is not None:
        beside = f"vLLM beside training {memory.vllm_bytes / 1e9:.1f} GB"
    return f"{', '.join(parts)}; {beside}; of {memory.room / 1e9:.0f} GB"


def _budgeted(budget: Budgeted, rows: int) -> str:
    """How many rows fit. An audit measures how fast the machine is, and may come to others."""
    fitting = "all" if budget.rows == rows else f"about {format_count(budget.rows)}"
    return (
        f"{fitting} of {count_of(rows, 'row')} in {budget.minutes:g} min at the usual speed; "
        "the audit measures, and draws as many as fit"
    )


def _duration(seconds: tuple[float, float] | None) -> str:
    if seconds is None:
        return "not measured: the speed of this GPU is not known; name one like it with --gpu"
    good, usual = (format_duration(value) for value in seconds)
    return good if good == usual else f"{good} to {usual}"
