from kedro.pipeline import Pipeline, node, pipeline

from toy.nodes import ingest, list_recordings, prepare, score, train, write_report


def register_pipelines() -> dict[str, Pipeline]:
    ingestion = pipeline(
        [
            node(prepare, ["params:source", "raw_root"], "raw_corpus", name="prepare"),
            node(list_recordings, "raw_corpus", "recordings", name="list_recordings"),
            node(
                ingest,
                ["recordings", "params:ingestion", "clips_workspace"],
                ["clips", "clip_table"],
                name="ingest",
            ),
        ]
    )
    inputs = ["clips", "params:model.options", "params:training", "params:seed", "run_log"]
    training = pipeline([node(train, inputs, "weights", name="train")])
    evaluation = pipeline(
        [
            node(score, ["weights", "clip_table"], "scores", name="score"),
            node(write_report, ["scores", "params:report.title"], "report", name="write_report"),
        ]
    )
    default = ingestion + training + evaluation
    return {"__default__": default, "ingestion": ingestion, "training": training, "evaluation": evaluation}
