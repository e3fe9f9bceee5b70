import os
import subprocess
import sys

import pytest

from kgrec_gds import leftovers
from kgrec_gds.leftovers import is_abandoned, owner, started_at, temporary_folder


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))


def child(program: str) -> str:
    """What a process prints that has ended."""
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_process_is_known_by_its_start():
    assert started_at(os.getpid()) == started_at(os.getpid())
    assert started_at(2**22 + 1) is None
    assert not is_abandoned(f"kgrec-{owner()}-abc")
    assert is_abandoned(f"kgrec-{child('from kgrec_gds.leftovers import owner; print(owner())')}-abc")


def test_a_reused_process_id_is_another_process():
    machine, process_id, start = owner().rsplit(".", 2)
    assert is_abandoned(f"{machine}.{process_id}.{int(start) - 1}")


@pytest.mark.parametrize("name", ["kgrec-1234567890ab", "mine", "other.1.2", "", "kgrec-.1.2"])
def test_names_of_others_are_left_alone(name):
    assert not is_abandoned(name)


def test_the_folder_of_a_killed_process_is_removed_by_the_next(tmp_path):
    killed = (
        "import os\nfrom kgrec_gds.leftovers import temporary_folder\n"
        "with temporary_folder('update') as folder:\n    (folder / 'file').touch()\n    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    (left,) = (tmp_path / "tmp").iterdir()
    (tmp_path / "tmp" / "notes").mkdir()
    with temporary_folder("update") as first, temporary_folder("update") as second:
        assert not left.exists()
        assert first.stat().st_mode & 0o777 == 0o700
        assert first != second
        assert first.is_dir()
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["notes"]


def test_the_name_of_a_process_cannot_hide_its_start(tmp_path):
    program = tmp_path / "a) b (c"
    program.symlink_to(sys.executable)
    code = "import os; from kgrec_gds.leftovers import started_at; print(started_at(os.getpid()))"
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run([program, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert int(found.stdout) >= int(leftovers.started_at(os.getpid()) or 0)
