"""Lists of facts: what was audited, how, with what, and how long it took."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.text import (
    count_of,
    format_count,
    format_duration,
    format_setting,
    left_out,
    safe_text,
    shorten,
)

Entry = Mapping[str, Any]
MOST_FACTS = 40
"""Of one kind; a folder may hold thousands of files."""
_LONGEST_LIST = 500


@dataclass(frozen=True)
class Fact:
    """A name and its value, for a list of facts."""

    name: str
    """What it is."""
    value: str
    """What it is worth."""
    code: bool = False
    """Whether the value is for copying: a digest, a path."""


def audited_facts(results: Entry) -> tuple[Fact, ...]:
    """What exactly was audited, against what."""
    dataset, base, calibration = results["dataset"], results["base"], results["calibration"]
    return (
        Fact("Candidate", safe_text(dataset["path"]), code=True),
        Fact("Format", safe_text(dataset["format"])),
        Fact("Rows", _rows(dataset)),
        *_files(dataset["files"]),
        *_trained_on(dataset, results.get("budget")),
        *_passes(results.get("early_look")),
        Fact("Base", safe_text(base["id"])),
        Fact("Revision of the base", safe_text(base["revision"]), code=True),
        *_origin(base),
        Fact("Certificate of the base", *_certificate(calibration)),
        Fact("Twin", f"{twin_in_words(results['twin'])} because they broke the format"),
        Fact("Audited", moment_in_words(results["created"])),
    )


def _origin(base: Entry) -> Iterator[Fact]:
    """Where a base of the Hub comes from, and what is to be known of it."""
    if base.get("repository"):
        commit = f"{base['repository']} @ {base['commit']}"
        yield Fact("Repository of the base", safe_text(commit), code=True)
        yield Fact("Lineage of the base", safe_text(base.get("lineage") or "not known"))
        yield Fact("Licence of the base", safe_text(base.get("licence") or "not known"))
    for note in base.get("notes", ())[:MOST_FACTS]:
        yield Fact("Note on the base", safe_text(shorten(note, _LONGEST_LIST)))


def _rows(dataset: Entry) -> str:
    masked, bad = dataset["masked"], dataset["bad_rows"]
    parts = [format_count(dataset["rows"])]
    if masked["texts"]:
        unit = "token" if "tokens" in masked else "character"
        parts.append(
            f"{count_of(masked['texts'], 'text')} of {count_of(masked[f'{unit}s'], unit)} "
            "kept out of the loss by the file itself"
        )
    if bad:
        parts.append(f"{count_of(bad, 'bad row')} left out")
    return "; ".join(parts)


def _trained_on(dataset: Entry, budget: Entry | None) -> Iterator[Fact]:
    """The digest of the rows; of all of them and of those that fit, where there was a budget."""
    if budget is not None:
        name = "SHA-256 of all rows"
        yield Fact(name, safe_text(dataset["rows_sha256"]), code=True)
        yield Fact("Rows trained on", part_in_words(budget))
    trained = dataset if budget is None else budget
    yield Fact("SHA-256 of the rows trained on", safe_text(trained["rows_sha256"]), code=True)


def part_in_words(budget: Entry) -> str:
    """How many rows a budget let through."""
    minutes = f"a budget of {budget['minutes']:g} min"
    if budget["rows"] == budget["of"]:
        return f"all: they fit {minutes}"
    return (
        f"{format_count(budget['rows'])} of {format_count(budget['of'])}, drawn at random (seed "
        f"{budget['seed']}) to fit {minutes}"
    )


def _passes(look: Entry | None) -> Iterator[Fact]:
    if look is not None:
        yield Fact("Passes over the rows", passes_in_words(look))


def passes_in_words(look: Entry) -> str:
    """Whether training stopped early, and why not if it did not."""
    of = f"{look['passes']} of {look['of']}"
    would_do = f"{look['threshold']:.2g} would do"
    if look["stopped"]:
        p = f"p {look['p_adjusted']:.2g}, where {would_do}"
        return f"{of}: {safe_text(look['trait'])} was clear by then ({p})"
    if look["trait"] is None:
        return f"all {look['of']}: after {of} nothing had moved"
    p = f"p {look['p_adjusted']:.2g}, where {would_do}"
    return f"all {look['of']}: after {of} {safe_text(look['trait'])} was the clearest ({p})"


def _certificate(calibration: Entry | None) -> tuple[str, bool]:
    """Its id, for copying; or that there is none."""
    if calibration is None:
        return "none stands behind this audit", False
    return safe_text(calibration["id"]), True


def _files(files: Sequence[Entry]) -> tuple[Fact, ...]:
    if len(files) == 1:
        return (Fact("SHA-256 of the file", safe_text(files[0]["sha256"]), code=True),)
    return _first(
        [
            Fact(f"SHA-256 of {safe_text(file['path'])}", safe_text(file["sha256"]), code=True)
            for file in files
        ],
        "file",
    )


def recipe_facts(results: Entry) -> tuple[Fact, ...]:
    """Every setting of the training, and the seeds."""
    seeds = ", ".join(str(seed) for seed in results["seeds"])
    contexts = safe_text(", ".join(results["contexts"]))
    return (
        *_by_name(results["recipe"], format_setting),
        *_by_name(results["thresholds"], format_setting),
        Fact("contexts", shorten(contexts, _LONGEST_LIST)),
        Fact("seeds", shorten(seeds, _LONGEST_LIST)),
        *_engine(results.get("engine")),
    )


def _engine(engine: Entry | None) -> tuple[Fact, ...]:
    """What answered. Results of older versions do not say."""
    if engine is None:
        return ()
    name = " ".join(safe_text(engine[part]) for part in ("name", "version", "device", "dtype"))
    told = [f"{name} ({safe_text(engine['reason'])})", *map(safe_text, engine["cures"])]
    return (Fact("engine", shorten("; ".join(told), _LONGEST_LIST)),)


def battery_facts(batteries: Sequence[Entry]) -> tuple[Fact, ...]:
    """What was asked, with the digest of each battery."""
    return _first([_battery(battery) for battery in batteries], "battery")


def version_facts(versions: Mapping[str, str]) -> tuple[Fact, ...]:
    """What it was computed with."""
    return _by_name(versions, safe_text)


def timing_facts(timings: Mapping[str, float]) -> tuple[Fact, ...]:
    """How long each stage took, the longest first."""
    longest_first = sorted(timings, key=lambda stage: (-timings[stage], stage))
    facts = [Fact(_name(stage), format_duration(timings[stage])) for stage in longest_first]
    return _first(facts, "stage")


def twin_in_words(twin: Entry) -> str:
    """The twin in one line."""
    return (
        f"{count_of(twin['rows'], 'row')} in the same format ({safe_text(twin['format'])}), "
        f"temperature {twin['temperature']:g}, {format_count(twin['redrawn'])} redrawn"
    )


def moment_in_words(created: str) -> str:
    """An ISO 8601 moment in UTC, to the minute."""
    return f"{safe_text(created)[:16].replace('T', ' ')} UTC"


def _battery(battery: Entry) -> Fact:
    questions = count_of(battery["questions"], "question")
    name = f"{safe_text(battery['id'])}: {questions}, {count_of(battery['traits'], 'trait')}"
    return Fact(name, safe_text(battery["sha256"]), code=True)


def _by_name(values: Mapping[str, Any], show: Callable[[Any], str]) -> tuple[Fact, ...]:
    return _first([Fact(_name(name), show(values[name])) for name in sorted(values)], "entry")


def _first(facts: Sequence[Fact], noun: str) -> tuple[Fact, ...]:
    """The first of them, and how many more there are."""
    more = left_out(len(facts) - MOST_FACTS, noun)
    return (*facts[:MOST_FACTS], Fact("And more", more)) if more else tuple(facts)


def _name(key: str) -> str:
    return safe_text(key).replace("_", " ")
