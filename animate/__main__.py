"""`python -m animate` is the `keepsake` command."""

import sys

from animate.interfaces.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
