import numpy as np
from PIL import Image

from lfdm_pipeline.showcase.scatter import POINT, draw_scatter


def test_every_variant_is_a_point_where_its_scores_are(tmp_path):
    path = tmp_path / "chart.png"
    draw_scatter(path, {"few": (0.1, 100.0), "many": (10.0, 25.0)}, ("seconds", "distance"))
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - [int(POINT[i : i + 2], 16) for i in (1, 3, 5)]).sum(-1) < 12)
    left = columns < columns.mean()
    assert rows[left].mean() < rows[~left].mean(), "few steps: less time and the greater distance"
    assert np.ptp(columns) > pixels.shape[1] / 2
    assert list(tmp_path.iterdir()) == [path]
