"""Tables."""

from typing import TYPE_CHECKING

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset

if TYPE_CHECKING:
    import pandas as pd


class TableDataset(ArtifactDataset):
    """A pandas table as a parquet file."""

    def _read(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.read_parquet(self.path)

    def _write(self, data: "pd.DataFrame") -> None:
        with replacing(self.path) as temporary:
            data.to_parquet(temporary)
