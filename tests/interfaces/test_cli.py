"""The command line on the fake pipeline: what it says, what it refuses, what it exits with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

import animate
from animate.core import options
from animate.core.errors import Cancelled
from animate.interfaces.cli.main import build_parser, main


@pytest.fixture
def photo(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("grandma.jpg")
    path.write_bytes(b"a photograph")
    return path


def ask(capsys, *words) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def test_a_photo_becomes_a_clip_beside_where_one_stands(fake, photo, capsys):
    code, out, _ = ask(capsys, "photo", photo)
    assert code == 0
    assert Path("grandma-keepsake.mp4").stat().st_size > 0
    assert out.startswith("grandma-keepsake.mp4  2.0 seconds, 320 x 240")
    assert "one note" in out
    assert fake.calls[0][2] == "classic"


def test_json_is_one_object_and_nothing_else_on_stdout(fake, photo, capsys):
    code, out, _ = ask(capsys, "photo", photo, "smile", "-o", "a.mp4", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["clip"] == "a.mp4"
    assert answer["gestures"] == {"1": "smile"}
    assert (answer["frames"], answer["fps"], answer["seconds"]) == (50, 25.0, 2.0)


def test_every_choice_is_an_option_and_reaches_the_pipeline(fake, photo, capsys):
    given = {"head": 0.5, "faces": "all", "finder": "face-alignment", "quality": 30, "box": "1,2,30,40", "adapt": "no"}
    code, *_ = ask(capsys, "photo", photo, *(word for name, value in given.items() for word in (f"--{name}", value)))
    assert code == 0
    assert fake.calls[0][3] == options.Options(**given | {"adapt": False, "box": (1, 2, 30, 40)})
    assert all(f"--{name.replace('_', '-')}" in _help_of("photo") for name, *_ in options.choices())


def test_a_choice_that_may_stand_alone_stands_anywhere(fake, photo, capsys):
    for words, wanted in (
        (["--enhance", photo, "smile"], (0.5, False)),
        ([photo, "smile", "--repair", "--enhance"], (0.5, True)),
        ([photo, "--enhance", "0.8", "--repair", "no"], (0.8, False)),
        (["--repair", "--enhance=1", photo], (1.0, True)),
        ([photo], (0.0, False)),
    ):
        assert ask(capsys, "photo", *words, "--force")[0] == 0
        chosen = [call for call in fake.calls if call[0] == "clip"][-1][3]
        assert (chosen.enhance, chosen.repair) == wanted
    code, _, complaint = ask(capsys, "photo", photo, "--enhance=2")
    assert code == 2 and "enhance goes from 0.0 to 1.0" in complaint


def test_further_photographs_reach_the_pipeline_and_are_never_overwritten(fake, photo, capsys):
    for name in ("b.jpg", "c.jpg", "d.mp4"):
        Path(name).write_bytes(b"another photograph")
    code, out, _ = ask(capsys, "photo", photo, "smile", "--more", "b.jpg", "c.jpg", "--json")
    assert code == 0 and fake.more == ["b.jpg", "c.jpg"]
    assert json.loads(out)["more"] == [
        {"photo": "b.jpg", "sha256": "", "percent": 2.5},
        {"photo": "c.jpg", "sha256": "", "percent": 2.5},
    ]
    code, _, err = ask(capsys, "photo", photo, "--more", "d.mp4", "-o", "d.mp4", "--force")
    assert code == 1 and "is what the clip is made from" in err


def test_a_gesture_for_each_face_and_a_part_of_a_video(fake, photo, capsys):
    Path("me.mp4").write_bytes(b"a video")
    part = ["--start", "1.5", "--end", "3", "--driver-face", "2", "--page", "2", "--sound", "keep"]
    assert ask(capsys, "photo", photo, "--faces", "1=smile,3=driver", "--driver", "me.mp4", *part)[0] == 0
    chosen = fake.calls[0][3]
    assert chosen.faces == {1: "smile", 3: "driver"}
    assert chosen.group("driver") == {"driver_face": 2, "start": 1.5, "end": 3.0, "sound": "keep"}
    assert chosen.page == 2


def _help_of(command: str) -> str:
    (subparsers,) = (
        action for action in build_parser()._actions if hasattr(action, "choices") and isinstance(action.choices, dict)
    )
    return subparsers.choices[command].format_help()


def test_a_driver_is_handed_over_as_a_path_and_excludes_a_gesture(fake, photo, capsys):
    Path("me.mp4").write_bytes(b"a video")
    assert ask(capsys, "photo", photo, "--driver", "me.mp4")[0] == 0
    assert fake.calls[0][2] == Path("me.mp4")
    assert ask(capsys, "photo", photo, "smile", "--driver", "me.mp4")[0] == 2


def test_a_clip_that_is_there_is_only_replaced_by_force(fake, photo, capsys):
    Path("grandma-keepsake.mp4").write_bytes(b"dear to somebody")
    code, _, err = ask(capsys, "photo", photo)
    assert code == 1
    assert "already there" in err and "--force" in err
    assert Path("grandma-keepsake.mp4").read_bytes() == b"dear to somebody"
    assert ask(capsys, "photo", photo, "--force")[0] == 0
    assert Path("grandma-keepsake.mp4").read_bytes() != b"dear to somebody"


@pytest.mark.parametrize("source", ["grandma.jpg", "me.mp4", "link.mp4", "my.card"])
def test_a_source_is_never_overwritten_not_even_by_force(fake, photo, capsys, source):
    Path("me.mp4").write_bytes(b"a video")
    Path("my.card").write_bytes(b"a card")
    Path("link.mp4").symlink_to("me.mp4")
    driver = ["my.card"] if source == "my.card" else ["--driver", "me.mp4"]
    code, _, err = ask(capsys, "photo", photo, *driver, "-o", source, "--force")
    assert code == 1
    assert "is what the clip is made from" in err
    assert not fake.calls


def test_a_folder_as_output_keeps_the_name_and_a_missing_one_is_an_error(fake, photo, capsys):
    Path("clips").mkdir()
    assert ask(capsys, "photo", photo, "-o", "clips")[0] == 0
    assert Path("clips/grandma-keepsake.mp4").exists()
    code, _, err = ask(capsys, "photo", photo, "-o", "nowhere/a.mp4")
    assert code == 1
    assert "no folder nowhere" in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["photo"], "required: PHOTO"),
        (["photo", "a.jpg", "--head", "9"], "head goes from 0.0 to 2.0"),
        (["photo", "a.jpg", "--size", "big"], "invalid whole number value"),
        (["photo", "a.jpg", "--finder", "guess"], "finder is one of centerface"),
        (["dance"], "invalid choice"),
        (["photo", "https://example.com/a.jpg"], "https://example.com/a.jpg is an address on the web"),
        (["photo", "a.jpg", "--more", "http://example.com/a.jpg"], "nothing is fetched"),
        (["verify", "ftp://example.com/a.mp4"], "ftp://example.com/a.mp4 is an address on the web"),
        (["album", "https://example.com", "-o", "clips"], "is an address on the web"),
        (["check", ""], "the name of the file is empty"),
        (["photo", "a.jpg", "--faces", "1:smile"], "faces is '1:smile'"),
        (["page", "--port", "99999"], "a number from 1 to 65535"),
        ([], "COMMAND"),
    ],
)
def test_what_is_asked_wrongly_exits_with_2_and_a_hint(capsys, words, complaint):
    code, out, err = ask(capsys, *words, "--json")
    assert code == 2
    assert err.startswith("keepsake: ") and complaint in err and "\nhint: keepsake" in err
    assert json.loads(out)["kind"] == "UsageError"


def test_the_painted_share_is_said_and_drawn_on_demand(fake, photo, capsys):
    code, out, _ = ask(capsys, "photo", photo, "--synthesis-map", "painted.png", "--json")
    answer = json.loads(out)
    assert code == 0 and (answer["synthesized"], answer["synthesis_map"]) == (12.0, "painted.png")
    assert Path("painted.png").read_bytes().startswith(b"\x89PNG")
    assert ask(capsys, "photo", photo, "--synthesis-map", "painted.png", "-o", "b.mp4")[0] == 1
    assert ask(capsys, "photo", photo, "--synthesis-map", "painted.png", "--force")[0] == 0


def test_former_names_still_work(fake, photo, capsys):
    code, out, _ = ask(capsys, "photo", photo, "--invention", "painted.png", "--json")
    assert code == 0 and json.loads(out)["synthesis_map"] == "painted.png"
    assert "--invention" not in _help_of("photo")
    code, *_ = ask(capsys, "photo", photo, "--slate", "de", "--force")
    assert code == 0 and fake.calls[-2][3].end_card == "de" and "--slate" not in _help_of("photo")


@pytest.mark.parametrize(
    "words",
    [
        ["--synthesis-map", "painted.jpg"],
        ["--synthesis-map", "grandma.jpg", "--force"],
        ["--synthesis-map", "a.png", "--model", "vox"],
    ],
)
def test_a_painted_share_that_cannot_be_drawn_is_said_first(fake, photo, capsys, words):
    code, _, err = ask(capsys, "photo", photo, *words)
    assert code == 1 and "hint: " in err and not fake.calls


def test_an_error_is_one_line_a_hint_and_json(fake, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, out, err = ask(capsys, "photo", "letter.txt", "--json")
    assert code == 1
    assert err == "keepsake: letter.txt is not a picture\nhint: choose a JPEG, PNG or TIFF\n"
    assert json.loads(out) == {
        "error": "letter.txt is not a picture",
        "hint": "choose a JPEG, PNG or TIFF",
        "kind": "UnreadablePhoto",
    }


@pytest.mark.parametrize("slip", ["grandma-keepsake.mp4.txt", "grandma-keepsake.mp4.json"])
def test_a_slip_that_is_there_is_only_replaced_by_force(fake, photo, capsys, slip):
    Path(slip).write_text("notes about Anna")
    code, _, err = ask(capsys, "photo", photo)
    assert code == 1 and f"{slip} is already there" in err and "--force" in err
    assert Path(slip).read_text() == "notes about Anna" and not fake.calls
    assert ask(capsys, "photo", photo, "--force")[0] == 0


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [["photo", "grandma.jpg", "-o", f"{LONG}.mp4"], ["photo", f"{LONG}.jpg"], ["photo", "grandma.jpg", "-o", "loop"],
     ["photo", "grandma.jpg", "-o", "loop/a.mp4"], ["photo", "grandma.jpg", "-o", f"{LONG}/a.mp4"],
     ["faces", "grandma.jpg", "-o", f"{LONG}.png"], ["photo", "grandma.jpg", "--synthesis-map", f"{LONG}.png"],
     ["record", "grandma.jpg", "-o", f"{LONG}.card"], ["sheet", "grandma.jpg", "-o", f"{LONG}.png"],
     ["check", "grandma.jpg", "--repair", "-o", f"{LONG}.png"], ["album", LONG, "-o", "clips"],
     ["album", "loop", "-o", "a"], ["album", "grandma.jpg", "-o", LONG], ["album", "grandma.jpg", "-o", "loop"],
     ["weights", "import", LONG, "--as", "vox"], ["weights", "import", LONG, "--as", "s3fd"]],
    ids=range(16),
)  # fmt: skip
def test_names_that_the_disk_refuses_are_no_surprise(fake, photo, capsys, words):
    Path("loop").symlink_to("loop")
    code, _, err = ask(capsys, *words)
    assert code == 1 and "should not happen" not in err and "hint: " in err and len(err) < 1200
    assert {path.name for path in Path().iterdir()} <= {"grandma.jpg", "loop"}


def test_what_the_disk_answers_is_said_in_words(fake, photo, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", LONG)

    monkeypatch.setattr(fake, "read_photo", full, raising=False)
    monkeypatch.setattr(animate.api, "read_photo", full)
    code, _, err = ask(capsys, "faces", photo)
    assert code == 1 and "No space left on device" in err and "hint: check" in err and LONG not in err


def test_the_clip_and_the_picture_of_what_is_painted_have_two_names(fake, photo, capsys):
    for name in ("a.png.mp4", "grandma-keepsake.mp4", "grandma-keepsake.mp4.txt"):
        code, _, err = ask(capsys, "photo", photo, "--synthesis-map", name)
        assert code == 1 and not fake.calls and ("a name of its own" in err or "ends in .png" in err)


def test_hints_are_in_terms_of_the_command_line(fake, photo, capsys, monkeypatch):
    from animate.core.errors import NoFace
    from animate.pipeline import portraits

    hint = f"{portraits._HINT}; the file holds 2 pages; number 1 was used: {portraits._OTHER_PAGE}"

    def blank(*_, **__):
        raise NoFace("no face was found", hint=hint)

    monkeypatch.setattr(animate.api, "clip", blank)
    code, _, err = ask(capsys, "photo", photo)
    assert code == 1 and "--box x,y,width,height" in err and "holds 2 pages; number 1" in err and "--page N" in err


def test_developers_have_a_group_of_their_own(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    help_text = capsys.readouterr().out
    assert help_text.index("commands:") < help_text.index("verify") < help_text.index("for developers:")
    assert help_text.index("for developers:") < help_text.index("  train ") < help_text.index("  bench ")


def test_an_address_as_driver_keeps_its_slashes(fake, photo, capsys):
    assert ask(capsys, "photo", photo, "--driver", "https://example.com/me.mp4")[0] == 0
    assert fake.calls[0][2] == "https://example.com/me.mp4"


def test_the_page_is_a_command(monkeypatch, capsys):
    from animate.interfaces.web import page

    launched = {}
    monkeypatch.setattr(page, "launch", lambda **how: launched.update(how))
    assert ask(capsys, "page", "--port", "7999", "--no-browser")[0] == 0
    assert (launched["port"], launched["browser"]) == (7999, False)
    assert {file.suffix for file in Path(page.__file__).parent.rglob("*.*s")} >= {".css", ".js"}  # packed in the wheel


@pytest.mark.parametrize("how", [KeyboardInterrupt(), Cancelled("stopped")])
def test_ctrl_c_exits_with_130(fake, photo, capsys, monkeypatch, how):
    def stopped(*args, **kwargs):
        raise how

    monkeypatch.setattr(fake, "save", stopped)
    code, _, err = ask(capsys, "photo", photo)
    assert code == 130
    assert "keepsake: stopped\nhint: nothing was left half written\n" in err


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_stops_a_command_with_its_own_exit_code(fake, photo, capsys, monkeypatch, name, code):
    before = signal.getsignal(getattr(signal, name))
    cleaned = []

    def save(*_, on_frame, **__):
        try:
            signal.raise_signal(getattr(signal, name))
        finally:
            cleaned.append(True)

    monkeypatch.setattr(fake, "save", save)
    assert ask(capsys, "photo", photo)[0] == code
    assert cleaned and signal.getsignal(getattr(signal, name)) is before


def test_a_signal_during_a_callback_of_c_code_is_raised_at_the_next_step(fake, photo, capsys, monkeypatch):
    def save(clip, path, *, on_frame, **_):
        exec("signal.raise_signal(signal.SIGINT)", {"__name__": "c2pa.c2pa", "signal": signal})
        on_frame(1, 1)
        raise AssertionError

    monkeypatch.setattr(fake, "save", save)
    assert ask(capsys, "photo", photo)[0] == 130


def test_an_interruption_that_a_library_turns_into_an_error_still_stops(fake, photo, capsys, monkeypatch):
    def save(*_, **__):
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise ImportError("numpy could not be loaded") from None

    monkeypatch.setattr(fake, "save", save)
    code, _, err = ask(capsys, "photo", photo)
    assert code == 143 and "numpy" not in err


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.02, 0.05, 0.1, 0.2, 0.4])
def test_ctrl_c_while_the_program_is_being_loaded_is_quiet(delay):
    starting = "import sys; from animate.__main__ import main; print(flush=True); sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", starting, "gestures"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode in (0, 130) and "Traceback" not in err


DROPPING = """
import os, signal, sys, time, weakref
from animate.interfaces.cli import signals

