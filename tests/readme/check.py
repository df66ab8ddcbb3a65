#!/usr/bin/env python3
"""check.py ROOT BUILD [ANNALS]: the C++ of the README, the guide and the reference is what is compiled, what the README shows of its
commands is what they print, the commands of the guide can be typed, the reference is complete, and all links lead somewhere."""
import pathlib
import re
import subprocess
import sys
import tempfile

root, build, *annals = sys.argv[1:]
root = pathlib.Path(root)
here = root / "tests/readme"
wrong = []


def read(path):
    return path.read_text(encoding="utf-8")


readme = read(root / "README.md")
# Each page that shows C++ or commands.
pages = [root / "README.md", *sorted((root / "docs").glob("guide/*.md")), *sorted((root / "docs").glob("reference/*.md"))]


def shown(command):
    """The lines that the README shows after this command."""
    found = re.search(rf"^\$ {re.escape(command)}\n(.*?)^(?:```|\$)", readme, re.S | re.M)
    return found.group(1).splitlines() if found else []


def without_indent(code):
    return "\n" + "\n".join(line.strip() for line in code.splitlines()) + "\n"


def printed(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout.splitlines()


def of_language(language, page):
    return re.findall(rf"```{language}\n(.*?)```", read(page), re.S)


def check_code():
    """Whatever a page shows stands in a file that is compiled (or, for CMake, in one that is configured)."""
    sources = [*here.glob("**/*.[ch]pp"), *(root / "domain").glob("*/*.hpp"), *(root / "projections").glob("*.hpp")]
    for language, files in (("cpp", sources), ("cmake", [here / "bank/CMakeLists.txt", here / "link.cmake"])):
        texts = [without_indent(read(file)) for file in files]
        for page in pages:
            for block in of_language(language, page):
                if not any(without_indent(block) in text for text in texts):
                    wrong.append(f"{page.relative_to(root)}: this is in no file of tests/readme, domain or projections\n{block}")
    first = of_language("cpp", root / "README.md")[:1]
    if first != [read(here / "program.cpp")]:
        wrong.append("README.md: its first program is not tests/readme/program.cpp")


def anchors(page):
    """What headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)", re.sub(r"```.*?```", "", read(page), flags=re.DOTALL), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links():
    for page in root.glob("**/*.md"):
        if {"build", "node_modules"} & set(page.relative_to(root).parts):
            continue
        text = re.sub(r"```.*?```", "", read(page), flags=re.DOTALL)  # a lambda looks like a link
        for link, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", text):
            to = page.parent / link if link else page
            if not link.startswith("http") and (not to.exists() or anchor and to.suffix == ".md" and anchor not in anchors(to)):
                wrong.append(f"{page.relative_to(root)}: the link to {link}{anchor and '#' + anchor} leads nowhere")
    for folder in ("guide", "reference"):
        index = read(root / "docs/guide/README.md")
        for page in (root / "docs" / folder).glob("*.md"):
            if page.name != "README.md" and page.name not in index:
                wrong.append(f"docs/guide/README.md: {folder}/{page.name} is not listed")


def first_column(text):
    """What stands in backquotes in the first cell of a row."""
    return set(re.findall(r"^\| `(\w+)` \|", text, re.M))


def check_reference():
    """Each option, each error with its number, and each subcommand has its row or heading."""
    options = read(root / "runtime/include/annals/options.hpp").partition("struct options {")[2]
    members = set(re.findall(r"^  [\w:<>(), &]+?\b(\w+)(?: = [^;]+)?;", options, re.M))
    keys = set(re.findall(r"^(\w+) = ", read(root / "config/annals.toml"), re.M))
    of_runtime, *of_connectors = re.split(r"^# Files of the connectors$", read(root / "docs/reference/options.md"), flags=re.M)
    described = first_column(of_runtime)
    for name in sorted((keys | members) ^ described):
        wrong.append(f"docs/reference/options.md: {name} is missing, or is no option")
    for table, rows in re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", "".join(of_connectors), re.M | re.S):
        file = read(root / f"config/{table}.toml")
        keys = set(re.findall(r'^(?:# )?(\w+) = ["\[0-9tf]', file, re.M)) | set(re.findall(rf"^\[{table}\.(\w+)\]", file, re.M))
        for name in sorted(keys ^ first_column(rows)):
            wrong.append(f"docs/reference/options.md: {name} of {table} is missing, or is no key")
    declared = re.search(r"enum class errc.*?\{(.*?)\n\};", read(root / "runtime/include/annals/result.hpp"), re.S).group(1)
    errors = set(re.findall(r"^  (\w+) = (\d+),", declared, re.M))
    for name, number in sorted(errors ^ set(re.findall(r"^\| `(\w+)` \| (\d+) \|", read(root / "docs/reference/errors.md"), re.M))):
        wrong.append(f"docs/reference/errors.md: {name}, {number} is missing, or is no error")
    commands = set(re.findall(r'app\.add_subcommand\("(\w+)"', "".join(map(read, (root / "tools").glob("*.cpp"))))) - {"parked", "new"}
    for name in sorted(commands - set(re.findall(r"^## (\w+)$", read(root / "docs/reference/command.md"), re.M))):
        wrong.append(f"docs/reference/command.md: {name} has no section")


def check_demo_and_test(tool):
    # Time passes; the rest is the same in every run.
    changes = ("seconds",)
    steady = [line for line in printed(tool, "demo") if not line.strip().startswith(changes)]
    if steady != [line for line in shown("./dev demo")[1:] if not line.strip().startswith(changes)]:
        wrong.append("README.md: `./dev demo` prints\n" + "\n".join(steady))
    tests = re.search(r"Total Tests: (\d+)", "\n".join(printed("ctest", "--test-dir", build, "-N")))
    if f"100% tests passed, 0 tests failed out of {tests.group(1)}" not in shown("./dev test"):
        wrong.append(f"README.md: `./dev test` runs {tests.group(1)} tests")


def examples():
    """What pages show to be typed on the demo's store, each once, in their order."""
    return list(dict.fromkeys((page, example.strip()) for page in pages
                              for example in re.findall(r"^\$ annals (.* --store shop\b[^#\n]*)", read(page), re.M)))


def check_endless(tool, example, place, page):
    """It goes on until it is told to end: says something, and ends in order."""
    running = subprocess.Popen([tool, *example.split()], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = running.stdout.readline()
    running.terminate()
    _, complaint = running.communicate(timeout=600)
    if not line or running.returncode != 0:
        wrong.append(f"{page.relative_to(root)}: `annals {example}` says {line or complaint}")


def check_examples(tool):
    done = set()
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([tool, "demo", "--orders", "100", "--store", "shop"], cwd=place, capture_output=True, check=True, timeout=600)
        for page, example in examples():
            if example in done:
                continue
            done.add(example)
            if example.startswith("console ") or "--watch" in example:
                check_endless(tool, example, place, page)
                continue
            ran = subprocess.run([tool, *example.split()], cwd=place, capture_output=True, text=True, timeout=600)
            if "--input" not in example and (ran.returncode != 0 or not ran.stdout):
                wrong.append(f"{page.relative_to(root)}: `annals {example}` says {ran.stderr or 'nothing'}")


check_code()
check_links()
check_reference()
if len(examples()) < 10:
    wrong.append("docs/guide: fewer examples of the command than there were")
if annals:
    check_demo_and_test(annals[0])
    check_examples(pathlib.Path(annals[0]).resolve())

print("\n".join(wrong))
sys.exit(bool(wrong))
