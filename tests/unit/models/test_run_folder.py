"""Damaged, unfinished and foreign run folders are refused in one sentence, whatever was done to which file."""

import json
import shutil
from dataclasses import asdict

import pytest

from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.attention_lstm.checkpoint import Checkpoint
from kgrec_gds.models.manifest import fault_of, write_manifest
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, load_model, train_run

FEW = {"most_trees": 6, "least_in_leaf": 5}


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGREC_HOME", str(tmp_path_factory.mktemp("trained")))
        train_run(dataset, RunSettings(model="trees", hyperparameters=FEW))
        return RunFolder.latest().path


@pytest.fixture
def run(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "runs" / trained.name)
    return RunFolder.latest()


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def remove(path):
    path.unlink()


def make_a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, empty, flip_a_bit, remove, make_a_folder])
def test_a_damaged_file_is_named_whichever_it_is(dataset, run, damage):
    names = sorted(path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file())
    assert {"manifest.json", "all/ranking/ranking.json"} < set(names)
    for name in names:
        kept = (run.path / name).read_bytes()
        damage(run.path / name)
        with pytest.raises(ModelRunError) as caught:
            load_model(run, dataset)
        assert name in str(caught.value)
        assert f"kgrec-gds models remove {run.model_id}" in str(caught.value)
        if damage is make_a_folder:
            (run.path / name).rmdir()
        (run.path / name).write_bytes(kept)
    load_model(run, dataset)


def test_files_of_sub_folders_count(run):
    (run.path / "all" / "ranking").mkdir(parents=True, exist_ok=True)
    (run.path / "all" / "ranking" / "weights.npz").write_bytes(b"123")
    (run.path / "checkpoint").mkdir()
    (run.path / "checkpoint" / "lock").touch()
    run.finish()
    assert run.fault() is None
    assert not run.checkpoints.exists()
    (run.path / "all" / "ranking" / "weights.npz").write_bytes(b"124")
    assert run.state == "finished"  # a quick look compares sizes
    assert run.fault() == "all/ranking/weights.npz has changed since the training"
    (run.path / "all" / "ranking" / "weights.npz").write_bytes(b"12")
    assert run.state == "damaged"


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[1]", '{"model": "trees"', "[" * 100_000, '"text"', "\x00"]
)
def test_json_that_is_torn_or_no_object_is_damage(run, text):
    for name in ("settings", "metrics", "vectors", "versions", "data"):
        (run.path / f"{name}.json").write_text(text)
        with pytest.raises(ModelRunError, match=rf"is damaged: {name}\.json cannot be read"):
            run.read(name)
    (run.path / "manifest.json").write_text(text)
    with pytest.raises(ModelRunError, match=r"is damaged: manifest\.json cannot be read"):
        run.check()


def test_bytes_that_are_no_utf_8_are_damage(run):
    (run.path / "settings.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelRunError, match=r"is damaged: settings\.json cannot be read"):
        run.read("settings")


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        {"format": 2, "version": "9.0"},
        {"format": 1},
        {"format": 1, "files": []},
        {"format": 1, "files": {"a": 1}},
    ],
)
def test_a_manifest_of_another_version_is_refused(run, manifest):
    (run.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelRunError, match=r"is damaged: manifest\.json"):
        run.check()


@pytest.mark.parametrize(
    "changes", [{"wings": 2}, {"seed": "1"}, {"model": ["trees"]}, {"hyperparameters": None}, {"protocol": 1}]
)
def test_settings_of_another_version_are_refused(changes):
    run = RunFolder.create()
    run.write("settings", {**asdict(RunSettings()), **changes})
    with pytest.raises(ModelRunError, match=r"of another version of kgrec-gds: .*Train again"):
        RunSettings.read(run)


def test_a_run_without_a_manifest_is_not_finished(dataset, run):
    (run.path / "manifest.json").unlink()
    assert run.state == "interrupted"
    with pytest.raises(ModelRunError, match=r"is not finished, .* it has no manifest\.json"):
        load_model(run, dataset)


def test_the_latest_run_is_the_latest_whole_one(run, caplog):
    shutil.copytree(run.path, run.path.with_name("9-later"))
    assert RunFolder.latest().model_id == "9-later"
    cut(RunFolder.open("9-later").path / "settings.json")
    assert RunFolder.latest() == run
    assert "Passing over model run 9-later, which is damaged: settings.json has" in caplog.text


@pytest.mark.parametrize("name", ["..", ".", "", "../runs", "/", "a/b"])
def test_names_stay_inside_the_folder_of_runs(run, name):
    with pytest.raises(ModelRunError, match="Unknown model run"):
        RunFolder.open(name)


def test_abandoned_folders_are_removed_after_a_day(monkeypatch, run):
    abandoned, fresh = RunFolder.create(), RunFolder.create()
    (abandoned.path / "data.json").touch()
    interrupted = RunFolder.create()
    interrupted.write("settings", {})
    (fresh.path / "notes.txt").touch()
    RunFolder.create()
    assert abandoned.path.exists()
    import time

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90_000)
    RunFolder.create()
    assert not abandoned.path.exists()
    assert fresh.path.exists()
    assert interrupted.path.exists()
    assert run.path.exists()


def test_a_damaged_checkpoint_is_not_read(tmp_path, caplog):
    folder = tmp_path / "choosing"
    folder.mkdir()
    (folder / "progress.json").write_text("{}")
    (folder / "network.weights.h5").write_text("weights")
    write_manifest(folder)
    assert fault_of(folder) is None
    cut(folder / "network.weights.h5")
    assert Checkpoint(folder).restore(None, None) is None
    assert "Beginning again with the first epoch" in caplog.text
