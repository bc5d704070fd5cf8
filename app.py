"""The page in the browser, as `keepsake page` opens it: python app.py [--port N] [--no-browser]."""

import sys

from animate.interfaces.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["page", *sys.argv[1:]]))
