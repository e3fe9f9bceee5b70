"""Disk and memory that really run out, in the libraries that meet it, end in one sentence."""

import errno
import resource
import subprocess
import sys

import duckdb
import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.exhausted import exhausted, require_address_space, require_disk


def caught(action) -> str:
    with pytest.raises(BaseException) as found:  # noqa: PT011 - each library raises its own
        action()
    message = exhausted(found.value)
    assert message is not None, repr(found.value)
    assert "\n" not in message
    return message


def test_an_array_that_does_not_fit() -> None:
    assert "Unable to allocate 1.00 PiB" in caught(lambda: np.zeros(2**47))


def test_a_table_that_does_not_fit_into_duckdb() -> None:
    connection = duckdb.connect(config={"memory_limit": "10MB", "temp_directory": ""})
    query = "SELECT count(*) FROM (SELECT DISTINCT uuid() FROM range(1000000))"
    assert caught(lambda: connection.execute(query)).startswith("Out of memory")


def test_a_full_disk(monkeypatch) -> None:
    def write() -> None:
        with open("/dev/full", "w") as file:  # noqa: PTH123
            file.write("x" * 100_000)

    assert caught(write).startswith("The disk")
    assert exhausted(OSError(errno.EDQUOT, "Disk quota exceeded", "/tmp/x")).startswith(
        "The disk of /tmp is full"
    )


def test_duckdb_on_a_full_disk() -> None:
    assert "full" in caught(lambda: duckdb.sql("SELECT range FROM range(1000000)").write_csv("/dev/full"))


def test_arrays_on_a_full_disk() -> None:
    def write() -> None:
        with open("/dev/full", "wb") as file:  # noqa: PTH123
            np.savez(file, a=np.zeros(1_000_000))

    assert "full" in caught(write)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Can't write data (errno = 28, error message = 'No space left on device')", "The disk is full"),
        ("OOM when allocating tensor with shape[10000,10000]", "Out of memory"),
        (
            "The allocation of an extra 2.0 MiB would use more than the limit 278.0 MiB. dbms.memory.transaction.total.max",
            None,
        ),
        (
            "libtensorflow_cc.so.2: failed to map segment from shared object",
            "Out of memory (libtensorflow_cc.so.2",
        ),
        (
            "reading failed: Out of memory: . Detail: Python exception: Traceback (most",
            "Out of memory (reading failed: Out of memory):",
        ),
        ("Java heap space", "The server ran out of memory"),
        ("error return without exception set", "Out of memory (error return"),
    ],
)
def test_what_other_libraries_say(text: str, words: str | None) -> None:
    message = exhausted(RuntimeError(text))
    assert (message or "").startswith(words or "")


def test_the_cause_counts() -> None:
    error = ValueError("cannot save")
    error.__cause__ = MemoryError()
    assert exhausted(error).startswith("Out of memory: ")


@pytest.mark.parametrize(
    "error", [ValueError("x"), OSError(errno.EACCES, "Permission denied", "/x"), KeyError("disk")]
)
def test_other_errors_are_left_alone(error) -> None:
    assert exhausted(error) is None


def test_too_little_space_is_refused_beforehand(tmp_path) -> None:
    require_disk(tmp_path / "not" / "yet", 1, "the import")
    with pytest.raises(
        InputError, match=r"needs about 1,000,000\.0 GB in .*, and .* are free on the disk of"
    ):
        require_disk(tmp_path / "not" / "yet", 10**15, "the import")


def test_what_needs_more_addresses_than_ulimit_leaves_is_not_begun(monkeypatch) -> None:
    require_address_space("TensorFlow")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (5 * 10**9, 8 * 10**9))
    with pytest.raises(
        InputError, match=r"is limited to 5\.0 GB; TensorFlow needs at least 6\.0 GB\. Run: ulimit -v"
    ):
        require_address_space("TensorFlow")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (7 * 10**9, 8 * 10**9))
    require_address_space("TensorFlow")


def test_a_command_under_a_memory_limit_ends_in_one_sentence(tmp_path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 * 10**9, 2 * 10**9))

    program = (
        "from unittest.mock import patch\nimport numpy as np\nfrom kgrec_gds.cli import main\n"
        "with patch('kgrec_gds.workflows.models.list_models', lambda *_: np.zeros(2**29)):\n"
        "    main(['models', 'list'])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], preexec_fn=limit, capture_output=True, text=True,
        env={"KGREC_HOME": str(tmp_path), "PATH": "/usr/bin"}, check=False,
    )  # fmt: skip
    assert found.returncode == 1
    assert found.stderr.startswith("Error: Out of memory (Unable to allocate 4.00 GiB")
    assert "Traceback" not in found.stderr
