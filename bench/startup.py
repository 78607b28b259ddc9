"""Start-up: `campaigner --help` against importing click, of which every command is made."""

from __future__ import annotations

from . import timing


def main() -> None:
    baseline = timing.command(*timing.python("import click"), runs=15)
    ours = timing.command(*timing.campaigner("--help"), runs=15)
    timing.ratio("campaigner --help", ours, 'python -c "import click"', baseline, "at most 3")


if __name__ == "__main__":
    main()
