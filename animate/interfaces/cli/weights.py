"""The command `keepsake weights`: list, get NAME, import FILE --as NAME."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path

from animate.core.options import PUBLISHED_MODELS
from animate.interfaces.cli.arguments import Result, UsageError, local_file, progress


def weights_arguments(parser: ArgumentParser) -> None:
    """Adds the actions of the command, each with its own arguments; without one it lists."""
    parser.set_defaults(action=_list)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")

    def action(name: str, help: str, run) -> ArgumentParser:
        inner = actions.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".", allow_abbrev=False)
        inner.add_argument("--json", action="store_true", default=SUPPRESS, help="answer with one JSON object")
        inner.set_defaults(action=run)
        return inner

    action("list", "list all weights and where they are", _list)
    get = action("get", "download weights that may be", _get)
    get.add_argument("name", metavar="NAME", help="which weights")
    bring = action("import", "take weights from a file", _import)
    bring.add_argument("file", type=local_file, metavar="FILE", help="the file")
    bring.add_argument("--as", dest="name", metavar="NAME", required=True, help="which weights the file holds")
    bring.add_argument(
        "--config", type=Path, metavar="YAML", help="the configuration published with a checkpoint, for vox and vox-adv"
    )


def _list(args: Namespace) -> Result:
    from animate.core import weights

    listed = weights.status()
    return Result({"weights": listed}, tuple(_line(entry) for entry in listed))


def _get(args: Namespace) -> Result:
    from animate.core import weights

    with progress(f"getting {args.name}") as shown:
        path = weights.get(args.name, on_bytes=shown)
    return _result(args.name, path)


def _import(args: Namespace) -> Result:
    """A file as it is, or the networks in a published checkpoint."""
    from animate.core import weights
    from animate.fomm import animate

    if args.name in PUBLISHED_MODELS:
        path = weights.place(args.name)
        return _result(args.name, path, animate.import_weights(args.file, path, args.name, args.config))
    if args.config:
        raise UsageError(f"{args.name} has no configuration", "--config belongs to " + " and ".join(PUBLISHED_MODELS))
    return _result(args.name, weights.import_file(args.file, args.name))


def _result(name: str, path: Path, notes: tuple[str, ...] = ()) -> Result:
    return Result({"name": name, "path": str(path), "notes": list(notes)}, (f"{path}", *notes))


def _line(entry: dict) -> str:
    line = f"{entry['name']}  {entry['state']}  {entry['about']}"
    return f"{line}\n  {entry['hint']}" if entry["hint"] else line
