"""Tables."""

from pathlib import Path
from typing import TYPE_CHECKING

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.storage import reading

if TYPE_CHECKING:
    import pandas as pd


class TableDataset(ArtifactDataset):
    """A pandas table as a parquet file."""

    def _read(self, path: Path) -> "pd.DataFrame":
        import pandas as pd

        with reading(path) as local:
            return pd.read_parquet(local)

    def _write(self, data: "pd.DataFrame", path: Path) -> None:
        with replacing(path) as temporary:
            data.to_parquet(temporary)
