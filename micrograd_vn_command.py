"""Where the command ``micrograd-vn`` begins: Ctrl-C ends it quietly, from here to its end.

It is beside the package, since importing anything of that takes a while, and so is not in time.
"""

import os
import signal


def _stop(*_: object) -> None:
    os._exit(130)


signal.signal(signal.SIGINT, _stop)  # what pip writes does more before it calls `main`


def main() -> None:
    """Run the command; Ctrl-C while it loads or ends has nothing to clean up."""
    from micrograd_vn import cli

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main()
    except KeyboardInterrupt:
        os._exit(130)
    finally:
        signal.signal(signal.SIGINT, _stop)
