"""`python -m animate` is the `keepsake` command."""

import sys


def main() -> int:
    """Run the command line of this process; a signal while it is being loaded ends it as quietly as later on."""
    try:
        from animate.interfaces.cli import signals
    except KeyboardInterrupt:
        return 130
    with signals.handled():
        try:
            from animate.interfaces.cli.main import main as run
        except KeyboardInterrupt:
            return signals.exit_code()
        return run()


if __name__ == "__main__":
    sys.exit(main())
