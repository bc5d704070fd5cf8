"""`python -m animate` is the `keepsake` command."""

import signal
import sys


def main() -> int:
    """Run the command line of this process; Ctrl-C while it is being loaded, or once all is done, is as quiet as
    during the work."""
    try:
        code = _run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the interpreter's own end is left
        return code
    except KeyboardInterrupt:
        return 130


def _run() -> int:
    from animate.interfaces.cli import signals

    with signals.handled():
        try:
            from animate.interfaces.cli.main import main as run
        except BaseException:  # some libraries turn an interruption of their import into an error of their own
            if signals.came():
                return signals.exit_code()
            raise
        return run()


if __name__ == "__main__":
    sys.exit(main())
