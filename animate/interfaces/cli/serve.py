"""The command `keepsake serve`: the HTTP API for other programs."""

from __future__ import annotations

import argparse
import json
import math
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from animate.core.errors import MissingExtra, OptionError
from animate.interfaces.cli.arguments import Command, Result, add_option_arguments, whole_number

HOST, PORT = "127.0.0.1", 8000
FOLDER = "serve"  # in the cache folder
TOKEN = "KEEPSAKE_TOKEN"
SHORTEST_TOKEN = 16


def _arguments(parser: ArgumentParser) -> None:
    help = "address to listen at; only this computer reaches the default"
    parser.add_argument("--host", default=HOST, help=f"{help} (default: {HOST})")
    parser.add_argument(
        "--port", type=whole_number(0, 65535), default=PORT, help=f"0 takes a free one (default: {PORT})"
    )
    help = "a further host name that the server goes by; may be given again"
    parser.add_argument("--name", action="append", default=[], metavar="NAME", help=help)
    tokens = parser.add_mutually_exclusive_group()
    help = f"what every request must bring (default: {TOKEN} of the environment, else a new one, which is printed)"
    tokens.add_argument("--token", metavar="TOKEN", help=help)
    tokens.add_argument("--no-token", action="store_true", help="ask for no token; only where --host is this computer")
    help = "uploads, jobs and clips (default: serve in Keepsake's cache folder)"
    parser.add_argument("--folder", type=Path, metavar="DIR", help=help)
    help = "hours for which an ended job and its files are kept (default: 24)"
    parser.add_argument("--keep", type=_hours, default=24.0, metavar="HOURS", help=help)
    help = "megabytes of a request at most (default: 300)"
    parser.add_argument("--largest", type=whole_number(1, 20_000), default=300, metavar="MB", help=help)
    help = (
        "requests a minute from one address that start work or delete something; 20 times as many others (default: 120)"
    )
    parser.add_argument("--rate", type=whole_number(1, 100_000), default=120, help=help, metavar="N")
    help = "clips made at once, each in a process of its own (default: 1)"
    parser.add_argument("--workers", type=whole_number(1, 64), default=1, help=help, metavar="N")
    add_option_arguments(parser, ("threads",))


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0 < hours <= 8760:
        raise argparse.ArgumentTypeError("hours, above 0 and up to 8760")
    return hours


def _serve(args: Namespace) -> Result:
    from animate.core.weights import cache_folder

    token = _token(args)
    try:
        from animate.interfaces.http import server
    except ImportError as error:
        hint = 'pip install "keepsake[serve]"'
        raise MissingExtra(f"the server needs {error.name}, which is not installed", hint=hint) from error
    settings = server.Settings(
        host=args.host,
        port=args.port,
        names=tuple(args.name),
        token=token,
        folder=args.folder or cache_folder() / FOLDER,
        keep=args.keep,
        largest=args.largest,
        rate=args.rate,
        workers=args.workers,
        threads=args.threads,
    )
    as_json = getattr(args, "json", False)
    server.launch(settings, lambda address: print(_greeting(address, token, as_json=as_json), flush=True))
    return Result({}, ())


def _greeting(address: str, token: str, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"address": address, "token": token or None})
    return f"Keepsake serves at {address}   (Ctrl-C stops it)" + (f"\nToken: {token}" if token else "")


def _token(args: Namespace) -> str:
    """The token of this server, "" for none; raises OptionError for one that protects nothing."""
    import secrets

    from animate.interfaces.web.guard import is_loopback

    if args.no_token:
        if not is_loopback(args.host):
            hint = "leave --no-token out, or --host"
            raise OptionError(f"{args.host} can be reached from outside, so that a token is needed", hint=hint)
        return ""
    given = args.token if args.token is not None else os.environ.get(TOKEN, "")
    if not given and args.token is None:
        return secrets.token_urlsafe(32)
    if len(given) < SHORTEST_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        hint = f"{SHORTEST_TOKEN} letters, digits and signs at least, without spaces; without --token one is made"
        raise OptionError("that token can be guessed, or cannot be sent", hint=hint)
    return given


SERVE = Command("serve", "serve the HTTP API for other programs", _arguments, _serve)
