"""`python -m animate` is the `keepsake` command."""

import sys

from animate.cli import main

if __name__ == "__main__":
    sys.exit(main())
