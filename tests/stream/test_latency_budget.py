import itertools
from collections.abc import Callable

from u2cam.stream.latency_budget import LatencyBudget, Level, levels_for
from u2cam.stream.metrics import Window

SIZES = [(320, 320), (256, 256), (192, 192)]
LEVELS = levels_for(SIZES, can_carry=True)
GOOD = Window(fps_in=30, fps_out=30, latency_p95_ms=40)
LATE = Window(fps_in=30, fps_out=30, latency_p95_ms=300)
SLOW = Window(fps_in=30, fps_out=12, latency_p95_ms=60)


def budget(start: int = 0) -> LatencyBudget:
    return LatencyBudget(LEVELS, target_fps=30, max_latency_ms=100, start=start)


def play(
    controller: LatencyBudget, plant: Callable[[Level, int], Window], windows: int
) -> list[str]:
    """Let the controller meet a scripted load; return the levels it was at."""
    seen = []
    for number in range(windows):
        seen.append(controller.level.name)
        controller.update(plant(controller.level, number))
    return seen


def changes(seen: list[str]) -> int:
    return sum(a != b for a, b in itertools.pairwise(seen))


def costs(ms: dict[str, float]) -> Callable[[Level, int], Window]:
    """A network that takes so many ms at each level; carried mattes cost 5."""

    def plant(level: Level, number: int) -> Window:
        took_ms = 5.0 if level.asynchronous else ms[level.name]
        return Window(30, min(30, 1000 / took_ms) / level.every, took_ms + 20)

    return plant


def test_levels_go_from_large_inputs_over_carried_mattes_to_fewer_frames() -> None:
    assert [level.name for level in LEVELS] == [
        "320x320",
        "256x256",
        "192x192",
        "256x256 async",
        "256x256 async, 1/2 of the frames",
        "256x256 async, 1/3 of the frames",
    ]


def test_a_network_without_a_choice_of_sizes_has_one_level_and_the_carried_ones() -> None:
    assert [level.input_size_wh for level in levels_for([], can_carry=True)] == [None] * 4
    assert len(levels_for([], can_carry=False)) == 1


def test_one_hiccup_changes_nothing() -> None:
    controller = budget()
    controller.update(LATE)
    assert controller.update(GOOD) == LEVELS[0]


def test_too_much_latency_steps_down() -> None:
    controller = budget()
    controller.update(LATE)
    assert controller.update(LATE) == LEVELS[1]


def test_too_low_a_rate_steps_down() -> None:
    controller = budget()
    controller.update(SLOW)
    assert controller.update(SLOW) == LEVELS[1]


def test_a_slow_source_is_not_held_against_the_level() -> None:
    controller = budget()
    for _ in range(5):
        controller.update(Window(fps_in=10, fps_out=10, latency_p95_ms=40))
    assert controller.level == LEVELS[0]


def test_silence_says_nothing() -> None:
    controller = budget()
    for _ in range(50):
        controller.update(Window(0, 0, 0))
    assert controller.level == LEVELS[0]


def test_room_steps_up_after_a_while() -> None:
    controller = budget(start=1)
    seen = play(controller, lambda level, number: GOOD, 20)
    assert seen[0] == "256x256"
    assert seen[-1] == "320x320"


def test_the_least_level_stays_however_bad_it_is() -> None:
    controller = budget()
    play(controller, lambda level, number: LATE, 100)
    assert controller.level == LEVELS[-1]


def test_a_steady_load_finds_its_level_and_stays_there() -> None:
    plant = costs({"320x320": 60, "256x256": 45, "192x192": 28})
    seen = play(budget(), plant, 20_000)
    assert seen[-1] == "192x192"
    # It tries the level above after 8, 16, 32, … windows: a dozen times in 20,000, not more.
    assert changes(seen) <= 2 + 2 * 13
    assert changes(seen[-5_000:]) <= 2


def test_a_network_too_slow_at_every_size_ends_with_carried_mattes() -> None:
    seen = play(budget(), costs({"320x320": 400, "256x256": 300, "192x192": 200}), 2_000)
    assert seen[-1] == "256x256 async"
    assert changes(seen) <= 3 + 2 * 10


def test_a_load_that_passes_is_followed_down_and_up() -> None:
    def plant(level: Level, number: int) -> Window:
        return LATE if 50 <= number < 60 else GOOD

    seen = play(budget(), plant, 400)
    assert seen[49] == "320x320"
    assert seen[62] != "320x320"
    assert seen[-1] == "320x320"
    assert changes(seen) <= 12
