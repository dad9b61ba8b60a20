"""``python -m micrograd_vn`` is the command ``micrograd-vn``."""

from micrograd_vn.cli import main

if __name__ == "__main__":
    main()
