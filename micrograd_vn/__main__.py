"""Where ``micrograd-vn`` and ``python -m micrograd_vn`` begin: Ctrl-C ends them quietly."""

import os
import signal

__all__ = ["main"]


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


if __name__ == "__main__":
    main()
