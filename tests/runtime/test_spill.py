"""The folder into which DuckDB spills goes away with its process, however that ends."""

import os
import signal
import subprocess
import sys

import pytest
from campaigner.runtime.warehouse.duckdb.spill import spill_folder

HOLDING = """
import sys
from campaigner.runtime.warehouse.duckdb.spill import spill_folder
with spill_folder() as folder:
    open(f"{folder}/spilled", "w").write("x" * 1000)
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def there(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def holding(there):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(there)},
        text=True,
    )
    return process, process.stdout.readline().strip()


def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(there):
    killed, left = holding(there)
    living, used = holding(there)
    with killed, living:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert os.listdir(left) != []
        with spill_folder() as own:
            assert sorted(os.listdir(there)) == sorted(map(os.path.basename, (used, own)))
            with spill_folder() as other:
                assert len({own, other, used}) == 3
                assert all(map(os.path.isdir, (own, other, used)))
        living.communicate("")
    assert os.listdir(there) == []


def test_what_is_not_ours_stays(there):
    (there / "campaigner-notes").mkdir()
    (there / "else").mkdir()
    (there / "else" / "lock").touch()
    (there / "campaigner-link").symlink_to(there / "else")
    with spill_folder():
        pass
    assert sorted(os.listdir(there)) == ["campaigner-link", "campaigner-notes", "else"]
