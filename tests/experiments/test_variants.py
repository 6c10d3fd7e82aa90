import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.experiments.definition import Reach, find_experiment, read_experiments
from lfdm_pipeline.experiments.reaching import steps_to_reach
from lfdm_pipeline.experiments.variants import Variant, variants

GRID = {
    "title": "t",
    "question": "q",
    "settings": {"dm.training.batch_size": 4},
    "shortened": {"dm.training.batch_size": 1, "dm.training.steps": 9},
    "axes": [
        {"Absolute (paper)": {"dm.model.target": "absolute"}, "displacement": {"dm.model.target": "displacement"}},
        {"50": {"dm.training.steps": 50}, "100": {"dm.training.steps": 100}},
    ],
    "columns": [],
}


@pytest.fixture
def experiment():
    return read_experiments({"grid": GRID})["grid"]


def test_axes_are_combined_and_names_are_fit_for_folders(experiment):
    found = variants("grid", experiment)
    assert [each.name for each in found] == [
        "grid-absolute_paper-50",
        "grid-absolute_paper-100",
        "grid-displacement-50",
        "grid-displacement-100",
    ]
    assert found[0].label == "Absolute (paper), 50"


def test_parameters_are_nested_and_an_axis_wins_over_settings_and_they_over_what_is_shortened(experiment):
    assert variants("grid", experiment)[1].parameters == {
        "experiment": "grid-absolute_paper-100",
        "dm": {"model": {"target": "absolute"}, "training": {"batch_size": 4, "steps": 100}},
    }


def test_the_command_of_a_variant_is_what_kedro_takes():
    settings = {"a.list": [1, 2], "a.flag": False, "a.none": None, "a.rate": 0.5}
    command = Variant("x-y", ("y",), settings).command("mug", ["timing"])
    assert command == (
        "kedro run --env mug --pipelines timing --only-missing-outputs "
        "--params 'experiment=x-y,a.list=[1,2],a.flag=false,a.none=null,a.rate=0.5'"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axes": []}, r"grid\.axes"),
        ({"colums": []}, r"grid\.colums"),
        ({"title": None}, r"grid\.title"),
        ({"chart": {"x": "hours", "y": "hours"}}, "no column is titled 'hours'"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(change, message):
    with pytest.raises(InputError, match=message):
        read_experiments({"grid": {**GRID, **change}})


def test_an_unknown_name_gets_a_suggestion(experiment):
    with pytest.raises(InputError, match="did you mean grid"):
        find_experiment({"grid": experiment}, "gird")


def run(training, steps, value):
    return Variant("", (training, steps), {}), {"accuracy": value}


def test_steps_are_counted_to_the_score_that_all_reach():
    runs = [
        *(run("fast", steps, value) for steps, value in (("50", 0.5), ("100", 0.9), ("200", 0.8))),
        *(run("slow", steps, value) for steps, value in (("50", 0.1), ("100", 0.2), ("200", 0.4))),
    ]
    reached = steps_to_reach(Reach(score="accuracy", axis=2), runs)
    assert reached.steps == {"fast": "50", "slow": "200"}
    assert "0.400" in reached.title


def test_where_lower_is_better_steps_are_counted_the_other_way():
    runs = [run("a", "1", 9.0), run("a", "2", 3.0), run("b", "1", 5.0), run("b", "2", 4.0)]
    reached = steps_to_reach(Reach(score="accuracy", axis=2, better="lower"), runs)
    assert reached.steps == {"a": "2", "b": "2"}
    runs[2] = run("b", "1", 4.0)
    assert steps_to_reach(Reach(score="accuracy", axis=2, better="lower"), runs).steps == {"a": "2", "b": "1"}


def test_given_parameters_hold_for_all_variants_and_win_over_settings(experiment):
    changed = experiment.given({"dm.training.batch_size": 2, "evaluation.fvd.network": "i3d.pt"})
    for each in variants("grid", changed):
        assert each.settings["dm.training.batch_size"] == 2
        assert each.settings["evaluation.fvd.network"] == "i3d.pt"
    assert variants("grid", experiment)[0].settings["dm.training.batch_size"] == 4


@pytest.mark.parametrize("name", ["dm.model.target", "dm.training.steps", "experiment"])
def test_what_the_variants_differ_in_cannot_be_given(experiment, name):
    with pytest.raises(InputError, match=f"{name} is what the variants of this experiment differ in"):
        experiment.given({name: 1})
