"""Recipes and what the command line changes in them."""

from pathlib import Path
from typing import Any

import pytest

from u2cam.model.datasets.draw_settings import DrawSettings, Steps
from u2cam.model.datasets.sources import SOURCES
from u2cam.model.train.ablate import best_row, main, read_variants, table
from u2cam.model.train.recipe import RECIPES, make_settings, override, read_recipe
from u2cam.model.train.settings import TrainSettings


def live() -> dict[str, Any]:
    return read_recipe("live") | {"run": Path("r")}


def test_the_shipped_recipe_is_complete_and_names_every_step() -> None:
    recipe = live()
    settings = make_settings(recipe)
    assert settings.steps is not None and settings.phases[-1].clip_frames == 16
    assert set(recipe["draw"]["steps"]) == set(Steps.model_fields)


def test_the_shipped_recipe_draws_from_no_set_without_a_licence() -> None:
    for settings in (make_settings(live()).draw, DrawSettings()):
        unlicensed = {source.name for source in SOURCES if source.licence is None}
        assert unlicensed.isdisjoint(settings.wanted())


def test_values_are_set_by_their_path() -> None:
    recipe = live()
    override(
        recipe,
        ["phases.1.clip_frames=5", "draw.people.keyed=0", "network=u2netp", "losses.ddc=2.5"],
    )
    settings = make_settings(recipe)
    assert settings.phases[1].clip_frames == 5
    assert settings.draw.people["keyed"] == 0 and "keyed" not in settings.draw.wanted()
    assert (settings.network, settings.losses.ddc) == ("u2netp", 2.5)


def test_a_budget_in_minutes_takes_the_place_of_steps() -> None:
    recipe = live()
    override(recipe, ["minutes=2"])
    settings = make_settings(recipe)
    assert (settings.minutes, settings.steps) == (2.0, None)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("seed", "--set seed: wanted section.key=value"),
        ("phases.9.share=1", "--set phases.9.share=1: wanted"),
        ("seed.more=1", "--set seed.more=1: wanted"),
        ("draw.people.horses=1", "draw.people: no set 'horses'; choose from keyed"),
        ("draw.people.keyed=-1", "draw.people: keyed: a share is not negative"),
        ("draw.steps.noise=2", "draw.steps.noise: Input should be less than or equal to 1"),
        ("losses.hinge=1", "losses.hinge: Extra inputs are not permitted"),
        ("phases.0.sizes_wh=[[33, 32]]", "phases.0.sizes_wh.0.0: Input should be a multiple"),
    ],
)
def test_a_wrong_value_is_named(assignment: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        recipe = live()
        override(recipe, [assignment])
        make_settings(recipe)
    assert str(caught.value).startswith(message)


def test_a_run_needs_exactly_one_budget() -> None:
    with pytest.raises(ValueError, match="either minutes or steps"):
        TrainSettings(run=Path("r"))
    with pytest.raises(ValueError, match="either minutes or steps"):
        TrainSettings(run=Path("r"), steps=1, minutes=1.0)


def test_missing_and_broken_recipes_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"--recipe dead: no such recipe; give ablat"):
        read_recipe("dead")
    (tmp_path / "a.toml").write_text("= 1")
    with pytest.raises(ValueError, match=r"a\.toml: not TOML"):
        read_recipe(str(tmp_path / "a.toml"))


def test_each_variant_lacks_what_later_ones_bring() -> None:
    variants = read_variants(RECIPES / "ablations.toml")
    assert variants[-1].assignments == ()
    for shorter, longer in zip(variants[1:], variants, strict=False):
        assert longer.assignments[-len(shorter.assignments) or len(longer.assignments) :] == (
            shorter.assignments
        )
    for variant in variants:
        recipe = live()
        override(recipe, variant.assignments)
        make_settings(recipe)
    assert len({variant.folder for variant in variants}) == len(variants)


def test_the_table_has_the_best_validation_at_the_last_size(tmp_path: Path) -> None:
    variants = read_variants(RECIPES / "ablations.toml")[:2]
    log = tmp_path / variants[0].folder / "log.csv"
    log.parent.mkdir()
    log.write_text(
        "step,minutes,phase,val,val_mad,val_core,val_dtssd\n"
        "10,1,0,1.0,1,1,1\n20,2,1,5.0,6,4,3\n30,3,1,,,,\n40,4,1,4.5,5,4,2\n50,5,1,4.9,5,4,2\n"
    )
    row = best_row(log)
    assert row is not None and row["step"] == "40"
    lines = table(variants, tmp_path).splitlines()
    assert lines[2] == "| masks as alpha | 4.5 | 5 | 4 | 2 | 40 | 4 |"
    assert lines[3] == "| + keyed | - | - | - | - | - | - |"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--only", "none"), "--only none: no such variant"),
        (("--list", "none.toml"), "none.toml: no such list of variants"),
        (("--budget", "hours=1"), "--budget hours=1: wanted steps=N or minutes=N"),
    ],
)
def test_ablations_report_mistakes_in_one_line(
    options: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--budget", "steps=1", "--out", str(tmp_path), *options]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
