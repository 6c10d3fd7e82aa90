import pytest
import torch
from pydantic import ValidationError

from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions


def test_the_defaults_are_the_paper_s() -> None:
    options = DMOptions()
    assert (options.target, options.prediction, options.timesteps) == ("absolute", "epsilon", 1000)
    assert options.denoiser.widths == (64, 128, 256, 512)


def test_options_and_weights_make_the_same_model_again() -> None:
    denoiser = DenoiserOptions(dim=8, multipliers=(1, 2), feature_channels=2, condition_dim=3, head_dim=2)
    dm = DM(DMOptions(denoiser=denoiser, target="displacement", prediction="v"))
    again = DM(DMOptions.model_validate_json(dm.options.model_dump_json()))
    again.load_state_dict(dm.state_dict())
    arguments = torch.randn(1, 3, 2, 4, 4), torch.tensor([5]), torch.rand(1, 2, 4, 4), torch.randn(1, 3)
    with torch.no_grad():
        assert torch.equal(again.denoiser(*arguments), dm.denoiser(*arguments))


def test_an_unknown_prediction_names_the_choices() -> None:
    with pytest.raises(ValidationError, match="'epsilon' or 'v'"):
        DMOptions.model_validate({"prediction": "x0"})