class Thing: pass

try:
    with signals.handled():
        thing = Thing()
        kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), getattr(signal, sys.argv[1])) or time.sleep(.01))
        del thing
        time.sleep(30)
except signals.Stopped:
    print("stopped", signals.exit_code())
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_whose_exception_python_drops_still_stops_and_is_quiet(name, code):
    done = subprocess.run([sys.executable, "-c", DROPPING, name], capture_output=True, text=True, timeout=25)
    assert (done.stdout, done.stderr) == (f"stopped {code}\n", "")


@pytest.mark.slow
def test_ctrl_c_after_the_last_line_of_work_is_quiet():
    ending = (
        "import os, signal, sys; from animate.__main__ import main; sys.argv = ['keepsake', 'gestures'];"
        "code = main(); os.kill(os.getpid(), signal.SIGINT); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", ending], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_surprise_is_one_line_too_unless_debugging(fake, photo, capsys, monkeypatch):
    monkeypatch.setattr(fake, "clip", lambda *args, **kwargs: 1 / 0)
    monkeypatch.delenv("KEEPSAKE_DEBUG", raising=False)
    code, _, err = ask(capsys, "photo", photo)
    assert code == 1
    assert err.startswith("keepsake: division by zero\nhint: ") and "KEEPSAKE_DEBUG" in err
    monkeypatch.setenv("KEEPSAKE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["photo", str(photo)])


def test_faces_are_listed_and_drawn(fake, photo, capsys):
    code, out, _ = ask(capsys, "faces", photo, "-o", "faces.png", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["faces"] == [
        {"number": 1, "box": [180, 40, 90, 110], "score": 0.9},
        {"number": 2, "box": [40, 60, 70, 90], "score": 0.9},
    ]
    assert Path(answer["picture"]).read_bytes().startswith(b"\x89PNG")
    assert "1  180,40,90,110" in ask(capsys, "faces", photo)[1]


def test_gestures_are_listed(fake, capsys):
    assert "breath   4.0 s  A quiet breath" in ask(capsys, "gestures")[1]
    assert [gesture["name"] for gesture in json.loads(ask(capsys, "gestures", "--json")[1])["gestures"]] == [
        "breath",
        "smile",
        "glance",
    ]


def test_record_writes_a_card(fake, photo, capsys):
    code, out, _ = ask(capsys, "record", "me.mp4", "-o", "mine.card", "--json")
    assert code == 0
    assert json.loads(out) == {"card": "mine.card", "video": "me.mp4"}


@pytest.fixture
def room(monkeypatch):
    """Puts a stand-in where `from package import name` looks."""

    def put(package: str, name: str, **verbs):
        stand_in = types.SimpleNamespace(**verbs)
        monkeypatch.setitem(sys.modules, f"{package}.{name}", stand_in)
        monkeypatch.setattr(sys.modules[package], name, stand_in, raising=False)

    return put


def test_weights_are_listed_got_and_imported(room, capsys):
    said = [
        {"name": "keypoints", "state": "ready", "about": "478 points", "hint": ""},
        {"name": "vox", "state": "missing", "about": "ten points", "hint": "keepsake weights import FILE --as vox"},
    ]
    room(
        "animate.core",
        "weights",
        status=lambda: said,
        get=lambda name, on_bytes=None: Path("cache") / name,
        import_file=lambda path, name: Path("cache") / name,
    )
    assert ask(capsys, "weights")[1].splitlines() == [
        "keypoints  ready  478 points",
        "vox  missing  ten points",
        "  keepsake weights import FILE --as vox",
    ]
    assert json.loads(ask(capsys, "weights", "list", "--json")[1]) == {"weights": said}
    assert ask(capsys, "weights", "get", "vox")[1] == "cache/vox\n"
    assert ask(capsys, "weights", "import", "far.bin", "--as", "far")[1] == "cache/far\n"
    assert "get NAME" not in ask(capsys, "weights", "list")[1] and "import" in _help_of("weights")
    assert ask(capsys, "weights", "import", "vox.pth.tar")[0] == 2
    assert ask(capsys, "weights", "get")[0] == 2


def test_bench_says_a_table_or_json(room, capsys):
    import animate.evaluate  # noqa: F401  the package of the stand-in

    room(
        "animate.evaluate",
        "bench",
        bench=lambda data, quick=False, ablate=False, report=None: {"l1": 0.05, "quick": quick, "ablate": ablate},
        table=lambda figures: "L1  0.05",
    )
    assert ask(capsys, "bench", "--data", "d")[1].startswith("L1  0.05\n")
    assert json.loads(ask(capsys, "bench", "--data", "d", "--quick", "--json")[1]) == {
        "l1": 0.05,
        "quick": True,
        "ablate": False,
    }


def test_bench_of_the_layers_of_a_folder(capsys, monkeypatch):
    import animate.evaluate.layers

    figures = {"mine": {"moved": 0.25, "reach": 1.1}}
    monkeypatch.setattr(animate.evaluate.layers, "bench", lambda folder: figures)
    assert "0.25" in ask(capsys, "bench", "--layers", "d")[1]
    assert json.loads(ask(capsys, "bench", "--layers", "d", "--json")[1]) == {"layers": figures}


def test_train_talks_on_stderr_and_answers_with_the_weights(room, capsys):
    import animate.train  # noqa: F401  the package of the stand-in

    def train(kind, config, data, *, resume, report):
        report(f"{kind} {resume}")
        return Path("weights/new.safetensors")

    room("animate.train", "trainer", train=train)
    code, out, err = ask(capsys, "train", "keypoints", "c.toml", "--data", "d", "--fresh", "--json")
    assert (code, err) == (0, "keypoints False\n")
    assert json.loads(out) == {"weights": "weights/new.safetensors", "kind": "keypoints"}


def test_the_version_is_the_one_of_the_package(capsys):
    for words in (["--version"], ["--json", "--version"]):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0
        assert animate.__version__ in capsys.readouterr().out


@pytest.mark.slow
def test_help_answers_in_a_process_of_its_own():
    done = subprocess.run([sys.executable, "-m", "animate", "--help"], capture_output=True, text=True, check=True)
    assert "keepsake photo grandma.jpg" in done.stdout
    assert not done.stderr


@pytest.mark.slow
def test_a_reader_that_went_away_is_no_traceback():
    program = (
        "import os, sys; from animate.interfaces.cli.main import main; r, w = os.pipe(); os.close(r); os.dup2(w, 1); "
        "sys.exit(main(['faces', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_verify_answers_with_words_data_and_an_exit_code(tmp_path, capsys):
    plain = tmp_path / "note.mp4"
    plain.write_bytes(b"not a clip at all")
    assert main(["verify", str(plain), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["file"], said["invisible"], said["icon"], said["slip"]) == (
        "note.mp4",
        "cannot tell",
        "cannot tell",
        "absent",
    )
    assert said["lines"]
    assert main(["verify", str(tmp_path / "none.mp4")]) == 1
    assert "hint:" in capsys.readouterr().err
