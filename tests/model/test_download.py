import socket
from pathlib import Path

import pytest

from u2cam.core.errors import DownloadError, HashError
from u2cam.model.download import TRIES, download

from .conftest import FileServer


def one_line(error: pytest.ExceptionInfo[Exception]) -> str:
    message = str(error.value)
    assert "\n" not in message and "u2netp.pth" in message and "--model FILE" in message
    return message


def test_a_file_arrives_whole_under_its_name(file_server: FileServer, tmp_path: Path) -> None:
    target = tmp_path / "cache" / "u2netp.pth"
    download(file_server.url, target, sha256=file_server.sha256)
    assert target.read_bytes() == file_server.content
    assert [path.name for path in target.parent.iterdir()] == ["u2netp.pth"]


def test_a_wrong_hash_is_refused_and_nothing_is_left(
    file_server: FileServer, tmp_path: Path
) -> None:
    with pytest.raises(HashError) as caught:
        download(file_server.url, tmp_path / "u2netp.pth", sha256="0" * 64)
    assert "sha256" in one_line(caught)
    assert list(tmp_path.iterdir()) == []


def test_a_cut_connection_is_resumed_where_it_broke(
    file_server: FileServer, tmp_path: Path
) -> None:
    file_server.cuts = 1
    target = tmp_path / "u2netp.pth"
    download(file_server.url, target, sha256=file_server.sha256)
    assert target.read_bytes() == file_server.content
    assert file_server.asked_ranges == [None, f"bytes={len(file_server.content) // 3}-"]


def test_after_too_many_cuts_the_part_is_kept_and_the_next_call_resumes_it(
    file_server: FileServer, tmp_path: Path
) -> None:
    file_server.cuts = TRIES
    target = tmp_path / "u2netp.pth"
    with pytest.raises(DownloadError) as caught:
        download(file_server.url, target, sha256=file_server.sha256)
    assert "run again to resume" in one_line(caught)
    assert not target.exists()
    part_bytes = (tmp_path / "u2netp.pth.part").stat().st_size
    assert 0 < part_bytes < len(file_server.content)
    download(file_server.url, target, sha256=file_server.sha256)
    assert target.read_bytes() == file_server.content
    assert file_server.asked_ranges[-1] == f"bytes={part_bytes}-"


def test_a_server_without_ranges_starts_again(file_server: FileServer, tmp_path: Path) -> None:
    file_server.cuts, file_server.ranges_known = 1, False
    target = tmp_path / "u2netp.pth"
    download(file_server.url, target, sha256=file_server.sha256)
    assert target.read_bytes() == file_server.content


def test_a_part_that_is_complete_already_is_verified_and_renamed(
    file_server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "u2netp.pth.part").write_bytes(file_server.content)
    download(file_server.url, tmp_path / "u2netp.pth", sha256=file_server.sha256)
    assert (tmp_path / "u2netp.pth").read_bytes() == file_server.content


def test_a_foreign_part_does_not_survive(file_server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "u2netp.pth.part").write_bytes(b"something else")
    with pytest.raises(HashError):
        download(file_server.url, tmp_path / "u2netp.pth", sha256=file_server.sha256)
    download(file_server.url, tmp_path / "u2netp.pth", sha256=file_server.sha256)
    assert (tmp_path / "u2netp.pth").read_bytes() == file_server.content


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusing_server_is_one_line(
    file_server: FileServer, tmp_path: Path, status: int
) -> None:
    file_server.status = status
    with pytest.raises(DownloadError) as caught:
        download(file_server.url, tmp_path / "u2netp.pth")
    assert str(status) in one_line(caught)
    assert list(tmp_path.iterdir()) == []


def test_a_web_page_instead_of_the_file_is_refused(file_server: FileServer, tmp_path: Path) -> None:
    file_server.content_type = "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match="web page") as caught:
        download(file_server.url, tmp_path / "u2netp.pth")
    one_line(caught)
    assert not (tmp_path / "u2netp.pth").exists()


def test_no_network_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/u2netp.pth"
    with pytest.raises(DownloadError) as caught:
        download(url, tmp_path / "u2netp.pth")
    assert "network" in one_line(caught)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_host_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(*arguments: object, **options: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_answer)
    with pytest.raises(DownloadError, match="name resolution") as caught:
        download("http://weights.example/u2netp.pth", tmp_path / "u2netp.pth")
    one_line(caught)


def test_a_cache_that_cannot_be_written_is_one_line(
    file_server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DownloadError, match="Permission denied") as caught:
        download(file_server.url, tmp_path / "u2netp.pth")
    one_line(caught)
    assert file_server.asked_ranges == []


def test_a_file_where_the_cache_folder_should_be_is_one_line(
    file_server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(DownloadError) as caught:
        download(file_server.url, tmp_path / "cache" / "u2netp.pth")
    one_line(caught)
