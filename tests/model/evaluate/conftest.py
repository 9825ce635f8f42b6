from pathlib import Path

import pytest

from tests.model.evaluate import small_data as data


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    data.write_scenes(folder / "backgrounds")
    data.write_keyed(folder / "keyed")
    data.write_photos(folder / "ccp")
    data.write_rendered(folder / "rendered")
    return folder
