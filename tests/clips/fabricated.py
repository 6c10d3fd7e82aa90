"""Small copies of the corpora: real files in their layouts, with every oddity that has been seen in the wild.

Frames carry their number as eight dark or light stripes within the part that ingestion is to keep; all else is grey,
so that a frame that is kept shows whether it is the right one, and grey at its edge that the crop is wrong. No two
clips begin with the same number, unless they are meant to be copies.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from scipy.io import savemat
from tests.clips.numbered_videos import Frames, encode, numbered_frames

from lfdm_pipeline.clips.geometry import CropBox

DARK, GREY, LIGHT = 30, 125, 220


def marked(numbers: Iterable[int], height: int, width: int, box: CropBox | None = None) -> Frames:
    """Grey frames (T, height, width, 3) with the given numbers within a box."""
    box = box or CropBox(top=0, bottom=height, left=0, right=width)
    numbers = list(numbers)
    frames = np.empty((len(numbers), height, width, 3), np.uint8)
    frames[:] = GREY
    stripes = numbered_frames(max(numbers) + 1, box.bottom - box.top, box.right - box.left)
    frames[:, box.top : box.bottom, box.left : box.right] = stripes[numbers]
    return frames


def write_frames(folder: Path, frames: Frames, name: str = "img_{:04}.jpg") -> None:
    """Write a folder of JPEG frames."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames):
        cv2.imwrite(str(folder / name.format(number)), frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])


# --- MUG


def make_mug(root: Path) -> None:
    """Thirteen folders of 4 frames each, and what has no place among them."""
    takes = {
        "001/001/anger/take000": 0,  # the subject's folder doubled
        "001/001/happiness/take000": 10,
        "002/session0/fear/take000": 20,
        "002/session1/fear/take000": 30,
        "006/session0/neutral": 40,  # frames straight under the expression
        "049/session3/disgust/take002": 50,
        "008/sadness/take000": 60,
        "017/Surprise/take000": 70,
        "017/anger/take000": 80,
        "017/anger/take001": 80,  # a copy
        "008/mixed/take000": 90,  # an expression that is none of the seven
        "003/session0/anger/take000": 100,  # a subject in neither list
        "008/fear/take000/smaller": 110,  # a folder too deep
    }
    for take, first in takes.items():
        write_frames(root / take, marked(range(first, first + 4), 96, 96))
    encode(root / "008/sadness/take000/take000.avi", "mjpeg", marked([200], 96, 96))
    (root / "008/sadness/take000/Thumbs.db").write_bytes(b"thumbnails")
    encode(root / "008/all.avi", "mjpeg", marked([201], 96, 96))
    (root / "017/neutral/take000").mkdir(parents=True)
    (root / "readme.txt").write_text("as distributed")


def tabulate_mug(root: Path, train: Sequence[str], test: Sequence[str]) -> None:
    """Names alone: 465 clips of the training subjects, and 7 of each test subject."""
    labels = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
    shares = {subject: 465 // len(train) + (index < 465 % len(train)) for index, subject in enumerate(train)}
    for subject, clips in (shares | dict.fromkeys(test, 7)).items():
        for clip in range(clips):
            folder = root / subject / labels[clip % 7] / f"take{clip // 7:03}"
            folder.mkdir(parents=True)
            (folder / "img_0000.jpg").touch()


# --- UTD-MHAD

MHAD_BOX = CropBox(top=0, bottom=480, left=156, right=492)


def make_mhad(root: Path) -> None:
    """Seven actions over the folders of the distribution, and two depth files."""
    videos = {
        "RGB-part1/a1_s1_t1_color.avi": 0,
        "RGB-part1/a8_s5_t2_color.avi": 10,
        "RGB-part2/A2_S4_T1_color.AVI": 20,
        "RGB-part4/RGB/a27_s8_t3_color.avi": 30,
        "RGB/a1_s1_t1_color.avi": 40,  # the same name as in RGB-part1
        "RGB/a28_s1_t1_color.avi": 50,  # an action without a name
        "RGB/a3_s9_t1_color.avi": 60,  # a subject in neither list
        "RGB/preview.avi": 70,
    }
    for name, first in videos.items():
        encode(root / name, "mpeg4_b", marked(range(first, first + 5), 480, 640, MHAD_BOX), fps=30)
    make_depth(root / "Depth/Depth/a1_s1_t1_depth.mat", top=0, bottom=235, left=78, right=150)
    make_depth(root / "Depth/Depth/a2_s4_t1_depth.mat", top=20, bottom=240, left=120, right=246)


def make_depth(path: Path, *, top: int, bottom: int, left: int, right: int) -> None:
    """A depth file of four frames in which the silhouette reaches each edge of the box once."""
    depth = np.zeros((240, 320, 4), np.uint16)
    depth[top, left + 1, 0] = depth[bottom - 1, left + 1, 1] = 1500
    depth[top + 1, left, 2] = depth[top + 1, right - 1, 3] = 2500
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {"d_depth": depth}, do_compression=True)


