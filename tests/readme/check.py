#!/usr/bin/env python3
"""The program in the README is the one that is compiled here, and its links lead somewhere."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
readme = (root / "README.md").read_text(encoding="utf-8")
program = (root / "tests/readme/program.cpp").read_text(encoding="utf-8")
blocks = re.findall(r"```cpp\n(.*?)```", readme, re.S)
wrong = []
if not blocks or blocks[0] != program:
    wrong.append("README.md: its first program is not tests/readme/program.cpp")
for page in root.glob("**/*.md"):
    if "build" in page.relative_to(root).parts:
        continue
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not link.startswith("http") and not (page.parent / link).exists():
            wrong.append(f"{page.relative_to(root)}: the link to {link} leads nowhere")
print("\n".join(wrong))
sys.exit(bool(wrong))
