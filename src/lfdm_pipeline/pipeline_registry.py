"""The pipelines by name."""

from importlib import import_module
from pkgutil import iter_modules

from kedro.pipeline import Pipeline, pipeline

from lfdm_pipeline import pipelines

ON_REQUEST = frozenset({"decoder_finetuning", "generation_shard", "reference_export", "reference_import", "timing"})
"""Pipelines that replace what another one makes, make a part of it, or that few need; run only by name."""

NEW_DOMAIN = ("ingestion", "decoder_finetuning", "latent_extraction", "generation", "evaluation", "showcase")
"""What runs where `pretrained_from` names the corpus that the model was trained on; nothing else may then run."""


def register_pipelines() -> dict[str, Pipeline]:
    """Every package under `pipelines/`; `__default__`: all but those on request; `new_domain`.

    The nodes of `new_domain` are tagged with the pipeline they belong to: `hooks.new_domain` puts them in its place.
    """
    modules = {
        module.name: import_module(f"{pipelines.__name__}.{module.name}.pipeline")
        for module in iter_modules(pipelines.__path__)
    }
    registered: dict[str, Pipeline] = {name: module.create_pipeline() for name, module in modules.items()}
    new_domain = [
        pipeline(getattr(modules[name], "create_new_domain_pipeline", modules[name].create_pipeline)(), tags=name)
        for name in NEW_DOMAIN
    ]
    default = [found for name, found in registered.items() if name not in ON_REQUEST]
    return {
        **registered,
        "new_domain": sum(new_domain, start=pipeline([])),
        "__default__": sum(default, start=pipeline([])),
    }
