from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from u2cam.core.choices import BUILT_IN
from u2cam.core.errors import BackgroundError
from u2cam.core.frame import single_frame
from u2cam.effects.backgrounds.base import (
    BlurBackground,
    ColourBackground,
    ImageBackground,
    Replacement,
    SceneBackground,
)
from u2cam.effects.backgrounds.blur import blur_background
from u2cam.effects.backgrounds.images import SlideShow, read_picture
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.backgrounds.procedural import built_in
from u2cam.effects.backgrounds.spec import COLOURS
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import BackgroundSettings
from u2cam.imaging.fit import fit_picture
from u2cam.imaging.pyramid import Pyramid

SETTINGS = BackgroundSettings()
SIZE = (64, 36)


def save(path: Path, rgb: np.ndarray) -> Path:
    cv2.imwrite(str(path), rgb[..., ::-1])
    return path


def solid(rgb: tuple[int, int, int], h: int = 36, w: int = 64) -> np.ndarray:
    return np.full((h, w, 3), rgb, np.uint8)


def shown(spec: str, time_s: float = 0.0) -> np.ndarray:
    background = parse_background(spec, SETTINGS)
    assert isinstance(background, Replacement)
    return background.picture(SIZE, time_s)


def write_video(path: Path, levels: list[int], fps: int = 10) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "1", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for index, level in enumerate(levels):
            frame = av.VideoFrame.from_ndarray(solid((level,) * 3), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 7), (36, 64)])
def test_every_picture_fits_every_size(fit: str, shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 200, np.uint8)
    for size in ((64, 36), (1, 1), (3, 50)):
        fitted = fit_picture(picture, size, fit)  # type: ignore[arg-type]
        assert fitted.shape == (size[1], size[0], 3)
        if fit != "contain":
            assert (fitted == 200).all()


def test_contain_adds_bars_and_cover_crops_the_middle() -> None:
    picture = solid((250, 0, 0), 20, 20)
    picture[:, 8:12] = (0, 0, 250)
    contained = fit_picture(picture, (40, 20), "contain")
    assert (contained[:, :10] == 0).all()
    assert contained[10, 11, 0] > 200
    covered = fit_picture(picture, (10, 20), "cover")
    assert covered[10, 5, 2] > 200
    assert covered[10, 0, 0] > 200


def test_colours_by_number_and_by_name() -> None:
    assert shown("#00b140")[0, 0].tolist() == [0, 0xB1, 0x40]
    assert shown("#fff")[0, 0].tolist() == [255] * 3
    assert shown("White")[0, 0].tolist() == [255] * 3
    assert set(COLOURS) & {"green", "blue", "gray", "grey"}


def test_a_photo_is_turned_as_exif_says(tmp_path: Path) -> None:
    picture = solid((10, 10, 10), 40, 80)
    picture[:, :20] = (250, 250, 250)  # bright on the left
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    # APP1 with one entry: orientation 6, turn by 90° clockwise: left becomes top.
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    app1 = b"\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\0\0" + tiff
    path = tmp_path / "phone.jpg"
    path.write_bytes(data[:2] + app1 + data[2:])
    turned = read_picture(path)
    assert turned.shape == (80, 40, 3)
    assert turned[5].mean() > 200
    assert turned[-5].mean() < 40


def test_a_video_runs_at_its_own_rate_and_loops(tmp_path: Path) -> None:
    levels = [20, 60, 100, 140, 180, 220]
    video = VideoBackground(write_video(tmp_path / "clip.mp4", levels))
    seen = [video.picture(SIZE, 5 + index / 30).mean() for index in range(54)]
    wanted = [levels[int(index / 3 + 0.01) % 6] for index in range(54)]
    wrong = np.abs(np.array(seen) - wanted) > 6
    assert wrong.sum() <= 4  # a frame's edge may fall on either side of a rounded time


def test_a_video_goes_on_after_a_gap_and_bears_time_going_back(tmp_path: Path) -> None:
    video = VideoBackground(write_video(tmp_path / "clip.mp4", [20, 60, 100, 140, 180, 220] * 3))
    video.picture(SIZE, 0.0)
    assert video.picture(SIZE, 3600.0).mean() < 240
    assert video.picture(SIZE, 0.0).shape == (36, 64, 3)


def test_a_video_chosen_during_a_run_starts_with_its_first_frame(tmp_path: Path) -> None:
    levels = [20, 60, 100, 140, 180, 220, 250]
    clip = write_video(tmp_path / "clip.mp4", levels)
    renderer = CpuRenderer(Presentation("red"), raw_matte=True)
    image, empty = solid((0, 0, 0)), np.zeros((36, 64), np.float32)
    renderer.render(single_frame(image, 100.0), empty)
    renderer.presentation.set_background(str(clip))
    times_s = (100.1, 100.2, 100.3)
    seen = [renderer.render(single_frame(image, time_s), empty).mean() for time_s in times_s]
    assert seen == pytest.approx(levels[:3], abs=6)