def tabulate_mhad(root: Path) -> None:
    """The names of all 861 clips."""
    absent = {(8, 1, 4), (23, 6, 4), (27, 8, 4)}
    (root / "RGB").mkdir(parents=True)
    for action in range(1, 28):
        for subject in range(1, 9):
            for trial in range(1, 5):
                if (action, subject, trial) not in absent:
                    (root / f"RGB/a{action}_s{subject}_t{trial}_color.avi").touch()


# --- NATOPS

NATOPS_BOX = CropBox(top=10, bottom=239, left=30, right=290)

NATOPS_SEGMENTS = """\
// Subject 02
 2, 1, 4
1: 1,4
  2:6 , 9

3:30,33
// Subject 01
1,1,1
1:2,3
// Subject 3 comes before its time, and the second gesture before the first
3,2,2
2:10,12
1:3,5
3,1,4
1:0,3
2:9,7
3:28,31
// Subject 4 has no video
4,1,2
1:1,5
2:7,9
"""
"""Videos have 30 frames: the third segments of gesture 1 reach beyond. Subject 3 has two that cannot be."""


def make_natops(root: Path) -> None:
    """Five videos with masks and depth beside them, their annotation, and a video of another name."""
    for name, first in {"g01s02": 0, "g01s01": 40, "g02s03": 80, "g01s03": 120, "g02s05": 160}.items():
        folder = root / f"data/gesture{name[1:3]}"
        encode(folder / f"{name}.avi", "mpeg4_b", marked(range(first, first + 30), 240, 320, NATOPS_BOX), fps=20)
        for kind in "md":
            encode(folder / f"{name}{kind}.avi", "mjpeg", marked([255], 240, 320))
    encode(root / "data/overview.avi", "mjpeg", marked([254], 240, 320))
    (root / "data/segmentation.txt").write_text(NATOPS_SEGMENTS)


def tabulate_natops(root: Path) -> None:
    """The names of all videos and the annotation of 9,600 clips."""
    lines = []
    for gesture in range(1, 25):
        (root / f"data/gesture{gesture:02}").mkdir(parents=True)
    for subject in range(1, 21):
        lines.append(f"// Subject {subject}")
        for gesture in range(1, 25):
            (root / f"data/gesture{gesture:02}/g{gesture:02}s{subject:02}.avi").touch()
            lines.append(f"{subject},{gesture},20")
            lines += [f"{repetition}:{100 * repetition - 99},{100 * repetition - 40}" for repetition in range(1, 21)]
    (root / "data/segmentation.txt").write_text("\n".join(lines))


# --- FaceForensics

FACE_CENTRE = (170, 120)
NUMBER_STRIP = CropBox(top=164, bottom=180, left=106, right=234)
"""Below the chin and within the square around the face."""


def draw_face(frame: Frames, centre: tuple[float, float], width: float) -> None:
    """Draw a face that the detector takes for one; its box is about 1.35 times as wide."""

    def ellipse(x: float, y: float, across: float, down: float, colour: tuple[int, int, int]) -> None:
        middle = (round(centre[0] + x * width), round(centre[1] + y * width))
        cv2.ellipse(frame, middle, (round(across * width), round(down * width)), 0, 0, 360, colour, -1, cv2.LINE_AA)

    ellipse(0, -0.12, 0.60, 0.72, (60, 45, 35))
    ellipse(0, 0, 0.50, 0.65, (225, 185, 160))
    for side in (-1, 1):
        ellipse(side * 0.21, -0.22, 0.14, 0.035, (70, 50, 40))
        ellipse(side * 0.21, -0.11, 0.13, 0.075, (150, 110, 95))
        ellipse(side * 0.21, -0.11, 0.08, 0.04, (245, 245, 245))
        ellipse(side * 0.21, -0.11, 0.04, 0.04, (20, 20, 20))
    ellipse(0, 0.08, 0.05, 0.12, (240, 205, 185))
    ellipse(0, 0.17, 0.10, 0.03, (160, 110, 100))
    ellipse(0, 0.34, 0.18, 0.05, (150, 50, 60))


