"""`check` over 1,000 campaigns: cold against parsing alone, and again against the first time."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import timing

HERE = Path(__file__).resolve().parent
BANK = HERE.parent / "campaigns" / "bank"
CAMPAIGNS = 1_000

PARSE = """
import sys
from pathlib import Path
from campaigner.dsl.parsing.parser import parse
from campaigner.dsl.diagnostics.source import SourceFile
found = 0
for path in sorted(Path(sys.argv[1]).rglob("*.campaign")):
    found += len(parse(SourceFile(path.name, path.read_text("utf-8"))).diagnostics)
sys.exit(found)
"""


def project(folder: Path) -> None:
    """The bank's declarations, and its welcome gift and reminder five hundred times each."""
    for name in ("campaigner.toml", "catalog.yaml"):
        shutil.copy(BANK / name, folder / name)
    for name in ("lifecycle", "benefits", "policies"):
        shutil.copy(BANK / f"{name}.campaign", folder)
    text = (BANK / "welcome.campaign").read_text("utf-8")
    for number in range(CAMPAIGNS // 2):
        own = text.replace("campaign welcome_gift", f"campaign welcome_{number}")
        own = own.replace("campaign activation_reminder", f"campaign reminder_{number}")
        (folder / f"welcome_{number}.campaign").write_text(own, "utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder)
        check = timing.campaigner("check", str(folder), "--format", "json")
        cache = folder / ".campaigner"

        def forget() -> None:
            shutil.rmtree(cache, ignore_errors=True)

        forget()
        first = subprocess.run(check, capture_output=True, check=True).stdout
        again = subprocess.run(check, capture_output=True, check=True).stdout
        if first != again or json.loads(first)["diagnostics"]:
            raise RuntimeError("the cached answer differs from the first, or is not clean")
        parse = (*timing.python(PARSE), str(folder))
        parsing, cold = timing.processor((parse, check), runs=5, prepare=forget)
        subprocess.run(check, capture_output=True, check=True)
        (warm,) = timing.processor((check,), runs=5)
        timing.ratio("check, cold", cold, "parsing alone", parsing, "at most 1.5")
        timing.ratio("check, nothing changed", warm, "cold", cold, "at most 0.2")


if __name__ == "__main__":
    main()
