"""The corpus that the project renders itself."""

from pathlib import Path

from lfdm_pipeline.clips.sources.base import Recording, Survey
from lfdm_pipeline.clips.synthetic.corpus import read_table, render_corpus
from lfdm_pipeline.clips.synthetic.options import SyntheticOptions


class SyntheticSource:
    """Renders the corpus where it is absent or was made with other options."""

    def __init__(self, options: SyntheticOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Render the corpus into `root`."""
        render_corpus(root, self._options)

    def survey(self, root: Path) -> Survey:
        """List the clips from the corpus' own table."""
        recordings = [
            Recording(
                source=clip.clip,
                clip_id=Path(clip.clip).stem,
                label=clip.label or None,
                subject=clip.subject,
                split=clip.split,
                ground_truth=clip.ground_truth or None,
            )
            for clip in read_table(root)
        ]
        return Survey(tuple(sorted(recordings, key=lambda recording: recording.clip_id)))
