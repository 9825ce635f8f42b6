"""A process that is the program, with everything real but the network: its matte is exact."""

from multiprocessing.synchronize import Event

from tests.device.scene import PLACEHOLDER, RATE, REPLACEMENT, SIZE_WH, person_alpha
from tests.fakes import FakeMatter, FakeRenderer
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.devices.viewers import OnDemand, viewers_of
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings, VirtualCameraSettings
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sources.camera import CameraSource


def run(camera: int | str, virtual: str, ready: Event, *, on_demand: bool = False) -> None:
    """Run until Ctrl-C.

    Args:
        camera: as `-i` takes it.
        virtual: path of the virtual camera.
        ready: set once pictures have come out.
        on_demand: rest while there is no viewer.
    """
    capture = CaptureSettings(
        width=SIZE_WH[0],
        height=SIZE_WH[1],
        # v4l2loopback lets a reader change the rate: who asks for nothing gets, and keeps, 30.
        fps=RATE,
        stall_s=3,
        reconnect_min_s=0.3,
        reconnect_max_s=1,
    )
    with CameraSource(camera, capture) as source:
        pipeline = Pipeline(
            source,
            CpuCompositor(FakeMatter(person_alpha), FakeRenderer(REPLACEMENT, PLACEHOLDER)),
            [VirtualCameraSink(VirtualCameraSettings(device=virtual))],
            live=True,
            settings=PipelineSettings(),
            capture=capture,
            on_demand=OnDemand(source.rest, lambda: viewers_of(virtual)) if on_demand else None,
        )

        def tick() -> None:
            if pipeline.metrics.counted("out") > 2:
                ready.set()

        try:
            pipeline.run(tick)
        except KeyboardInterrupt:
            return
