"""What other corpora made that this one builds on."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Literal

from kedro.io import AbstractDataset, DatasetError
from kedro.io.core import parse_dataset_definition

from lfdm_pipeline.datasets.artifact import ArtifactDataset, ArtifactError
from lfdm_pipeline.datasets.fingerprint import digest

MAIN = "main"
UNSET = (
    "pretrained_from is not set, so there is no model to finetune: name the corpus that one was trained on in "
    "conf/<environment>/globals.yml, such as pretrained_from: synthetic"
)


def models_named(pretrained_from: str | list[str] | None) -> list[str]:
    """The models that `pretrained_from` names, each as `corpus` or `corpus/experiment`; one need not be a list."""
    return [pretrained_from] if isinstance(pretrained_from, str) else list(pretrained_from or [])


class PretrainedDataset(AbstractDataset[None, Any]):
    """An artifact of a corpus that the model was trained on before: read only, and taken as it is.

    Its own manifest says what it was made from; what this corpus' configuration says about it does not count.

    Args:
        corpora: the corpora, in the order the model was trained on them, each as `corpus` or `corpus/experiment`;
            one alone need not be a list.
        which: the first, the last, or all of them: then a mapping by corpus, of those that have the artifact.
        dataset: the artifact's own entry, its `filepath` with `{corpus}` and `{experiment}`.
        optional: whether None stands for an artifact that is missing.
    """

    def __init__(
        self,
        *,
        corpora: str | list[str] | None,
        which: Literal["first", "last", "all"],
        dataset: dict[str, Any],
        optional: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        names = models_named(corpora)
        self.which, self.optional, self.metadata = which, optional, metadata
        chosen = {"first": names[:1], "last": names[-1:], "all": names}[which]
        self._entry = "it"
        self._artifacts = {name.partition("/")[0]: _artifact(dataset, name) for name in chosen}
        self._commands = dict.fromkeys(self._artifacts, "kedro run")

    def bind(self, entry: str, commands: Mapping[str, str]) -> None:
        """Tell the dataset its name, and the command that makes everything of each corpus."""
        self._entry = entry
        self._commands |= {corpus: commands[corpus] for corpus in self._artifacts if corpus in commands}

    @property
    def corpora(self) -> tuple[str, ...]:
        """The corpora that are read from."""
        return tuple(self._artifacts)

    def require(self) -> None:
        """Check that everything is there that must be.

        Raises:
            ArtifactError: it is not; names the command that makes it.
        """
        if not self._artifacts:
            raise ArtifactError(UNSET)
        for corpus, artifact in self._artifacts.items():
            if artifact.manifest() is None and not self.optional and self.which != "all":
                # Not everything anew: an imported model would be replaced by one that is trained.
                raise ArtifactError(
                    f"{self._entry} is missing: corpus {corpus}, which pretrained_from names, has made none yet "
                    f"({artifact.path}); make it first with: {self._commands[corpus]} --only-missing-outputs"
                )

    def load(self) -> Any:
        """Read the artifact, or those of all corpora.

        Raises:
            ArtifactError: it is not there, or `pretrained_from` is not set.
        """
        self.require()
        present = {corpus: each.load() for corpus, each in self._artifacts.items() if each.manifest() is not None}
        return present if self.which == "all" else next(iter(present.values()), None)

    def save(self, data: None) -> None:
        """Never: what another corpus made is an input."""
        raise DatasetError(f"{self._entry} belongs to another corpus: nothing is saved to it")

    def source_fingerprint(self) -> str | None:
        """Digest of what the artifacts were made from; None where there is none."""
        manifests = {corpus: artifact.manifest() for corpus, artifact in self._artifacts.items()}
        made = {corpus: manifest.fingerprint for corpus, manifest in manifests.items() if manifest is not None}
        return digest(made) if made else None

    def _exists(self) -> bool:
        return self.source_fingerprint() is not None

    def _describe(self) -> dict[str, Any]:
        return {"corpora": list(self._artifacts), "which": self.which}


def _artifact(dataset: dict[str, Any], name: str) -> ArtifactDataset:
    corpus, _, experiment = name.partition("/")
    entry = deepcopy(dataset)
    entry["filepath"] = entry["filepath"].format(corpus=corpus, experiment=experiment or MAIN)
    kind, arguments = parse_dataset_definition(entry)
    artifact = kind(**arguments)
    assert isinstance(artifact, ArtifactDataset)
    return artifact
