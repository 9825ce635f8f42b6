"""Pictures on a constant rate and at another size, on their way to a sink."""

from fractions import Fraction

import numpy as np
import pytest

from tests.fakes import TIME_BASE, FakeClock, FakeSink, numbered_image
from u2cam.core.frame import Picture
from u2cam.core.protocols import PictureKind
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sources.base import SourceInfo
from u2cam.stream.stages.output_shape import OutputShape, exact_rate
from u2cam.stream.stages.sink_thread import Output

pytestmark = pytest.mark.timeout(20)


def written(
    times_s: list[Fraction],
    source_rate: int,
    asked: OutputSettings,
    *,
    length_s: float | None = None,
    paced: bool = False,
) -> FakeSink:
    """Hand numbered pictures of these times to a sink, as an offline run does."""
    info = SourceInfo(
        "fake", (64, 36), Fraction(source_rate), False, TIME_BASE, duration_s=length_s
    )
    sink = FakeSink(paced=paced, clock=FakeClock())
    queue = FrameQueue[Picture]("sink:fake", 1000, "wait")
    picture_format = PictureFormat((64, 36), info.rate, TIME_BASE, source=info)
    output = Output(
        sink,
        queue,
        picture_format,
        Metrics(),
        clock=sink.clock,
        shape=OutputShape.of(asked),
    )
    for number, time_s in enumerate(times_s):
        pts = round(time_s / TIME_BASE)
        output.deliver(Picture(numbered_image(number), pts, TIME_BASE, 0.0))
    queue.end()
    output.run(lambda: False, lambda: None)
    assert output.error is None
    return sink


def shown(sink: FakeSink) -> list[int]:
    """The numbers of the pictures, after a look at their times."""
    assert sink.format is not None
    pts = [picture.pts for picture in sink.pictures]
    assert pts == list(range(pts[0], pts[0] + len(pts)))
    assert {picture.time_base for picture in sink.pictures} == {sink.format.time_base}
    numbered = [numbered_image(number) for number in range(200)]
    return [
        next(n for n, image in enumerate(numbered) if np.array_equal(image, picture.image))
        for picture in sink.pictures
    ]


def regular(rate: int, count: int) -> list[Fraction]:
    return [Fraction(number, rate) for number in range(count)]


def test_a_higher_rate_doubles_pictures_to_the_end_of_the_last() -> None:
    sink = written(regular(10, 3), 10, OutputSettings(rate=30), length_s=0.3)
    assert shown(sink) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert sink.format is not None
    assert (sink.format.rate, sink.format.time_base) == (30, Fraction(1, 30))


def test_half_the_rate_takes_each_second_picture() -> None:
    assert shown(written(regular(60, 60), 60, OutputSettings(rate=30))) == list(range(0, 60, 2))


@pytest.mark.parametrize(("before", "after"), [(25, 30), (30, 25), (24, 60), (50, 30), (15, 10)])
def test_pictures_stand_where_they_belong(before: int, after: int) -> None:
    numbers = shown(written(regular(before, 3 * before), before, OutputSettings(rate=after)))
    assert len(numbers) == 3 * after
    late = [
        Fraction(place, after) - Fraction(number, before)
        for place, number in enumerate(numbers)
        if number < 3 * before - 1
    ]
    assert -min(late) <= min(Fraction(1, 2 * after), Fraction(1, 2 * before))
    assert max(late) <= (Fraction(1, before) if after > before else Fraction(1, 2 * before))
    assert numbers == sorted(numbers)


def test_pictures_at_irregular_times_come_out_regular() -> None:
    times_s = [Fraction(n, 100) for n in (0, 3, 50, 52, 90)]
    numbers = shown(written(times_s, 25, OutputSettings(rate=10), length_s=1.2))
    assert numbers == [0, 1, 1, 1, 1, 2, 3, 3, 3, 4, 4, 4]


def test_a_picture_that_starts_late_stays_late() -> None:
    sink = written([Fraction(1, 2), Fraction(6, 10)], 10, OutputSettings(rate=20))
    assert [picture.pts for picture in sink.pictures] == [10, 11, 12, 13]


def test_a_paced_sink_is_paced_at_the_rate_and_its_pictures_keep_their_times() -> None:
    sink = written(regular(30, 4), 30, OutputSettings(rate=60), paced=True)
    assert sink.format is not None
    assert (sink.format.rate, sink.format.time_base) == (60, TIME_BASE)
    assert {picture.pts for picture in sink.pictures} == {0, 3000, 6000, 9000}


def test_a_paced_sink_is_not_handed_more_pictures_than_its_rate() -> None:
    sink = written(regular(60, 60), 60, OutputSettings(rate=20), paced=True)
    handed = {picture.pts for picture in sink.pictures}
    assert handed == {4500 * place for place in range(20)}


def test_without_a_rate_times_stay_as_they_are() -> None:
    sink = written([Fraction(0), Fraction(7, 100)], 25, OutputSettings(size="32x18"))
    assert [picture.pts for picture in sink.pictures] == [0, 6300]
    assert sink.format is not None
    assert sink.format.size_wh == (32, 18)
    assert all(picture.image.shape == (18, 32, 3) for picture in sink.pictures)


def test_rates_of_television_are_exact() -> None:
    assert exact_rate(29.97) == Fraction(30_000, 1001)
    assert exact_rate(23.976) == Fraction(24_000, 1001)
    assert exact_rate(25.0) == 25
    assert exact_rate(12.5) == Fraction(25, 2)


@pytest.mark.parametrize(("kind", "channels"), [("rgb", (3,)), ("rgba", (4,)), ("gray", ())])
def test_another_shape_gets_bars_that_show_nothing(
    kind: PictureKind, channels: tuple[int, ...]
) -> None:
    shape = OutputShape.of(OutputSettings(size="160x90"))
    image = np.full((100, 100, *channels), 255, np.uint8)
    sized = shape.sized(image)
    assert sized.shape == (90, 160, *channels)
    assert (sized[:, 35:125] == 255).all()
    assert not sized[:, :35].any()
    assert not sized[:, 125:].any()
    covered = OutputShape.of(OutputSettings(size="160x90", fit="cover"))
    assert (covered.sized(image) == 255).all()
    assert shape.format_of(PictureFormat((100, 100), Fraction(25), TIME_BASE, kind)).size_wh == (
        160,
        90,
    )


def test_a_single_image_has_no_rate() -> None:
    assert OutputShape.of(OutputSettings(rate=30), still=True).rate is None
