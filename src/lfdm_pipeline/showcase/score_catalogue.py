"""What each score means, in plain words."""

import re
from dataclasses import dataclass
from typing import Literal

Better = Literal["lower", "higher", "near one", "neither"]


@dataclass(frozen=True)
class Meaning:
    """A score's title, which way is better, its unit and a sentence of explanation."""

    title: str
    better: Better
    explanation: str
    unit: str = ""


@dataclass(frozen=True)
class Group:
    """Scores that share the first part of their name."""

    title: str
    explanation: str


GROUPS = {
    "domains": Group(
        "New and old domain",
        "Test clips before (original) and after the model was finetuned on unlabelled clips of the new domain. All but "
        "the decoder is frozen: the warp is the same throughout a table, but for adapters that also change how flows "
        "are found. What the old domain loses is forgetting. Label accuracy: generated clips, judged by the probe of "
        "the corpus that has labels.",
    ),
    "reconstruction": Group(
        "Reconstruction",
        "The auto-encoder moves the first frame of each test clip onto its later frames. Both its warp and its "
        "prediction must beat simply repeating the first frame. A decoder that has learned to repaint beats the warp "
        "alone, too; after a short training it may not.",
    ),
    "flow": Group(
        "Latent flow against the truth",
        "Where the corpus knows the true motion of every pixel, the flow that the auto-encoder found without "
        "labels is compared with it.",
    ),
    "generation": Group(
        "Generation",
        "Clips generated from one picture of a test subject and a label.",
    ),
    "identity": Group(
        "Identity",
        "How far a clip strays from the looks of its reference frame: a distance of colours and textures, wherever in "
        "the picture they are. No face recogniser: it tells skin, hair and clothes apart, not bones.",
    ),
    "probe": Group(
        "The probe",
        "The classifier that judges generated clips, itself judged on real test clips.",
    ),
    "timing": Group("Time", "How long generation takes, and on which device."),
}

FLOOR = (
    "Between random halves of the real clips: about what clips as good as real ones would reach; too high where there "
    "are more than a third as many generated clips as real ones, else too low."
)

