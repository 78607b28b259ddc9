"""Files are replaced whole or not at all."""

import stat

import pytest
from campaigner.cli.screen.files import replace


def test_mode_and_link_stay(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link = tmp_path / "b"
    link.symlink_to(file)
    replace(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_new_file_is_for_its_owner_alone(tmp_path):
    replace(tmp_path / "new", b"x")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_what_cannot_be_written_is_named_and_nothing_is_left(tmp_path):
    with pytest.raises(OSError, match="gone") as caught:
        replace(tmp_path / "gone" / "a", b"x")
    assert caught.value.filename == str(tmp_path / "gone" / "a")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder") as caught:
        replace(tmp_path / "folder", b"x")
    assert caught.value.filename == str(tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
