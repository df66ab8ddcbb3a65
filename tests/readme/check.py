#!/usr/bin/env python3
"""check.py ROOT BUILD [ANNALS]: the README's C++ is what is compiled here, what it shows of its commands is what they print,
and its links lead somewhere."""
import pathlib
import re
import subprocess
import sys
import tempfile

root, build, *annals = sys.argv[1:]
root = pathlib.Path(root)
readme = (root / "README.md").read_text(encoding="utf-8")
program = (root / "tests/readme/program.cpp").read_text(encoding="utf-8")
snippets = (root / "tests/readme/snippets.cpp").read_text(encoding="utf-8")
wrong = []


def shown(command):
    """What the README shows behind this command."""
    found = re.search(rf"^\$ {re.escape(command)}\n(.*?)^(?:```|\$)", readme, re.S | re.M)
    return found.group(1).splitlines() if found else []


def without_indent(code):
    return "\n" + "\n".join(line.strip() for line in code.splitlines()) + "\n"


def printed(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout.splitlines()


blocks = re.findall(r"```cpp\n(.*?)```", readme, re.S)
if not blocks or blocks[0] != program:
    wrong.append("README.md: its first program is not tests/readme/program.cpp")
for block in blocks[1:]:
    if without_indent(block) not in without_indent(snippets):
        wrong.append("README.md: this is not in tests/readme/snippets.cpp\n" + block)

for page in root.glob("**/*.md"):
    if "build" in page.relative_to(root).parts:
        continue
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)  # a lambda looks like a link
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not link.startswith("http") and not (page.parent / link).exists():
            wrong.append(f"{page.relative_to(root)}: the link to {link} leads nowhere")

if annals:
    # Time passes; the rest is the same in every run.
    changes = ("seconds",)
    steady = [line for line in printed(annals[0], "demo") if not line.strip().startswith(changes)]
    if steady != [line for line in shown("./dev demo")[1:] if not line.strip().startswith(changes)]:
        wrong.append("README.md: `./dev demo` prints\n" + "\n".join(steady))
    tests = re.search(r"Total Tests: (\d+)", "\n".join(printed("ctest", "--test-dir", build, "-N")))
    if f"100% tests passed, 0 tests failed out of {tests.group(1)}" not in shown("./dev test"):
        wrong.append(f"README.md: `./dev test` runs {tests.group(1)} tests")

    # Its examples of looking at a store can be typed as they are.
    tool = pathlib.Path(annals[0]).resolve()
    examples = re.findall(r"^\$ annals ((?:.*) --store shop\b[^#\n]*)", readme, re.M)
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([tool, "demo", "--orders", "100", "--store", "shop"], cwd=place, capture_output=True, check=True, timeout=600)
        for example in examples:
            ran = subprocess.run([tool, *example.split()], cwd=place, capture_output=True, text=True, timeout=600)
            if "--input" not in example and (ran.returncode != 0 or not ran.stdout):
                wrong.append(f"README.md: `annals {example.strip()}` says {ran.stderr or 'nothing'}")
    if len(examples) < 10:
        wrong.append("README.md: fewer examples than there were")

print("\n".join(wrong))
sys.exit(bool(wrong))
