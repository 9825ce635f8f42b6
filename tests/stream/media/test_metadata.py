"""What a film says of its owner stays behind; what a person wrote goes along."""

import pytest

from u2cam.stream.media.metadata import handed_on, tells_positions

OWNERS = {
    "location": "+48.8577+002.2950/",
    "location-eng": "+48.8577+002.2950/",
    "com.apple.quicktime.location.ISO6709": "+48.8577+002.2950+035.000/",
    "com.apple.quicktime.location.accuracy.horizontal": "4.7",
    "com.apple.quicktime.make": "Apple",
    "com.apple.quicktime.model": "iPhone 15 Pro",
    "com.apple.quicktime.software": "17.1",
    "com.apple.quicktime.content.identifier": "A1B2",
    "com.android.version": "14",
    "com.android.manufacturer": "Google",
    "com.samsung.android.utc_offset": "+0100",
    "make": "GoPro",
    "model": "HERO9 Black",
    "firmware": "HD9.01.01.72.00",
    "GPSLatitude": "48.8577",
    "RECORDING_LOCATION": "Paris",
    "camera_serial": "C123",
    "CameraModelName": "X",
    "LensModel": "24-70",
    "SerialNumber": "1",
    "device_id": "abc",
    "comment": "+48.8577+002.2950/",
    "custom": "+485126.8+0021740.2/",
    "reel_name": "A001",
}
WRITTEN = {
    "title": "A talk",
    "artist": "A Person",
    "album": "Modelling",
    "comment": "Make tea, not war: +1 for the city",
    "description": "Ünicode",
    "date": "2026-11-29",
    "creation_time": "2026-11-29T10:00:00.000000Z",
    "language": "eng",
    "copyright": "CC0",
    "genre": "Talk",
    "com.apple.quicktime.title": "A talk",
    "track": "3/12",
    "episode_id": "7",
}


@pytest.mark.parametrize("key", OWNERS)
def test_places_and_devices_stay_behind(key: str) -> None:
    assert handed_on({key: OWNERS[key]}, keep=False) == {}
    assert handed_on({key: OWNERS[key]}, keep=True) == {key: OWNERS[key]}


@pytest.mark.parametrize("key", WRITTEN)
def test_what_a_person_wrote_goes_along(key: str) -> None:
    assert handed_on({key: WRITTEN[key]}, keep=False) == {key: WRITTEN[key]}


def test_what_tells_of_the_old_file_never_goes_along() -> None:
    old = {"major_brand": "qt  ", "encoder": "x", "DURATION-eng": "1", "rotate": "90"}
    assert handed_on(old, keep=True) == {}


def test_a_picture_tracks_handler_may_name_the_camera() -> None:
    tags = {"handler_name": "DJI.AVC", "language": "und"}
    assert handed_on(tags, keep=False, of_picture=True) == {"language": "und"}
    assert handed_on(tags, keep=False) == tags


@pytest.mark.parametrize(
    ("text", "is_log"),
    [
        (b"[latitude: 48.8577] [longitude: 2.2950]", True),
        (b"GPS(2.2950,48.8577,18)", True),
        (b"F/2.8, SS 206.14, ISO 150, GPS (12.3, 45.6, 18)", True),
        (b"My GPS does not work.", False),
        (b"The longitude of a ship", False),
    ],
)
def test_flight_logs_are_told_from_speech(text: bytes, is_log: bool) -> None:
    assert tells_positions(text) is is_log
