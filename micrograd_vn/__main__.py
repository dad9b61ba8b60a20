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

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, stop)
        cli.main()
    except BaseException:
        if stopped:  # what is imported may make another error of it
            os._exit(130)
        raise
    finally:
        signal.signal(signal.SIGINT, _stop)


if __name__ == "__main__":
    main()
