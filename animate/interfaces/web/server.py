"""How the page is served: by gradio, to this computer only, without anything that remembers or asks a network."""

from __future__ import annotations

import os
from pathlib import Path

from animate.core.errors import MissingExtra
from animate.interfaces.web.guard import HOSTS, LARGEST_FILE, Guard

ASSETS = Path(__file__).parent / "assets"
LIGHT = "() => document.body.classList.remove('dark')"  # paper stays paper at night
SILENT = ("share", "run_history", "enable_monitoring", "mcp_server", "ssr_mode", "pwa")


def settings(folder: Path) -> dict:
    """Arguments of gradio's `launch` for a page whose files all lie in `folder`."""
    from starlette.middleware import Middleware

    looks = {"theme": _theme(), "css": (ASSETS / "page.css").read_text("utf-8"), "js": LIGHT, "footer_links": []}
    limits = {"server_name": HOSTS[0], "max_file_size": LARGEST_FILE, "allowed_paths": [str(folder)]}
    guard = {"app_kwargs": {"middleware": [Middleware(Guard, folder=folder)]}}
    return dict.fromkeys(SILENT, False) | looks | limits | guard | {"quiet": True, "prevent_thread_lock": True}


def script(*names: str) -> str:
    """Scripts of the page as one, for an element of its own; they share what they declare with nobody else."""
    return "\n".join((ASSETS / f"{name}.js").read_text("utf-8") for name in names)


def gradio():
    """The gradio module, told to stay silent; raises MissingExtra where it is not installed."""
    silent = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
    os.environ.update(silent, HF_HUB_OFFLINE="1", DO_NOT_TRACK="1")
    past_proxies = [*filter(None, (os.environ.get("NO_PROXY", os.environ.get("no_proxy")),)), *HOSTS]
    os.environ.update(dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(past_proxies)))  # gradio asks its own page
    try:
        import gradio
    except ImportError as error:
        hint = 'pip install "keepsake[app]", or: make app'
        raise MissingExtra("the page needs gradio, which is not installed", hint=hint) from error
    return gradio


def _theme():
    """Large letters in the fonts of the computer itself; colours are in page.css."""
    sans = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif"]
    return gradio().themes.Base(font=sans, font_mono=["monospace"], text_size="lg", radius_size="md")
