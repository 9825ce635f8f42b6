import dataclasses
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from u2cam.core.errors import DownloadError, WeightsError
from u2cam.model import weights as weights_module
from u2cam.model.build import choose_model
from u2cam.model.networks.u2net import u2netp
from u2cam.model.registry import MODELS, ModelSpec, find_spec
from u2cam.model.weights import (
    fetch_weights,
    find_weights,
    load_network,
    read_state,
    recognise,
    verify_weights,
)

from .conftest import FileServer


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The two places that are searched and the current one, which is not; empty."""
    places = {name: tmp_path / name for name in ("current", "pretrained", "cache")}
    for place in places.values():
        place.mkdir()
    monkeypatch.chdir(places["current"])
    monkeypatch.setattr(weights_module, "PRETRAINED_FOLDER", places["pretrained"])
    monkeypatch.setattr(weights_module, "cache_folder", lambda: places["cache"])
    return places


def served(server: FileServer, **changes: object) -> ModelSpec:
    fields = {"download_url": server.url, "sha256": server.sha256, **changes}
    return dataclasses.replace(find_spec("u2netp"), **fields)  # type: ignore[arg-type]


def test_the_shipped_weights_come_before_the_cache(folders: dict[str, Path]) -> None:
    spec = find_spec("u2netp")
    assert find_weights(spec) is None
    for name in ("cache", "pretrained"):
        (folders[name] / spec.file).write_bytes(b"")
        found = find_weights(spec)
        assert found is not None and found.parent.name == name


@pytest.mark.parametrize("name", ["u2net_live", "u2netp"])
@pytest.mark.parametrize("folder", [".", "weights", "pretrained", "model/pretrained"])
def test_no_file_of_the_current_folder_is_taken_for_weights(
    folders: dict[str, Path], name: str, folder: str
) -> None:
    planted = Path(folder) / find_spec(name).file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_bytes(b"planted")
    assert find_weights(find_spec(name)) is None


@pytest.mark.parametrize("place", ["pretrained", "cache"])
@pytest.mark.parametrize("wanted", ["u2netp", "auto"])
def test_weights_that_are_not_the_published_file_are_refused(
    folders: dict[str, Path], place: str, wanted: str
) -> None:
    path = folders[place] / "u2netp.pth"
    torch.save(u2netp().state_dict(), path)
    with pytest.raises(WeightsError, match="is not the published file") as caught:
        choose_model(wanted, allow_fallback=True)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_given_by_their_path_need_not_be_published(folders: dict[str, Path]) -> None:
    torch.save(u2netp().state_dict(), "u2netp.pth")
    choice = choose_model("./u2netp.pth", allow_fallback=False)
    assert choice.path is not None
    load_network(find_spec("u2netp"), choice.path)


def test_the_shipped_weights_have_the_registered_hash_and_size() -> None:
    spec = find_spec("u2net_live")
    path = weights_module.PRETRAINED_FOLDER / spec.file
    verify_weights(spec, path)
    assert path.stat().st_size == spec.size_bytes


def test_every_network_for_matting_has_a_hash() -> None:
    assert [spec.name for spec in MODELS if spec.for_matting and spec.sha256 is None] == []


def test_what_is_nowhere_is_downloaded_into_the_cache_once(
    folders: dict[str, Path], file_server: FileServer
) -> None:
    spec = served(file_server)
    path = fetch_weights(spec)
    assert path == folders["cache"] / "u2netp.pth"
    assert fetch_weights(spec) == path
    assert len(file_server.asked_ranges) == 1


def test_a_download_with_a_wrong_hash_leaves_no_weights(
    folders: dict[str, Path], file_server: FileServer
) -> None:
    with pytest.raises(DownloadError, match="sha256"):
        fetch_weights(served(file_server, sha256="0" * 64))
    assert find_weights(find_spec("u2netp")) is None


def test_weights_that_cannot_be_downloaded_are_said_to_be_missing(
    folders: dict[str, Path],
) -> None:
    with pytest.raises(FileNotFoundError, match=r"u2net_live\.pth is in none of") as caught:
        fetch_weights(find_spec("u2net_live"))
    assert "\n" not in str(caught.value)


@pytest.fixture
def small_state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return u2netp().state_dict()


@pytest.mark.parametrize("wrapping", ["bare", "model", "state_dict", "module"])
def test_a_checkpoint_in_the_official_layout_loads(
    tmp_path: Path, small_state: dict[str, torch.Tensor], wrapping: str
) -> None:
    content: object = small_state
    if wrapping == "module":
        content = {f"module.{key}": value for key, value in small_state.items()}
    elif wrapping != "bare":
        content = {wrapping: small_state, "step": 7}
    torch.save(content, tmp_path / "mine.pth")
    state = read_state(tmp_path / "mine.pth")
    assert recognise(state, tmp_path / "mine.pth").name == "u2netp"
    network = load_network(find_spec("u2netp"), tmp_path / "mine.pth")
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    for key, value in network.state_dict().items():
        torch.testing.assert_close(value, small_state[key])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("u2net.pth", "u2net"),
        ("epoch_9.pth", "u2net"),
        ("u2net_human_seg.pth", "u2net_human_seg"),
        ("u2net_portrait.pth", "u2net_portrait"),
    ],
)
def test_the_full_network_is_told_by_its_shapes_and_its_task_by_the_file_name(
    file: str, name: str
) -> None:
    with torch.device("meta"):
        state = find_spec("u2net").build().state_dict()
    assert recognise(state, Path(file)).name == name


def test_the_live_network_is_told_by_its_keys() -> None:
    with torch.device("meta"):
        state = find_spec("u2net_live").build().state_dict()
    assert recognise(state, Path("x.pth")).name == "u2net_live"


def test_a_missing_key_is_named(tmp_path: Path, small_state: dict[str, torch.Tensor]) -> None:
    del small_state["side6.bias"]
    torch.save(small_state, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match=r"is not u2netp: it lacks side6\.bias$"):
        load_network(find_spec("u2netp"), tmp_path / "mine.pth")


def test_an_unknown_key_is_named(tmp_path: Path, small_state: dict[str, torch.Tensor]) -> None:
    small_state["head.weight"] = torch.zeros(1)
    torch.save(small_state, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match=r"unknown head\.weight"):
        load_network(find_spec("u2netp"), tmp_path / "mine.pth")


def test_wrong_shapes_are_named_and_counted(
    tmp_path: Path, small_state: dict[str, torch.Tensor]
) -> None:
    torch.save(small_state, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match=r"shape .*, wanted .* and \d+ more such") as caught:
        load_network(find_spec("u2net"), tmp_path / "mine.pth")
    assert "\n" not in str(caught.value)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("open('boom', 'w').close()",))


def foreign_file(kind: str, path: Path) -> Path:
    if kind == "picture":
        cv2.imwrite(str(path.with_suffix(".jpg")), np.zeros((8, 8, 3), np.uint8))
        return path.with_suffix(".jpg")
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("version https://git-lfs.github.com/spec/v1\n")
    elif kind == "code":
        path.write_bytes(pickle.dumps(Bomb()))
    elif kind == "saved code":
        torch.save({"stage1.rebnconv1.conv_s1.weight": Bomb()}, path)
    elif kind == "list":
        torch.save([torch.zeros(1)], path)
    elif kind == "numbers":
        torch.save({"epoch": 3}, path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "cut":
        torch.save(u2netp().state_dict(), path)
        path.write_bytes(path.read_bytes()[:100_000])
    elif kind == "other network":
        torch.save({"conv.weight": torch.zeros(1)}, path)
    return path


@pytest.mark.parametrize(
    "kind",
    [
        "picture",
        "empty",
        "text",
        "code",
        "saved code",
        "list",
        "numbers",
        "folder",
        "cut",
        "other network",
    ],
)
def test_a_foreign_file_is_one_clear_line_and_runs_no_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = foreign_file(kind, tmp_path / "foreign.pth")
    with pytest.raises(WeightsError) as caught:
        recognise(read_state(path), path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "boom").exists()


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_state(tmp_path / "nothing.pth")
