import cv2
import numpy as np
import torch

from u2cam.effects.gpu.matte.person_flow import PersonFlow
from u2cam.effects.matte.person_flow import person_flow
from u2cam.effects.motion.optical_flow import Flow

H, W = 180, 320
STEP = 3


def wall(seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (H // 6, W // 6), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (W, H), interpolation=cv2.INTER_CUBIC), np.uint8)


def body(x: int) -> np.ndarray:
    alpha = np.zeros((H, W), np.float32)
    cv2.ellipse(alpha, (x, 110), (40, 70), 0, 0, 360, 1, -1)
    return alpha


def picture(x: int) -> np.ndarray:
    """A patterned person before a patterned wall that stands still."""
    front = np.roll(wall(1), x - 160, axis=1)
    return np.where(body(x) > 0.5, front, wall(2)).astype(np.uint8)


def test_what_is_just_outside_moves_as_the_person_and_the_wall_stands() -> None:
    before, now = picture(160), picture(160 + STEP)
    flow = Flow().backward(now, before)
    found = person_flow(flow, now, before, body(160 + STEP))
    near = (cv2.dilate(body(163), np.ones((7, 7))) > 0.5) & (body(163) < 0.5)
    error = np.abs(found[near] - (-STEP, 0)).mean()
    assert error < 0.3
    assert error < 0.3 * np.abs(flow[near] - (-STEP, 0)).mean()
    far = cv2.dilate(body(163), np.ones((81, 81))) < 0.5
    assert np.abs(found[far]).mean() < 0.2


def test_without_a_person_the_flow_stays() -> None:
    flow = np.full((H, W, 2), 1.5, np.float32)
    found = person_flow(flow, wall(1), wall(2), np.zeros((H, W), np.float32))
    assert np.abs(found - flow).max() < 1e-3


def test_tiny_frames_keep_their_flow() -> None:
    flow = np.ones((8, 15, 2), np.float32)
    gray = np.zeros((8, 15), np.uint8)
    assert person_flow(flow, gray, gray, np.ones((8, 15), np.float32)) is flow


def test_the_device_finds_the_same() -> None:
    before, now = picture(160), picture(163)
    flow, alpha = Flow().backward(now, before), body(163)
    wanted = person_flow(flow, now, before, alpha)
    device = PersonFlow(H, W, torch.device("cpu"))
    planes = [torch.from_numpy(x.astype(np.float32)) for x in (flow, now, before, alpha)]
    assert np.abs(device.follow(*planes).numpy() - wanted).max() < 0.01
