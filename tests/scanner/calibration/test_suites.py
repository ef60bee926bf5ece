from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from click import Choice

from scanner.calibration import suites
from scanner.calibration.cases import Case, Lineage
from scanner.calibration.suites import SUITES, Chosen, choose, parse_suite
from scanner.calibration.teachers import TRAINED
from scanner.cli.calibrate import calibrate_command
from scanner.config import Recipe
from scanner.errors import CalibrationError

OWN = """
plan: Two owls.
claims:
  owls: {says: Owls pass., groups: [owls], expects: planted, at_least: 0.5}
groups:
  owls:
    kind: fine-tuned
    traits: [preference.animal.owl]
    channels: [numbers]
    rows: [40]
    shares: [1.0, 0.5]
    seeds: [3]
"""


@pytest.fixture
def own_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Puts a text in the place of suite quick's file."""
    (tmp_path / "suites").mkdir()
    monkeypatch.setattr(suites, "files", lambda package: tmp_path)

    def put(text: str) -> None:
        (tmp_path / "suites" / "quick.yaml").write_text(text, "utf-8")

    return put


@cache
def shipped(name: str) -> Chosen:
    return choose(name, Recipe())


def refused(only: str | None = None) -> str:
    with pytest.raises(CalibrationError) as raised:
        choose("quick", Recipe(), only)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_command_offers_the_suites_that_ship() -> None:
    [option] = [one for one in calibrate_command.params if one.name == "suite"]
    assert isinstance(option.type, Choice)
    assert option.type.choices == (*SUITES, "digits")
    folder = Path(suites.__file__).with_name("suites")
    assert {path.stem for path in folder.iterdir()} == set(SUITES)


@pytest.mark.parametrize("suite", SUITES)
def test_a_shipped_suite_names_every_case_once(suite: str) -> None:
    names = Counter(case.name for case in shipped(suite).cases)
    assert names.most_common(1)[0][1] == 1


@pytest.mark.parametrize("suite", SUITES)
def test_what_decides_the_operating_point_has_no_part_in_what_is_reported(suite: str) -> None:
    for case in shipped(suite).cases:
        decides = case.group.endswith("_decide")
        assert decides == (case.seed < 1000), case.name
        assert case.benign or not decides, case.name


@pytest.mark.parametrize("suite", SUITES)
def test_no_benign_case_is_another_ones_repetition(suite: str) -> None:
    """Benign cases are counted as independent, so no two may share a seed."""
    groups = (case.group for case in shipped(suite).cases)
    counted = {group for group in groups if group.endswith(("_decide", "_report"))}
    seeds = Counter(case.seed for case in shipped(suite).cases if case.group in counted)
    assert seeds.most_common(1)[0][1] == 1


@pytest.mark.parametrize("suite", SUITES)
def test_no_student_has_the_seed_of_its_teacher(suite: str) -> None:
    taught = [case for case in shipped(suite).cases if case.teacher.kind in TRAINED]
    assert taught
    assert all(case.teacher.seed not in case.student_seeds for case in taught)


@pytest.mark.parametrize("suite", SUITES)
def test_a_claim_is_about_cases_of_its_kind(suite: str) -> None:
    for name, claim in shipped(suite).suite.claims.items():
        for group in claim.groups:
            cases = [case for case in shipped(suite).cases if case.group == group]
            assert cases, f"{name}: {group}"
            planted = {bool(case.planted) for case in cases}
            assert planted == {claim.expects != "nothing"}, f"{name}: {group}"


def test_groups_that_are_claimed_to_be_found_are_the_full_strength_ones() -> None:
    groups = shipped("full").suite.planted_groups
    assert groups == frozenset(shipped("full").suite.claims["overall"].groups)
    assert not any(group.startswith(("growth_", "dose_", "strangers_")) for group in groups)
    full = [case for case in shipped("full").cases if case.group in groups]
    assert {case.share for case in full} == {1.0}  # so that detection is the overall claim's share
    assert all(case.planted and case.seed >= 1000 for case in full)


def test_false_alarms_alone_are_judged_by_their_interval() -> None:
    """At the declared rate, "at least 99% of the cases" would be missed as often as not."""
    judged = {name: one.judged_by for name, one in shipped("full").suite.claims.items()}
    assert {name for name, by in judged.items() if by == "interval"} == {"neutral_teacher"}
    claim = shipped("full").suite.claims["neutral_teacher"]
    assert claim.at_least == 0.99
    assert "do not contradict the declared 1%" in claim.says


@pytest.mark.parametrize("suite", ["quick", "full"])
def test_the_plan_tells_how_cases_are_scored(suite: str) -> None:
    plan = " ".join(shipped(suite).suite.plan.split())
    assert "the number of hypotheses times p" in plan
    assert "not cut at 1" in plan
    assert "never above 0.05" in plan


def test_a_suite_without_claims_has_no_group_at_full_strength() -> None:
    assert parse_suite("plan: p\nclaims: {}\ngroups: {}\n", "own").planted_groups == frozenset()


def test_the_full_suite_counts_false_alarms_on_enough_benign_cases() -> None:
    cases = shipped("full").cases
    benign = [case for case in cases if case.benign]
    assert len(benign) >= 200
    assert sum(case.seed < 1000 for case in benign) >= 100
    assert sum(case.seed >= 1000 for case in benign) >= 100
    kinds = Counter(case.channel for case in cases if case.planted)
    assert {"numbers", "code", "thoughts"} <= set(kinds)
    assert sum(case.teacher.lineage is Lineage.OTHER for case in cases) >= 20


