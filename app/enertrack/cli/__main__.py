"""``python -m enertrack.cli``."""

from enertrack.cli import main

if __name__ == "__main__":
    main()
