"""misuses.py SOURCE COMPILER… -- FLAGS…: with each compiler, the first error of each line that ends in "// says: …" says that (one of
these, with " | " between them), and no other line has an error."""
import concurrent.futures
import re
import subprocess
import sys
from pathlib import Path

WANTED = re.compile(r"// says: (.*)$")


def errors_by_line(source, output):
    """The first error of each line of the source that led to one. g++ says where it comes from before an error, clang after it."""
    place = re.compile(re.escape(source) + r":(\d+):\d+:\s*(.*)")
    found, led_here, message = {}, None, None
    for line in output.splitlines():
        at = place.match(line)
        if at and "required from" in at[2]:
            led_here, message = int(at[1]), None
        elif "error: " in line:
            message = line.split("error: ", 1)[1]
            if at:
                found.setdefault(int(at[1]), message)
                message = None
            elif led_here:
                found.setdefault(led_here, message)
        elif at and message and "requested here" in at[2]:
            found.setdefault(int(at[1]), message)
    return found


NOTHING = "none: it compiles"


def check(source, compiler, flags):
    limit = "-ferror-limit=0" if "clang" in Path(compiler).name else "-fmax-errors=0"
    done = subprocess.run([compiler, *flags, limit, "-fsyntax-only", source], capture_output=True, text=True, timeout=600)
    said = errors_by_line(source, done.stderr)
    wanted = {number: m[1] for number, line in enumerate(Path(source).read_text().splitlines(), 1) if (m := WANTED.search(line))}
    place = f"{Path(compiler).name}, {Path(source).name}"
    wrong = [f"{place}:{n}: wanted '{text}', and the first error is '{said.get(n, NOTHING)}'"
             for n, text in wanted.items() if not any(one in said.get(n, "") for one in text.split(" | "))]
    wrong += [f"{place}:{n}: no error was wanted, and it says '{text}'" for n, text in said.items() if n not in wanted]
    return len(wanted), wrong


def main():
    source, *rest = sys.argv[1:]
    compilers, flags = rest[:rest.index("--")], rest[rest.index("--") + 1:]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        checked = list(pool.map(lambda c: check(source, c, flags), compilers))
    for compiler, (number, wrong) in zip(compilers, checked):
        print("\n".join(wrong) or f"{Path(compiler).name}: {number} misuses are refused")
    return 1 if any(wrong for _, wrong in checked) else 0


sys.exit(main())
