"""``python -m micrograd_vn`` is the command ``micrograd-vn``."""

from micrograd_vn_command import main

if __name__ == "__main__":
    main()