def faces(numbers: Iterable[int]) -> Frames:
    """Frames of 240x320 with a face and a strip of stripes below it."""
    frames = marked(numbers, 240, 320, NUMBER_STRIP)
    for frame in frames:
        draw_face(frame, FACE_CENTRE, 60)
    return frames


def make_faceforensics(root: Path) -> None:
    """FaceForensics++ in one compression: five originals, one of them without a face, and a manipulated video."""
    videos = root / "original_sequences/youtube/c23/videos"
    for number, name in enumerate(["000", "003", "017", "424", "999"]):
        encode(videos / f"{name}.mp4", "h264", faces(range(20 * number, 20 * number + 6)), fps=24 + number)
    encode(videos / "071.mp4", "h264", marked(range(200, 206), 240, 320))
    encode(root / "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4", "h264", faces([250]))
    write_pairs(root, {"train": [["000", "003"], ["071", "072"]], "val": [["017", "018"]], "test": [["424", "425"]]})


def write_pairs(root: Path, splits: Mapping[str, list[list[str]]]) -> None:
    """Write the split files of FaceForensics++."""
    for split, pairs in splits.items():
        (root / f"{split}.json").write_text(json.dumps(pairs))


def make_faceforensics_2018(root: Path) -> None:
    """FaceForensics: originals of each split, and an altered video."""
    for number, name in enumerate(["train/original/_2v-Hh_1_0.avi", "val/original/-8k.avi", "test/original/a_-b.AVI"]):
        encode(root / name, "h264", faces(range(20 * number, 20 * number + 6)), fps=30)
    encode(root / "train/altered/_2v-Hh_1_0.avi", "h264", faces([250]))


def tabulate_faceforensics(root: Path) -> None:
    """The names of all 1,000 originals and their 500 pairs."""
    videos = root / "original_sequences/youtube/raw/videos"
    videos.mkdir(parents=True)
    ids = [f"{number:03}" for number in range(1000)]
    for name in ids:
        (videos / f"{name}.mp4").touch()
    pairs = [[first, second] for first, second in zip(ids[:500], reversed(ids[500:]), strict=True)]
    write_pairs(root, {"train": pairs[:360], "val": pairs[360:430], "test": pairs[430:]})


# --- one's own videos


def make_own(root: Path) -> None:
    """label/subject/clip: videos of any name and size, and folders of frames."""
    encode(root / "wave hands/Zoë/größer & weiter.MP4", "h264", marked(range(5), 48, 64))
    encode(root / "wave hands/bob/1.avi", "mjpeg", marked(range(10, 14), 50, 40))
    encode(root / "nod/bob/1.mov", "h264", marked([20], 48, 64))
    write_frames(root / "nod/Zoë/take.1", marked(range(30, 36), 48, 64), "{}.jpg")
    (root / "nod/Zoë/take.1/notes.txt").write_text("a good one")
    encode(root / "nod/Zoë/take.1/all.mp4", "h264", marked([99], 48, 64))
    (root / ".cache/a/b").mkdir(parents=True)
    (root / ".cache/a/b/c.mp4").touch()


def make_own_unlabelled(root: Path) -> None:
    """A table that names a video and a folder of frames, one of them labelled, and not another video."""
    encode(root / "a.mp4", "h264", marked(range(5), 48, 64))
    encode(root / "forgotten.mp4", "h264", marked(range(40, 45), 48, 64))
    (root / "notes.txt").write_text("a good one")
    write_frames(root / "deep/down", marked(range(30, 36), 48, 64))
    (root / "clips.csv").write_text(
        "\ufeffclip,label,subject,split\ndeep/down,,bob,test\na.mp4, nod ,ann,train\n", "utf-8"
    )


CORPORA: dict[str, Callable[[Path], None]] = {
    "mug": make_mug,
    "mhad": make_mhad,
    "natops": make_natops,
    "faceforensics": make_faceforensics,
    "faceforensics_2018": make_faceforensics_2018,
    "own": make_own,
    "own_unlabelled": make_own_unlabelled,
}
"""What makes each corpus."""
