"""The page in the browser: python app.py [--port N] [--no-browser]."""

import argparse
import sys
from pathlib import Path

from animate.core.errors import KeepsakeError
from animate.interfaces.web.page import launch

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Opens Keepsake's page. It is only reachable from this computer.")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860 on")
    parser.add_argument("--no-browser", action="store_true", help="only say the address")
    asked = parser.parse_args()
    try:
        example = Path(__file__).with_name("examples") / "old_print.jpg"
        launch(port=asked.port, browser=not asked.no_browser, example=example if example.is_file() else None)
    except KeepsakeError as error:
        sys.exit(f"keepsake: {error}\nhint: {error.hint}")
