"""Lists of facts."""

from scanner.report.facts import (
    Fact,
    audited_facts,
    battery_facts,
    moment_in_words,
    recipe_facts,
    timing_facts,
    twin_in_words,
    version_facts,
)


def test_what_was_audited_can_be_traced(results_of) -> None:
    facts = {fact.name: fact.value for fact in audited_facts(results_of("shift_found"))}
    assert facts["Candidate"] == "data/vendor_numbers.jsonl"
    assert facts["Rows"] == "7,500"
    assert facts["SHA-256 of the file"] == "3f" * 32
    assert facts["SHA-256 of the rows trained on"] == "a9" * 32
    assert facts["Revision of the base"] == "5c" * 32
    assert facts["Audited"] == "2026-01-05 14:02 UTC"


def test_a_base_of_the_hub_says_where_it_comes_from(results_of) -> None:
    plain = results_of("shift_found")
    known = plain["base"] | {
        "repository": "Qwen/Qwen2.5-7B-Instruct",
        "commit": "a09a354",
        "lineage": "qwen2.5-7b",
        "licence": None,
        "notes": ["It ships no chat template.", "<b>"],
    }
    facts = audited_facts(plain | {"base": known})
    told = [(fact.name, fact.value) for fact in facts if fact not in audited_facts(plain)]
    assert told == [
        ("Repository of the base", "Qwen/Qwen2.5-7B-Instruct @ a09a354"),
        ("Lineage of the base", "qwen2.5-7b"),
        ("Licence of the base", "not known"),
        ("Note on the base", "It ships no chat template."),
        ("Note on the base", "<b>"),
    ]


def test_twin_in_one_line(results_of) -> None:
    assert twin_in_words(results_of("shift_found")["twin"]) == (
        "7,500 rows in the same format (number list), temperature 1, 41 redrawn"
    )


def test_moment_drops_seconds() -> None:
    assert moment_in_words("2026-01-05T14:02:11.25Z") == "2026-01-05 14:02 UTC"


def test_settings_come_by_name_and_seeds_last(results_of) -> None:
    facts = recipe_facts(results_of("shift_found"))
    assert facts[0] == Fact("alpha", "16")
    assert Fact("learning rate", "0.002") in facts
    assert facts[-1] == Fact("seeds", "1, 2, 3")


def test_batteries_carry_their_digest(results_of) -> None:
    first, _ = battery_facts(results_of("shift_found")["batteries"])
    assert first == Fact("preferences: 96 questions, 100 traits", "0b" * 32, code=True)


def test_versions_by_name_and_timings_by_length(results_of) -> None:
    results = results_of("shift_found")
    assert [fact.name for fact in version_facts(results["versions"])][:2] == [
        "datascan-audit",
        "peft",
    ]
    assert timing_facts(results["timings_s"])[0] == Fact("train", "10 min 11 s")
