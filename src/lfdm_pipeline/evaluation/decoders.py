"""Decoders side by side: networks that differ in what finetuning changed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.evaluation.clip_batches import Clips, clip_batches
from lfdm_pipeline.evaluation.reconstruction import ReconstructionOptions, compare
from lfdm_pipeline.evaluation.sharpness import relative_sharpness
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.models.grids import identity_grid

Decoders = Mapping[str, DomainLFAE]


def score_decoders(
    decoders: Decoders,
    domain: str,
    clips: Clips,
    clip_table: pd.DataFrame,
    options: ReconstructionOptions,
    device: torch.device,
) -> pd.DataFrame:
    """Reconstruct the clips of a domain with each decoder, by the flows that its own network finds.

    Args:
        decoders: Networks by name.
        domain: Whose clips they are; networks with an adapter for it use that.
        clips: Frames by clip id.
        clip_table: The clips.
        options: Frames a clip and batch size.
        device: Where to compute.

    Returns:
        One row a decoder (index `decoder`): means over clips of `l1`, `psnr`, `ssim` and `sharpness` of the prediction,
        the same with `warp_` of the reference warped by the flow alone, and `kept`: the mean occlusion, the share of
        the warped picture that the decoder does not repaint.
    """
    networks = {name: lfae.to(device).eval().use_domain(domain) for name, lfae in decoders.items()}
    batches = clip_batches(
        clips, clip_table["clip_id"].tolist(), options.frames + 1, options.batch_size, f"decoders on {domain}"
    )
    parts = [_scores(networks, batch.to(device)) for batch in batches]
    return pd.concat(parts).groupby("decoder", sort=False).mean()


@torch.inference_mode()
def _scores(networks: Decoders, clips: Tensor) -> pd.DataFrame:
    frames = clips.transpose(1, 2)
    source, driving = frames[:, 0], frames[:, 1:]
    tables = []
    for name, lfae in networks.items():
        flow, occlusion = lfae.extract(source, driving)
        decoded = lfae.decode_clip(source, flow, occlusion)
        scores = {
            prefix + measure: score
            for prefix, answer in {"": decoded.prediction, "warp_": decoded.deformed}.items()
            for measure, score in (
                compare(answer.clamp(0, 1), driving) | {"sharpness": relative_sharpness(answer, driving)}
            ).items()
        } | {"kept": occlusion.mean(dim=(1, 2, 3, 4))}
        tables.append(pd.DataFrame({key: value.cpu().numpy() for key, value in scores.items()}).assign(decoder=name))
    return pd.concat(tables)


class DecodedAgain:
    """Generated clips as another decoder would have decoded them: the same flows, the same reference frames."""

    def __init__(self, generated: GeneratedStore, lfae: DomainLFAE) -> None:
        self._generated, self._lfae = generated, lfae

    @torch.inference_mode()
    def __getitem__(self, name: str, /) -> NDArray[np.uint8]:
        """Frames of a clip, uint8 (K, H, W, 3)."""
        displacement, occlusion = (torch.from_numpy(values) for values in self._generated.flows.read(name))
        device = next(self._lfae.parameters()).device
        flow = displacement.movedim(1, -1) + identity_grid(*displacement.shape[2:])
        reference = image_tensor(self._generated.reference(name))
        given = (each[None].to(device) for each in (reference, flow, occlusion))
        images = self._lfae.decode_clip(*given).prediction[0]
        return images.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
