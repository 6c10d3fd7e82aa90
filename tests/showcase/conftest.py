import numpy as np
import pandas as pd
import pytest

from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.showcase.comparisons import Column, ComparedRun, Comparison, KeptComparisons, Paper, Reached
from lfdm_pipeline.showcase.exhibits import Exhibit
from lfdm_pipeline.showcase.report import ReportContent
from lfdm_pipeline.showcase.targets import Target


@pytest.fixture
def comparison():
    return Comparison(
        name="table_a1",
        title="Residual blocks",
        question="Do more help?",
        corpus="synthetic",
        command="kedro experiment table_a1",
        columns=(Column(title="L1, %", score="reconstruction.l1_percent", better="lower"),),
        runs=(
            ComparedRun(
                label="6 blocks", scores={"reconstruction.l1_percent": 4.2}, command="kedro run", mlflow_run_id=None
            ),
            ComparedRun(label="10 blocks", scores={"reconstruction.l1_percent": 3.7}, command="kedro run"),
        ),
        paper=Paper(source="Table A1", figures={"error": {"6 blocks": 0.418}}, comparable="Only the direction is."),
        reached=Reached(title="until accuracy is 0.5", steps={"absolute": "200", "displacement": "50"}),
    )


@pytest.fixture
def content(tmp_path, comparison):
    video = tmp_path / "grid.mp4"
    write_video(video, np.zeros((3, 16, 16, 3), np.uint8), 5)
    steps = np.arange(1, 31)
    labels = ["nod", "turn"]
    return ReportContent(
        corpus="synthetic",
        experiment="main",
        scores={
            "reconstruction.l1": 0.0123,
            "reconstruction.copy_l1": 0.05,
            "reconstruction.note": "48 clips",
            "generation.label_accuracy": 0.9375,
            "custom.thing": 5,
            "generation.cfvd_mean": 12.5,
            "generation.cfvd_std": 3.25,
            "generation.cfvd_low": 10.5,
            "generation.cfvd_high": 14.5,
            "generation.cfvd_warning": "sample too small",
            "generation.fvd_note": "not measured: no file",
        },
        held_out="The test clips show subjects that are in no training clip.",
        run={"MLflow run": "0123abcd"},
        targets=[
            Target(
                title="Reconstruction",
                score="reconstruction.l1",
                relative_to="reconstruction.copy_l1",
                at_most=0.4,
            ),
            Target(title="Accuracy", score="generation.label_accuracy", at_least=0.95),
        ],
        exhibits=[Exhibit("Grid", "all <labels>", video)],
        histories={"Diffusion model": pd.DataFrame({"step": steps, "total": 1 / steps})},
        confusions={"Generated": pd.DataFrame([[3, 1], [0, 4]], index=labels, columns=labels)},
        ingestion={
            "listed": 3,
            "kept": 2,
            "left_out": [{"source": "s/nod/9.mp4", "clip_id": "s/nod/9", "reason": "damaged & short"}],
            "findings": ["all clips are short"],
            "clips_by_label": {"nod": {"train": 1, "test": 2}, "turn": {"train": 4}},
            "subjects_by_split": {"train": 1},
            "frames": 30,
            "seconds": 3.0,
            "shortest": 10,
            "longest": 20,
        },
        parameters={"lfae": {"model": {"num_regions": 10}}, "seed": 7},
        comparisons=KeptComparisons([comparison]),
        commands=["make demo"],
    )
