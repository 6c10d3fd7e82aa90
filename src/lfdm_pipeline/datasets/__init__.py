"""Kedro dataset classes: file formats, and manifests that say what a kept artifact was made from."""

from lfdm_pipeline.datasets.artifact import ArtifactDataset as ArtifactDataset
from lfdm_pipeline.datasets.condition_vectors import ConditionVectorsDataset as ConditionVectorsDataset
from lfdm_pipeline.datasets.folder import FolderDataset as FolderDataset
from lfdm_pipeline.datasets.model import ModelDataset as ModelDataset
from lfdm_pipeline.datasets.models import ModelsDataset as ModelsDataset
from lfdm_pipeline.datasets.named_models import KeptModelsDataset as KeptModelsDataset
from lfdm_pipeline.datasets.path import PathDataset as PathDataset
from lfdm_pipeline.datasets.picture import PictureDataset as PictureDataset
from lfdm_pipeline.datasets.pretrained import PretrainedDataset as PretrainedDataset
from lfdm_pipeline.datasets.published import PublishedFileDataset as PublishedFileDataset
from lfdm_pipeline.datasets.raw_corpus import RawCorpusDataset as RawCorpusDataset
from lfdm_pipeline.datasets.run_facts import RunFactsDataset as RunFactsDataset
from lfdm_pipeline.datasets.run_log import RunLogDataset as RunLogDataset
from lfdm_pipeline.datasets.table import TableDataset as TableDataset
from lfdm_pipeline.datasets.text import JsonDataset as JsonDataset
from lfdm_pipeline.datasets.text import TextDataset as TextDataset
from lfdm_pipeline.datasets.workspace import WorkspaceDataset as WorkspaceDataset
