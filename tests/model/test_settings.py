import pytest
from pydantic import ValidationError

from u2cam.model.settings import ModelSettings


@pytest.mark.parametrize(
    ("text", "size_wh"), [("auto", None), ("320", (320, 320)), ("512x288", (512, 288))]
)
def test_input_size_is_read_as_width_and_height(text: str, size_wh: tuple[int, int] | None) -> None:
    assert ModelSettings(input_size=text).input_size_wh() == size_wh


@pytest.mark.parametrize(
    "wrong",
    [{"input_size": "0"}, {"input_size": "512x"}, {"device": "gpu"}, {"precision": "int8"}],
)
def test_nonsense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ModelSettings(**wrong)  # type: ignore[arg-type]


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        ModelSettings(nmae="u2net")  # type: ignore[call-arg]
