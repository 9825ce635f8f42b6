"""The first result that a user sees, with the shipped network and as in a run."""

import numpy as np

from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.model.roi.matter import RegionMatter
from u2cam.stream.sources.demo import DemoSource

GREEN = np.array((0, 255, 0))


def test_the_demo_shows_the_astronaut_and_not_the_flag_beside_her(
    shipped_matter: RegionMatter,
) -> None:
    renderer = CpuRenderer(Presentation("#00ff00"))
    flag, face, collar = [], [], []
    with DemoSource((640, 360)) as source:
        for index in range(226):
            frame = source.read()
            # The flag was seen in the first thirty frames, and about 215.
            if 30 < index < 180:
                continue
            picture = renderer.render(frame, shipped_matter.matte(frame)).astype(int)
            flag.append(np.abs(picture[:240, :70] - GREEN).max())
            change = np.abs(picture - frame.image)
            face.append(change[60:150, 250:320].mean())
            collar.append(change[202:214, 187:215].mean())
    assert max(flag) <= 3
    assert max(face) < 3
    # The black inside of the suit's ring; 60 with weights that half lost it.
    assert np.mean(collar) < 25
