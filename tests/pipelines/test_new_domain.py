"""The real command on a tiny new domain: what it leaves, what it leaves alone, and what it does not do again."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from click.testing import CliRunner
from tests.pipelines.new_domain_project import DECODER, bootstrapped, contents, lay_out, run_project, weights
from tests.pipelines.old_corpus import LABELS, make_old_corpus

from lfdm_pipeline.datasets.artifact import ArtifactError
from lfdm_pipeline.datasets.model import read_model
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.domains import DomainLFAE

ENV = "synthetic_newdomain"
METHODS = ("adapters", "decoder", "motion", "rehearsal")
ADAPTED = ("adapters", "motion")
DOMAIN_LFAE = "lfdm_pipeline.models.domains.DomainLFAE"
TINY: dict[str, Any] = {
    "device": "cpu",
    "training": {"checkpoint_every": 2, "log_every": 1, "preview_every": 2},
    "source": {
        "synthetic": {"size": 32, "train_subjects": 2, "test_subjects": 1, "takes": 2, "min_frames": 6, "max_frames": 8}
    },
    "ingestion": {"size": 32},
    "decoder_finetuning": {"training": {"steps": 3, "batch_size": 2, "warmup_steps": 0}},
    "generation": {"num_frames": 4, "sampler": {"steps": 2}},
    "evaluation": {"reconstruction": {"frames": 4}, "probing": {"frames": 4}},
    "new_domain_showcase": {"labels": None},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, empty_mlflow_database: Path) -> Iterator[Path]:
    root = lay_out(tmp_path_factory.mktemp("project"), ENV, TINY)
    with bootstrapped(root, empty_mlflow_database):
        yield root


def run(project: Path, *pipelines: str, env: str = ENV, **parameters: Any) -> set[str]:
    return run_project(project, env, *pipelines, **parameters)


@pytest.fixture(scope="module")
def finetuned(project: Path) -> Path:
    make_old_corpus(project / "data", "synthetic")
    old = contents(project, "synthetic")
    run(project)
    assert contents(project, "synthetic") == old, "what the other corpus made must stay as it is"
    return project


def test_a_model_that_is_missing_is_named_before_anything_is_made(project: Path) -> None:
    if (project / "data").exists():
        pytest.skip("another test has made it")
    with pytest.raises(ArtifactError, match=r"corpus synthetic, .* first with: kedro run --only-missing-outputs$"):
        run(project)
    assert not (project / "data").exists()


def test_leaves_every_artifact(finetuned: Path) -> None:
    reporting = finetuned / "data/08_reporting" / ENV / "main"
    for name in ("report.html", "scores.json", "showcase/new_domain.mp4", "showcase/new_domain.gif"):
        assert (reporting / name).stat().st_size > 0
    assert {path.stem for path in (reporting / "showcase/reconstructions").iterdir()} == {ENV, "synthetic"}
    report = (reporting / "report.html").read_text()
    assert "data:video/mp4;base64," in report
    assert all(f'<th scope="row">{name}</th>' in report for name in ("original", *METHODS))


def test_its_results_are_written_by_command(finetuned: Path, tmp_path: Path) -> None:
    from lfdm_pipeline.cli import cli

    command = ["results", "--env", ENV, "--into", str(tmp_path)]
    assert CliRunner().invoke(cli, command, catch_exceptions=False).exit_code == 0
    page = (tmp_path / "results.md").read_text()
    assert all(f"| {name} " in page for name in ("original", *METHODS))
    pictures = {path.stem for path in (tmp_path / "images/results" / ENV).iterdir()}
    assert pictures == {"new_domain", f"reconstructions_{ENV}", "reconstructions_synthetic"}
    assert all(f"images/results/{ENV}/{name}.jpg" in page for name in pictures)
    assert "kedro experiment" not in page, "which would train a model"


def test_nothing_but_the_decoder_and_adapters_is_changed(finetuned: Path) -> None:
    old = weights(finetuned, "synthetic/main/lfae")
    for method in METHODS:
        new = weights(finetuned, f"{ENV}/main/finetuned_lfaes/{method}")
        changed = {name for name in new if name not in old or not np.array_equal(new[name], old[name])}
        assert changed
        assert old.keys() <= new.keys()
        assert all(name.startswith("adapters." if method in ADAPTED else DECODER) for name in changed)


def test_scores_tell_before_and_after_on_both_domains(finetuned: Path) -> None:
    scores = json.loads((finetuned / "data/08_reporting" / ENV / "main/scores.json").read_text())
    for domain in (ENV, "synthetic"):
        for decoder in ("original", *METHODS):
            for name in ("l1", "warp_l1", "sharpness", "warp_sharpness", "label_accuracy"):
                assert np.isfinite(scores[f"domains.{domain}.{decoder}.{name}"])
        frozen = {
            scores[f"domains.{domain}.{decoder}.warp_l1"] for decoder in ("original", *METHODS) if decoder != "motion"
        }
        assert len(frozen) == 1, "the flow is that of the frozen parts"
        assert (scores[f"domains.{domain}.motion.warp_l1"] in frozen) == (domain != ENV)
    for decoder in ADAPTED:
        assert scores[f"domains.synthetic.{decoder}.l1"] == scores["domains.synthetic.original.l1"]
        assert scores[f"domains.{ENV}.{decoder}.l1"] != scores[f"domains.{ENV}.original.l1"]
    kept = scores[f"domains.{ENV}.motion.l1"]
    assert scores["reconstruction.l1"] == pytest.approx(kept, rel=1e-5)


def test_adapters_of_predictors_learn_by_stage_ones_terms_on_regions(finetuned: Path) -> None:
    history = pd.read_parquet(finetuned / "data/06_models" / ENV / "main/finetuning_history.parquet")
    by_regions = history.groupby("method")["equivariance_shift"].count()
    assert by_regions.drop("motion").eq(0).all()
    assert by_regions["motion"] > 0


def test_generates_the_old_labels_for_the_new_subjects(finetuned: Path) -> None:
    output = finetuned / "data/07_model_output" / ENV / "main/test_subjects"
    table = pd.read_parquet(output / "generated_table.parquet")
    assert set(table["label"]) == set(LABELS)
    assert set(table["subject"]) == {"puppet002"}
    assert len(list(output.rglob("*.mp4"))) == len(table)


def test_a_second_run_makes_nothing_again(finetuned: Path) -> None:
    assert {name for name in run(finetuned) if not name.startswith("mlflow")} == set()


def test_another_choice_trains_nothing_and_another_rank_only_its_own_method(finetuned: Path) -> None:
    kept = run(finetuned, decoder_finetuning={"keep": "adapters"})
    assert any(name.startswith(f"06_models/{ENV}/main/lfae/") for name in kept)
    assert not any("finetun" in name for name in kept)
    assert any("latent_flows" in name for name in kept), "flows are those of the network that is kept"
    again = run(finetuned, decoder_finetuning={"keep": "adapters", "methods": {"adapters": {"adapter_rank": 2}}})
    checkpoints = {name for name in again if "finetuning_checkpoints" in name}
    assert checkpoints
    assert all("/adapters/" in name or "/adapters.previous/" in name for name in checkpoints)


def test_a_third_domain_builds_on_both(finetuned: Path) -> None:
    shutil.copytree(finetuned / "conf" / ENV, finetuned / "conf" / "third")
    names = yaml.safe_dump({"corpus": "third", "pretrained_from": ["synthetic", ENV]})
    (finetuned / "conf/third/globals.yml").write_text(names)
    rehearsal = {"keep": "rehearsal"}
    run(finetuned, decoder_finetuning=rehearsal)
    before = contents(finetuned, "synthetic"), contents(finetuned, ENV)
    run(finetuned, env="third", decoder_finetuning=rehearsal)
    assert (contents(finetuned, "synthetic"), contents(finetuned, ENV)) == before
    scores = json.loads((finetuned / "data/08_reporting/third/main/scores.json").read_text())
    for domain in ("third", ENV, "synthetic"):
        assert np.isfinite(scores[f"domains.{domain}.rehearsal.l1"])
        assert scores[f"domains.{domain}.adapters.label_accuracy"] >= 0
    new, old = weights(finetuned, "third/main/lfae"), weights(finetuned, f"{ENV}/main/lfae")
    changed = {name for name in new if not np.array_equal(new[name], old[name])}
    assert changed
    assert all(name.startswith(DECODER) for name in changed)


@dataclass(frozen=True)
class Chain:
    """A domain added by adapters to one that was added by adapters of the same kind."""

    corpus: str
    kept: str
    second: DomainLFAE
    third: DomainLFAE


@pytest.fixture(scope="module", params=ADAPTED)
def chain(request: pytest.FixtureRequest, finetuned: Path) -> Chain:
    kept = request.param
    run(finetuned, decoder_finetuning={"keep": kept})
    before = contents(finetuned, "synthetic"), contents(finetuned, ENV)
    corpus = f"added_by_{kept}"
    shutil.copytree(finetuned / "conf" / ENV, finetuned / "conf" / corpus)
    names = yaml.safe_dump({"corpus": corpus, "pretrained_from": ["synthetic", ENV]})
    (finetuned / "conf" / corpus / "globals.yml").write_text(names)
    models = finetuned / "data/06_models"
    with pytest.raises(InputError, match=r"this LFAE has adapters for synthetic_newdomain, .*decoder: null"):
        run(finetuned, env=corpus, decoder_finetuning={"keep": kept})
    assert not list((models / corpus).rglob("*checkpoints/adapters/*")), "known before any training"
    run(finetuned, env=corpus, decoder_finetuning={"keep": kept, "methods": {"decoder": None, "rehearsal": None}})
    assert (contents(finetuned, "synthetic"), contents(finetuned, ENV)) == before
    networks = (read_model(models / each / "main/lfae", DOMAIN_LFAE) for each in (ENV, corpus))
    return Chain(corpus, kept, *networks)


def test_another_domain_adds_adapters_and_changes_no_weight(chain: Chain) -> None:
    old, new = chain.second.state_dict(), chain.third.state_dict()
    assert all(torch.equal(new[name], value) for name, value in old.items())
    added = new.keys() - old.keys()
    assert added
    assert all(name.startswith("adapters.1.") for name in added)


def test_a_network_of_three_domains_does_the_same_on_the_old_ones_bit_for_bit(chain: Chain) -> None:
    source, driving = torch.rand(2, 2, 3, 32, 32, generator=torch.Generator().manual_seed(0)).unbind()
    with torch.no_grad():
        for domain in ("synthetic", ENV):
            before, after = (lfae.use_domain(domain)(source, driving) for lfae in (chain.second, chain.third))
            for part in ("flow", "occlusion", "deformed", "prediction"):
                assert torch.equal(getattr(after, part), getattr(before, part)), (domain, part)
        own = chain.third.use_domain(chain.corpus)(source, driving)
        assert not torch.equal(own.prediction, after.prediction)
        assert torch.equal(own.flow, chain.third.use_domain("synthetic")(source, driving).flow) == (
            chain.kept == "adapters"
        )


def test_tables_of_three_domains_tell_that_the_old_ones_are_as_they_were(chain: Chain, finetuned: Path) -> None:
    table = pd.read_parquet(finetuned / "data/08_reporting" / chain.corpus / "main/domain_scores.parquet")
    assert list(zip(table["domain"], table["decoder"], strict=True)) == [
        (domain, decoder) for domain in (chain.corpus, "synthetic", ENV) for decoder in ("original", *ADAPTED)
    ]
    rows = table.set_index(["domain", "decoder"]).drop(columns="changed_values")
    assert np.isfinite(rows).all(axis=None)
    for decoder in ADAPTED:
        for domain in ("synthetic", ENV):
            assert rows.loc[(domain, decoder)].equals(rows.loc[(domain, "original")])
        assert rows.loc[(chain.corpus, decoder), "l1"] != rows.loc[(chain.corpus, "original"), "l1"]
    warped = rows.loc[chain.corpus, "warp_l1"]
    assert warped["adapters"] == warped["original"] != warped["motion"]


def test_what_would_train_a_model_does_not_run_here(finetuned: Path) -> None:
    with pytest.raises(InputError, match=r"pipeline lfae_training does not run where globals.yml sets pretrained_from"):
        run(finetuned, "lfae_training")


def test_another_environment_of_the_same_process_has_its_own_pipelines(finetuned: Path) -> None:
    from kedro.framework.project import pipelines
    from kedro.framework.session import KedroSession

    for env, trains in ((None, True), (ENV, False)):
        pipelines.set_requested(None)
        with KedroSession.create(finetuned, env=env) as session:
            session.load_context()
            assert ("lfae_training" in pipelines) == trains
            assert ("train_lfae" in {node.name for node in pipelines["__default__"].nodes}) == trains