MEANINGS = {
    "flow.epe": Meaning("End-point error", "lower", "Mean distance of estimated from true flow, visible pixels.", "px"),
    "flow.zero_epe": Meaning(
        "… of no motion", "neither", "The same error for a flow of zero: what there is to gain.", "px"
    ),
    "flow.moving_epe": Meaning("End-point error, moving pixels", "lower", "Only pixels that truly move.", "px"),
    "flow.moving_zero_epe": Meaning("… of no motion", "neither", "Zero flow on the same pixels.", "px"),
    "reconstruction.clips": Meaning("Clips", "neither", "Test clips that the figures are means over."),
    "reconstruction.frames_per_clip": Meaning(
        "Frames a clip", "neither", "Spread evenly; the first frame is the reference and not among them."
    ),
    "generation.label_accuracy": Meaning(
        "Label accuracy",
        "higher",
        "Share of generated clips in which the probe sees the label that was asked for.",
    ),
    "probe.real_accuracy": Meaning(
        "Accuracy on real clips",
        "higher",
        "Share of real test clips whose label the probe names.",
    ),
    "generation.clips": Meaning("Generated clips", "neither", "How many clips the figures are taken over."),
    "generation.frechet_probe": Meaning(
        "Fréchet distance, probe features",
        "lower",
        "Between generated and real clips in the probe's own features. Not FVD, and not comparable with any.",
    ),
    "generation.frechet_probe_floor": Meaning("… of real clips", "neither", FLOOR),
    "generation.frechet_probe_label": Meaning(
        "… within each label", "lower", "Mean over labels and its standard deviation."
    ),
    "generation.frechet_probe_subject": Meaning(
        "… within each subject", "lower", "Mean over subjects and its standard deviation."
    ),
    "generation.fvd": Meaning("FVD", "lower", "Fréchet distance of generated from real clips in features of I3D."),
    "generation.fvd_floor": Meaning("… of real clips", "neither", FLOOR),
    "generation.cfvd": Meaning("cFVD", "lower", "FVD within each label: mean and standard deviation over labels."),
    "generation.sfvd": Meaning("sFVD", "lower", "FVD within each subject: mean and standard deviation over subjects."),
    "generation.diversity_l1": Meaning(
        "Diversity, pictures", "neither", "Mean absolute difference of two samples of one frame and label, in [0, 1]."
    ),
    "generation.diversity_motion": Meaning(
        "Diversity, motion", "neither", "Mean distance of their flows: 0 where every sample moves alike.", "px"
    ),
    "generation.diversity_conditions": Meaning(
        "… conditions", "neither", "Reference frames and labels with more than one sample."
    ),
    "generation.diversity": Meaning("Diversity", "neither", ""),
    "generation.flicker": Meaning(
        "Flicker",
        "lower",
        "Mean change from frame to frame, in [0, 1], of regions that the clip's own flow leaves where they are.",
    ),
    "generation.flicker_clips": Meaning("… clips", "neither", "Clips of which enough stands still to measure it."),
    "generation.flicker_static_share": Meaning("… still pixels", "neither", "Share of their pixels that stand still."),
    "generation.real_flicker": Meaning("Flicker, real clips", "neither", "The same on real clips: their compression."),
    "generation.real_flicker_clips": Meaning("… clips", "neither", "The same of real clips."),
    "generation.real_flicker_static_share": Meaning("… still pixels", "neither", "The same of real clips."),
    "identity.distance": Meaning(
        "Distance to the own reference frame", "lower", "Mean over frames of generated clips."
    ),
    "identity.real_distance": Meaning(
        "… of real clips", "neither", "Real clips to their own first frame: what motion alone costs."
    ),
    "identity.stranger_distance": Meaning(
        "Distance to other people", "neither", "Generated clips to the reference frames of all other subjects."
    ),
    "identity.accuracy": Meaning(
        "Nearest to the own subject", "higher", "Share of generated clips nearer to their subject than to any other."
    ),
    "identity.chance": Meaning("… by chance", "neither", "One over the number of subjects."),
    "reconstruction.lpips": Meaning("LPIPS", "lower", "Learned perceptual distance."),
    "generation.displacement": Meaning("Displacement", "neither", "Mean length of the generated flow.", "px"),
    "generation.real_displacement": Meaning("Displacement, real clips", "neither", "The same on real clips.", "px"),
    "generation.displacement_ratio": Meaning("Displacement ratio", "near one", "Generated against real."),
    "generation.motion": Meaning("Motion", "neither", "Mean distance of the flow from the first frame's flow.", "px"),
    "generation.real_motion": Meaning("Motion, real clips", "neither", "The same on real clips.", "px"),
    "generation.motion_ratio": Meaning("Motion ratio", "near one", "Generated against real."),
}

RECONSTRUCTION_ROWS = {"": "prediction", "warp_": "warp alone", "copy_": "first frame repeated"}
RECONSTRUCTION_COLUMNS: dict[str, tuple[str, Better]] = {
    "l1": ("L1 on [0, 1]", "lower"),
    "l1_percent": ("L1, %", "lower"),
    "psnr": ("PSNR, dB", "higher"),
    "ssim": ("SSIM", "higher"),
    "lpips": ("LPIPS", "lower"),
}


def meaning(name: str) -> Meaning:
    """Return what a flat score name means; a name not known here speaks for itself."""
    if name in MEANINGS:
        return MEANINGS[name]
    if timing := re.fullmatch(r"timing\.(.+)_(\d+)\.(seconds_per_clip|device)", name):
        sampler = f"{timing[1].upper()}, {timing[2]} steps"
        if timing[3] == "device":
            return Meaning(f"Device, {sampler}", "neither", "What it ran on.")
        return Meaning(f"Seconds a clip, {sampler}", "lower", "Sampling and decoding.", "s")
    return Meaning(name.split(".", 1)[-1].replace("_", " ").replace(".", ", "), "neither", "")


def group(prefix: str) -> Group:
    """Return the group of all scores whose name starts with `prefix`."""
    return GROUPS.get(prefix, Group(prefix.replace("_", " ").capitalize(), ""))
