import os

from lfdm_pipeline.clips.complaints import Complaints


def test_hears_what_is_written_below_python(capfd):
    complaints = Complaints()
    assert complaints.said() == ""
    with complaints.heard():
        os.write(2, b"damaged\n")
    assert complaints.said() == "damaged\n"
    assert complaints.said() == ""
    os.write(2, b"loud")
    assert complaints.said() == ""
    assert capfd.readouterr().err == "loud"