def test_a_video_that_is_gone_when_it_should_loop_stands_still(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_video(tmp_path / "clip.mp4", [20, 60, 100])
    video = VideoBackground(clip)
    monkeypatch.setattr(video._reader, "restart", lambda: False)  # a format that cannot seek
    clip.unlink()
    seen = [video.picture(SIZE, index / 10).mean() for index in range(9)]
    assert seen == pytest.approx([20, 60] + [100] * 7, abs=6)
    assert len(caplog.records) == 1
    assert "clip.mp4: stands still" in caplog.text


def test_a_folder_is_a_slide_show_that_fades(tmp_path: Path) -> None:
    save(tmp_path / "a.png", solid((0, 0, 0)))
    save(tmp_path / "b.png", solid((200, 200, 200)))
    show = parse_background(str(tmp_path), BackgroundSettings(slide_s=4, crossfade_s=2))
    assert isinstance(show, SlideShow)
    assert [round(show.picture(SIZE, t).mean()) for t in (0, 1.9, 3, 4.1, 8.1)] == [
        0, 0, 100, 200, 0,
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_animations_play_by_the_clock(tmp_path: Path, suffix: str) -> None:
    animation = cv2.Animation()
    animation.frames = [solid((0, 0, 0)), solid((255, 255, 255))]
    animation.durations = [200, 200]
    path = tmp_path / f"a{suffix}"
    if not cv2.imwriteanimation(str(path), animation):
        pytest.skip(f"this OpenCV writes no animated {suffix}")
    background = parse_background(str(path), SETTINGS)
    assert isinstance(background, Replacement)
    seen = [background.picture(SIZE, t).mean() > 128 for t in (0.05, 0.25, 0.45)]
    assert seen == [False, True, False]


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_backgrounds_have_every_size_and_repeat(name: str) -> None:
    for size in ((1, 1), (64, 36), (31, 77)):
        assert built_in(name).picture(size, 3.0).shape == (size[1], size[0], 3)
    assert (built_in(name).picture(SIZE, 3.0) == built_in(name).picture(SIZE, 3.0)).all()


def test_bokeh_lights_move() -> None:
    lights = built_in("bokeh")
    assert (lights.picture((160, 90), 0.0) != lights.picture((160, 90), 5.0)).any()


def test_strength_of_blur_is_read() -> None:
    assert isinstance(parse_background("blur", SETTINGS), BlurBackground)
    assert isinstance(parse_background("blur:8", SETTINGS), BlurBackground)
    for name in ("none", "desaturate", "pixelate:10"):
        assert isinstance(parse_background(name, SETTINGS), SceneBackground)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("blurr", "did you mean blur"),
        ("blur:lots", "must be a number"),
        ("blur:0", "must be a number"),
        ("none:3", "takes no value"),
        ("#12", "six hex digits"),
        ("", "take blur"),
        ("studoi", "did you mean studio"),
        ("beach/nowhere.jpg", "no such file"),
    ],
)
def test_what_is_not_understood_is_one_clear_line(spec: str, hint: str) -> None:
    with pytest.raises(BackgroundError, match=hint) as caught:
        parse_background(spec, SETTINGS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["bad.jpg", "bad.mp4", "bad.gif", "bad.pth", "empty.png"])
def test_files_that_cannot_be_read_are_refused_at_start(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else b"this is no picture" * 50)
    with pytest.raises(BackgroundError, match=str(name)) as caught:
        parse_background(str(path), SETTINGS)
    assert "\n" not in str(caught.value)


def test_a_misspelt_file_is_guessed(tmp_path: Path) -> None:
    save(tmp_path / "beach.png", solid((1, 2, 3)))
    with pytest.raises(BackgroundError, match=r"did you mean .*beach\.png"):
        parse_background(str(tmp_path / "baech.png"), SETTINGS)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackgroundError, match="no picture in this folder"):
        parse_background(str(tmp_path), SETTINGS)


@pytest.mark.parametrize("shape", ["gaussian", "disc"])
def test_the_person_does_not_bleed_into_the_blur(shape: str) -> None:
    image = solid((40, 80, 120), 180, 320)
    image[60:180, 120:200] = (255, 0, 0)
    alpha = np.zeros((180, 320), np.uint8)
    alpha[60:180, 120:200] = 255
    blurred = blur_background(Pyramid(image), Pyramid(alpha), 4.0, shape)  # type: ignore[arg-type]
    outside = alpha == 0
    assert np.abs(blurred[outside].astype(int) - (40, 80, 120)).max() <= 3


def test_blur_takes_every_size_and_a_full_matte() -> None:
    for h, w in ((1, 1), (2, 300), (361, 641)):
        image = np.random.default_rng(0).integers(0, 256, (h, w, 3), dtype=np.uint8)
        for value in (0, 255):
            alpha = Pyramid(np.full((h, w), value, np.uint8))
            assert blur_background(Pyramid(image), alpha, 3.0).shape == (h, w, 3)


def test_stronger_blur_is_smoother() -> None:
    image = np.random.default_rng(0).integers(0, 256, (180, 320, 3), dtype=np.uint8)
    frame, none = Pyramid(image), Pyramid(np.zeros((180, 320), np.uint8))
    spreads = [blur_background(frame, none, s).std() for s in (0.5, 2.0, 8.0)]
    assert spreads[0] > spreads[1] > spreads[2]


def test_a_colour_is_painted_once_per_size() -> None:
    background = ColourBackground((1, 2, 3))
    assert background.picture(SIZE, 0.0) is background.picture(SIZE, 1.0)


@pytest.mark.parametrize("name", ["#1.jpg", "#fff.png", "blur:1.png", "red.png", "none:a.jpg"])
def test_a_file_is_a_background_whatever_its_name_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = np.full((8, 8, 3), 200, np.uint8)
    Path(name).write_bytes(cv2.imencode(Path(name).suffix, picture)[1].tobytes())
    background = parse_background(name, BackgroundSettings())
    assert isinstance(background, ImageBackground)


def test_a_colour_stays_a_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("#fff").mkdir()
    assert isinstance(parse_background("#fff", BackgroundSettings()), ColourBackground)
