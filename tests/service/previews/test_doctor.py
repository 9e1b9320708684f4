"""A lacking wall is told, and where it is demanded nothing starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import command_line
from service.previews.doctor import examine
from service.settings import load
from service.wiring import Wiring
from watermark import Recipe, RenderStopped, Sandbox
from watermark.declare import Package, Program
from watermark.rendering import every_renderer
from watermark.walls import kernel, layers


def wiring_with(require: str, folder: Path) -> Wiring:
    return Wiring(load({"TILLPAID_SANDBOX_REQUIRE": require}, data_dir=folder))


@pytest.fixture
def no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)


def test_every_layer_is_told(tmp_path: Path) -> None:
    found = [finding for finding in examine(wiring_with("", tmp_path)) if finding.part == "sandbox"]
    assert [finding.name for finding in found] == list(layers.LAYERS)
    assert {finding.state for finding in found} == {"good"}


@pytest.mark.parametrize(("require", "state"), [("", "weak"), ("seccomp", "weak"), ("landlock", "bad"), ("all", "bad")])
@pytest.mark.usefixtures("no_landlock")
def test_a_lacking_layer_is_weak_or_bad(tmp_path: Path, require: str, state: str) -> None:
    found = {finding.name: finding for finding in examine(wiring_with(require, tmp_path))}
    assert found["landlock"].state == state and "5.13" in found["landlock"].words
    assert found["seccomp"].state == "good"


def test_a_machine_without_a_filter_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watermark.walls.layers.this_machine", lambda: None)
    (layer,) = layers.lacking({"all"})
    assert layer.name == "seccomp" and "no filter" in layer.missing
    assert layers.lacking({"landlock"}) == ()


@pytest.mark.usefixtures("no_landlock")
def test_where_it_is_demanded_nothing_starts(tmp_path: Path) -> None:
    runner = CliRunner(env={"TILLPAID_SANDBOX_REQUIRE": "landlock"})
    for command in ("serve", "worker"):
        ended = runner.invoke(command_line(), ["--data-dir", str(tmp_path / "data"), command])
        assert ended.exit_code == 1 and "TILLPAID_SANDBOX_REQUIRE" in ended.output and "landlock" in ended.output
    assert not (tmp_path / "data").exists()
    told = runner.invoke(command_line(), ["--data-dir", str(tmp_path / "data"), "doctor"])
    assert told.exit_code == 1 and "bad   sandbox: landlock: missing" in told.output


@pytest.mark.usefixtures("no_landlock")
def test_where_it_is_demanded_nothing_is_decoded() -> None:
    with Sandbox(require={"landlock"}) as box, pytest.raises(RenderStopped) as caught:
        box.preview(Recipe("x"))
    assert caught.value.code == "sandbox_unavailable"
    assert box.zygote_pid is None


def test_the_doctor_is_well_here(tmp_path: Path) -> None:
    told = CliRunner().invoke(command_line(), ["--data-dir", str(tmp_path), "doctor"])
    assert "good  sandbox: seccomp" in told.output
    assert told.exit_code == 0


def test_the_setting_reaches_the_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wiring = wiring_with("all", tmp_path)
    wiring.settings = replace(wiring.settings)
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)
    with pytest.raises(RenderStopped):
        wiring.sandbox.preview(Recipe("x"))
    wiring.close()


def test_every_renderer_is_told_and_how_to_add_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [renderer.about for renderer in every_renderer() if renderer.about.media_types]
    monkeypatch.setattr(Program, "present", lambda _need: True)  # this machine may have no LibreOffice
    found = {f.name: f for f in examine(wiring_with("", tmp_path)) if f.part == "formats"}
    assert set(found) == {about.files for about in shown}
    assert {finding.state for finding in found.values()} == {"good"}
    monkeypatch.setattr(Package, "present", lambda need: need.name != "rawpy")
    (lacking,) = [f for f in examine(wiring_with("", tmp_path)) if f.part == "formats" and f.state != "good"]
    assert (lacking.state, lacking.advice) == ("weak", "pip install rawpy") and "rawpy is missing" in lacking.words