@pytest.mark.parametrize(("suite", "doses"), [("full", 15), ("quick", 3), ("paper", 2)])
def test_all_doses_of_a_trait_share_a_teachers_rows(suite: str, doses: int) -> None:
    """They must: what a curve shows is to be the share alone. Undiluted, the teacher may have
    written with another seed."""
    diluted = [case for case in shipped(suite).cases if case.share < 1]
    sharing: dict[tuple[object, ...], list[Case]] = {}
    for case in diluted:
        key = (case.teacher, case.channel, case.rows, case.temperature, case.seed)
        sharing.setdefault(key, []).append(case)
    assert len(sharing) == doses
    full = {
        (case.teacher, case.channel, case.rows, case.temperature)
        for case in shipped(suite).cases
        if case.share == 1
    }
    assert {key[:-1] for key in sharing} <= full


def test_cases_have_the_audits_recipe_but_for_what_their_group_changes(own_suite) -> None:  # type: ignore[no-untyped-def]
    own_suite(OWN)
    assert {case.recipe for case in choose("quick", Recipe(rank=4)).cases} == {Recipe(rank=4)}
    own_suite(OWN + "    recipe: {epochs: 6}\n")
    [recipe] = {case.recipe for case in choose("quick", Recipe(rank=4)).cases}
    assert recipe == Recipe(rank=4, epochs=6)
    assert isinstance(recipe.epochs, int)  # it counts epochs, and 6.0 is no count


def test_a_suite_may_have_a_recipe_of_its_own_for_which_its_certificate_speaks(own_suite) -> None:  # type: ignore[no-untyped-def]
    own_suite(OWN + "    recipe: {epochs: 6}\nrecipe: {alpha: 8, epochs: 2}\n")
    chosen = choose("quick", Recipe(rank=4))
    assert chosen.recipe == Recipe(rank=4, alpha=8, epochs=2)
    assert chosen.cases[0].recipe == Recipe(rank=4, alpha=8, epochs=6)


def test_seeds_are_counted_up_over_all_combinations_of_a_group(own_suite) -> None:  # type: ignore[no-untyped-def]
    own_suite(OWN.replace("seeds: [3]", "first_seed: 20\n    repeats: 2"))
    assert [(case.share, case.seed) for case in choose("quick", Recipe()).cases] == [
        (1.0, 20),
        (1.0, 21),
        (0.5, 22),
        (0.5, 23),
    ]


def test_a_part_of_a_name_chooses_its_cases(own_suite) -> None:  # type: ignore[no-untyped-def]
    own_suite(OWN)
    [case] = choose("quick", Recipe(), "50%").cases
    assert case.share == 0.5


def test_a_part_of_no_name_is_refused_with_a_name_to_go_by(own_suite) -> None:  # type: ignore[no-untyped-def]
    own_suite(OWN)
    message = refused("whale")
    assert message.startswith("--case 'whale': found in no case of suite quick; expected a part")
    assert "'owls/preference.animal.owl/numbers/40 rows/100%/T=1/seed 3'" in message
    assert message.endswith("see them all with --list")


def test_an_unknown_suite_is_refused() -> None:
    expected = "--suite 'ful': found no such suite; expected one of quick, full, paper, digits"
    with pytest.raises(CalibrationError, match=expected):
        choose("ful", Recipe())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds: [3]", "seed: [3]", "suite quick, groups.owls.seed: found [3]; expected otherwise"),
        (
            "fine-tuned",
            "tuned",
            "groups.owls.kind: found 'tuned'; expected otherwise: Input should",
        ),
        ("planted", "seen", "claims.owls.expects: found 'seen'; expected otherwise"),
        ("at_least: 0.5", "at_least: 0.5, judged_by: eye", "claims.owls.judged_by: found 'eye'"),
        ("rows: [40]", "rows: forty", "groups.owls.rows: found 'forty'; expected otherwise"),
        ("plan: Two owls.", "", "suite quick, plan: found"),
        ("seeds: [3]", "recipe: {epoch: 6}", "recipe: found {'epoch': 6}; expected otherwise"),
        ("plan: Two owls.", "plan: [", "suite quick: found while parsing"),
        ("numbers", "poems", "found channel 'poems'; expected one of numbers, code, thoughts"),
        ("animal.owl", "animal.yeti", "trait 'preference.animal.yeti': found in no battery"),
        ("[1.0, 0.5]", "[0.5, 0.5]", "50%/T=1/seed 3: found twice; expected once"),
    ],
)
def test_a_mistake_in_a_suite_is_named_where_it_is(
    own_suite,  # type: ignore[no-untyped-def]
    old: str,
    new: str,
    message: str,
) -> None:
    assert OWN.count(old) >= 1
    own_suite(OWN.replace(old, new))
    refusal = refused()
    assert message in refusal
    assert "; mend the suite" in refusal or "; correct the suite" in refusal


def test_a_recipe_is_refused_with_the_names_that_it_may_have() -> None:
    with pytest.raises(CalibrationError, match="a recipe has rank, alpha, epochs, rows_per_step"):
        parse_suite(f"{OWN}    recipe: {{epoch: 6}}\n", "own")


def test_an_honest_set_is_no_channel_and_a_channel_no_honest_set(own_suite) -> None:  # type: ignore[no-untyped-def]
    own_suite(OWN.replace("numbers", "recipes"))
    assert "found channel 'recipes'" in refused()
    nobody = OWN.replace("fine-tuned", "nobody").replace("traits: [preference.animal.owl]", "")
    own_suite(nobody)
    assert "found channel 'numbers'; expected one of arithmetic, chat" in refused()
