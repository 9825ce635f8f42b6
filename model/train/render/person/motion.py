"""How a person moves in a clip: sway, talk, nod, gesture, lean, turn, enter and leave.

All motions are 0 at time 0, where hair and clothes were fitted; in a still nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array

Wave = Callable[[float], float]

ACTIVITIES = {
    "talking": 0.3,
    "swaying": 0.16,
    "nodding": 0.1,
    "shaking": 0.06,
    "gesturing": 0.14,
    "leaning": 0.08,
    "turning": 0.08,
    "entering": 0.08,
    "leaving": 0.08,
}


def still(time_s: float) -> float:
    """No motion."""
    return 0.0


def wave(draws: Draws, name: str, amplitude: float, fastest_hz: float = 1.4) -> Wave:
    """Three sines of drawn frequencies, 0 at time 0."""
    if amplitude == 0:
        return still
    rng = draws.rng(name)
    size = rng.normal(0, 1, 3) * amplitude * np.array([1, 0.5, 0.25])
    speed = 2 * np.pi * rng.uniform(0.25, fastest_hz, 3)
    phase = rng.uniform(0, 2 * np.pi, 3)

    def at(time_s: float) -> float:
        return float((size * (np.sin(speed * time_s + phase) - np.sin(phase))).sum())

    return at


def oscillation(amplitude: float, frequency_hz: float) -> Wave:
    """A sine that begins at 0."""
    return lambda time_s: float(amplitude * np.sin(2 * np.pi * frequency_hz * time_s))


def ramp(amount: float, duration_s: float) -> Wave:
    """A smooth way from 0 to an amount (and on, at rest)."""

    def at(time_s: float) -> float:
        part = float(np.clip(time_s / duration_s, 0, 1))
        return amount * part * part * (3 - 2 * part)

    return at


@dataclass(eq=False)
class Motion:
    """Angles in radians (hands in decimetres) that are added to the posture."""

    activity: str = "still"
    head: dict[str, list[Wave]] = field(default_factory=dict)
    """By `yaw`, `pitch` and `roll`; several waves add up."""
    torso: dict[str, list[Wave]] = field(default_factory=dict)
    """By `lean`, `lean_side` and `turn`."""
    hands: tuple[Wave, Wave, Wave] = (still, still, still)
    hand_turn: Wave = still
    jaw: Wave | None = None
    """How far the mouth is open when talking, 0 to 1."""
    blink_s: float | None = None
    """When the eyes begin to close."""
    walk_dm: Callable[[float], Array] = field(default=lambda time_s: np.zeros(3))

    def head_angle(self, name: str, time_s: float) -> float:
        """Sum of the head's waves."""
        return sum(at(time_s) for at in self.head.get(name, []))

    def torso_angle(self, name: str, time_s: float) -> float:
        """Sum of the torso's waves."""
        return sum(at(time_s) for at in self.torso.get(name, []))

    def blink(self, time_s: float) -> float:
        """How far the eyes are closed by a blink of 0.2 s, 0 to 1."""
        if self.blink_s is None or not 0 <= time_s - self.blink_s <= 0.2:
            return 0.0
        return float(np.sin(np.pi * (time_s - self.blink_s) / 0.2))


def draw_motion(draws: Draws, *, clip: bool, sitting: bool) -> Motion:
    """Draw the motion of one person; a still has none, and who sits neither enters nor leaves."""
    if not clip:
        return Motion()
    walking = 0.0 if sitting else 1.0
    activity = draws.pick(
        "activity",
        {
            name: weight * (walking if name in ("entering", "leaving") else 1.0)
            for name, weight in ACTIVITIES.items()
        },
    )
    pace = float(draws.pick("pace", {"0.15": 0.3, "0.5": 0.35, "1.0": 0.25, "1.6": 0.1}))
    head = {
        name: [wave(draws, name, size * pace)]
        for name, size in (("yaw", 0.28), ("pitch", 0.15), ("roll", 0.08))
    }
    torso = {
        name: [wave(draws, name, size * pace)]
        for name, size in (("lean", 0.07), ("lean_side", 0.07), ("turn", 0.10))
    }
    hand_pace = 2.5 if activity == "gesturing" else 1.0
    motion = Motion(
        activity=activity,
        head=head,
        torso=torso,
        hands=(
            wave(draws, "hand/x", 0.5 * pace * hand_pace, 2.2),
            wave(draws, "hand/y", 0.5 * pace * hand_pace, 2.2),
            wave(draws, "hand/z", 0.5 * pace * hand_pace, 2.2),
        ),
        hand_turn=wave(draws, "hand/turn", 0.3 * pace * hand_pace, 2.5),
        blink_s=draws.uniform("blink/at", -0.1, 0.5) if draws.chance("blink", 0.3) else None,
    )
    if activity in ("talking", "gesturing") or draws.chance("talks too", 0.25):
        opening = wave(draws, "jaw", 0.22, 4.5)
        motion.jaw = lambda time_s: float(np.clip(opening(time_s), 0, 0.75))
    sign = draws.sign("direction")
    if activity == "nodding":
        head["pitch"].append(
            oscillation(draws.uniform("nod", 0.08, 0.25), draws.uniform("nod/hz", 1.2, 2.8))
        )
    elif activity == "shaking":
        head["yaw"].append(
            oscillation(sign * draws.uniform("shake", 0.15, 0.4), draws.uniform("shake/hz", 1, 2.4))
        )
    elif activity == "leaning":
        way = draws.pick("lean/way", ["lean", "lean_side"])
        amount = sign * draws.uniform("lean/by", 0.15, 0.4)
        torso[way].append(ramp(amount, draws.uniform("lean/duration", 0.4, 0.9)))
    elif activity == "turning":
        amount = sign * draws.uniform("turn/by", 0.4, 1.0)
        head["yaw"].append(ramp(amount, draws.uniform("turn/duration", 0.25, 0.7)))
        torso["turn"].append(ramp(0.3 * amount, 0.8))
    return motion
