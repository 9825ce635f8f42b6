"""From a posture and a motion to the transforms of all bones at a moment."""

from __future__ import annotations

import numpy as np

from ..geometry.rotations import Array, X, Y, Z, frame_of, rotation, rotation_between, unit
from .landmarks import Landmarks
from .motion import Motion
from .posture import BY_HEAD, Arm, Posture, hand_target
from .skeleton import Skeleton, moved

FREE_HANDS = ("wave", "front", "desk", "point")
"""Modes whose hands move by the whole motion; others stay near what they touch."""


class Poser:
    """Bones of one person over time."""

    def __init__(
        self, skeleton: Skeleton, marks: Landmarks, posture: Posture, motion: Motion
    ) -> None:
        self.skeleton, self.marks, self.posture, self.motion = skeleton, marks, posture, motion
        self._cache: dict[float, Array] = {}

    def at(self, time_s: float) -> Array:
        """(bones, 4, 4) transforms from rest; computed once for each moment."""
        key = round(time_s, 5)
        if key not in self._cache:
            self._cache[key] = self._pose(key)
        return self._cache[key]

    def forget(self) -> None:
        """Drop what was computed: an arm has changed."""
        self._cache.clear()

    def hand_axes(self, side: str) -> tuple[Array, Array, Array]:
        """At rest: unit vectors along the fingers, out of the palm, and across to the index."""
        s = 1 if side == "L" else -1
        wrist = self.skeleton.head(f"wrist.{side}")
        little = self.skeleton.head(f"finger5-1.{side}")
        index = self.skeleton.head(f"finger2-1.{side}")
        fingers = unit(self.skeleton.head(f"finger3-1.{side}") - wrist)
        palm = unit(np.cross(little - wrist, index - wrist)) * s
        return fingers, palm, unit(index - little)

    def _pose(self, time_s: float) -> Array:
        posture, motion = self.posture, self.motion
        turns: dict[str, Array] = {}
        lean = posture.lean + motion.torso_angle("lean", time_s)
        side = posture.lean_side + motion.torso_angle("lean_side", time_s)
        turn = motion.torso_angle("turn", time_s)
        third = rotation(X, lean / 3) @ rotation(Z, side / 3) @ rotation(Y, turn / 3)
        for bone in ("spine04", "spine03", "spine02"):
            turns[bone] = third
        yaw = posture.yaw + motion.head_angle("yaw", time_s)
        pitch = posture.pitch + motion.head_angle("pitch", time_s)
        roll = posture.roll + motion.head_angle("roll", time_s)
        for bone, part in (("neck01", 0.2), ("neck02", 0.25), ("neck03", 0.2), ("head", 0.35)):
            turns[bone] = (
                rotation(Y, yaw * part) @ rotation(X, pitch * part) @ rotation(Z, roll * part)
            )
        if posture.sitting:
            self._legs(turns)
        torso = self.skeleton.chain(turns)
        for arm in posture.arms:
            self._arm(turns, arm, torso, time_s)
            self._fingers(turns, arm)
        root = np.eye(4)
        root[:3, 3] = motion.walk_dm(time_s)
        return self.skeleton.chain(turns, root)

    def _legs(self, turns: dict[str, Array]) -> None:
        for side, s in (("L", 1), ("R", -1)):
            turns[f"upperleg01.{side}"] = rotation(Y, s * self.posture.knees) @ rotation(X, -1.5)
            turns[f"lowerleg01.{side}"] = rotation(X, 1.45)

    def _arm(self, turns: dict[str, Array], arm: Arm, torso: Array, time_s: float) -> None:
        side, s, skeleton = arm.side, arm.sign, self.skeleton
        if arm.mode == "down":
            turns[f"upperarm01.{side}"] = rotation(Z, -s * (0.45 - arm.abduction)) @ rotation(
                X, arm.jitter[0] * 0.3
            )
            turns[f"lowerarm01.{side}"] = rotation(X, 0.25 + arm.jitter[1] * 0.2)
            return
        target, fingers, palm = hand_target(arm, self.marks, skeleton.head(f"upperleg01.{side}"))
        swing = 1.0 if arm.mode in FREE_HANDS else 0.0 if arm.mode in ("read", "crossed") else 0.25
        target = target + swing * np.array([at(time_s) for at in self.motion.hands])
        if arm.mode in BY_HEAD:
            head = torso[skeleton.number["head"]]
            target, fingers, palm = moved(target, head), head[:3, :3] @ fingers, head[:3, :3] @ palm
        # Everything below is in the axes of the shoulder at rest.
        base = torso[skeleton.number[f"shoulder01.{side}"]]
        back = base[:3, :3].T
        target, fingers, palm = back @ (target - base[:3, 3]), back @ fingers, back @ palm
        shoulder = skeleton.head(f"upperarm01.{side}")
        elbow = skeleton.head(f"lowerarm01.{side}")
        wrist = skeleton.head(f"wrist.{side}")
        upper, lower = np.linalg.norm(elbow - shoulder), np.linalg.norm(wrist - elbow)
        reach = np.clip(
            np.linalg.norm(target - shoulder), abs(upper - lower) + 0.2, upper + lower - 0.05
        )
        along = unit(target - shoulder)
        cosine = np.clip((upper**2 + reach**2 - lower**2) / (2 * upper * reach), -1, 1)
        # Elbows point down and outwards.
        pole = unit([s * 0.8, -1.0, -0.15])
        pole = unit(pole - along * (pole @ along))
        new_elbow = shoulder + along * upper * cosine + pole * upper * np.sqrt(1 - cosine**2)
        first = rotation_between(elbow - shoulder, new_elbow - shoulder)
        second = rotation_between(first @ (wrist - elbow), shoulder + along * reach - new_elbow)
        turns[f"upperarm01.{side}"] = first
        turns[f"lowerarm01.{side}"] = first.T @ second @ first
        total = second @ first
        rest_fingers, rest_palm, _ = self.hand_axes(side)
        hand = frame_of(fingers, palm) @ frame_of(rest_fingers, rest_palm).T
        hand = hand @ rotation(rest_fingers, arm.twist * 0.5)
        hand = hand @ rotation(rest_palm, swing * self.motion.hand_turn(time_s))
        # Half of the wrist's twist goes into the forearm, as it does in real arms.
        wrist_turn = total.T @ hand
        axis = unit(wrist - elbow)
        skew = np.array(
            [
                wrist_turn[2, 1] - wrist_turn[1, 2],
                wrist_turn[0, 2] - wrist_turn[2, 0],
                wrist_turn[1, 0] - wrist_turn[0, 1],
            ]
        )
        angle = np.arctan2(skew @ axis, np.trace(wrist_turn) - 1)
        twist = rotation(axis, float(angle) * 0.5)
        turns[f"lowerarm02.{side}"] = twist
        turns[f"wrist.{side}"] = twist.T @ wrist_turn

    def _fingers(self, turns: dict[str, Array], arm: Arm) -> None:
        fingers, palm, across = self.hand_axes(arm.side)
        # The sense in which a turn about the knuckles closes the hand.
        closing = 1.0 if (rotation(-across, 0.3) @ fingers) @ palm > 0 else -1.0
        curl = {"cup": 0.85, "point": 0.9}.get(arm.mode, arm.curl)
        if arm.mode == "wave":
            curl = min(curl, 0.25)
        elif arm.mode == "ear":
            curl = max(curl, 0.5)
        for finger in range(2, 6):
            spread = 1 + 0.08 * (finger - 3)
            bends = arm.grip or (curl * 0.9, curl * 1.1, curl * 0.7)
            if arm.mode == "point" and finger == 2 and arm.grip is None:
                bends = (0.1, 0.05, 0.05)
            for joint, bend in zip((1, 2, 3), bends, strict=True):
                turns[f"finger{finger}-{joint}.{arm.side}"] = rotation(
                    -across, closing * bend * spread
                )
        thumb = arm.thumb * 0.6 if arm.grip_thumb is None else arm.grip_thumb
        turns[f"finger1-2.{arm.side}"] = rotation(-across, closing * thumb)
