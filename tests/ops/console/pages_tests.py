"""pages_tests.py pages DIRECTORY: the committed pages are what their sources make, and what they compute is right.
pages_tests.py visit DIRECTORY ANNALS PROGRAM: a browser visits every page of a real console, inside a program that writes and beside
it. It leaves pictures in DIRECTORY/shots.
Packages from npm are installed in DIRECTORY, not in the sources."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONSOLE = HERE.parents[2] / "runtime/ops/console"
SKIPPED = 77
PATIENCE = 600
LINK = re.compile(r"https?://\S+/#t=\S+")


def run(*command, cwd):
    print("$", *command, flush=True)
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, timeout=PATIENCE)


def need(program, package, variable):
    if shutil.which(program):
        return
    if os.environ.get(variable) == "1":
        print(f"skipped: no {program}, and {variable}=1")
        sys.exit(SKIPPED)
    sys.exit(f"{program} is missing: install {package}, or say {variable}=1 to leave this test out")


def copied(what, to):
    """The sources, without what npm has put there; what npm puts into the copy stays for the next time. No package needs its scripts."""
    shutil.copytree(what, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=to)
    return to


def pages(place):
    tests = place / "tests/ops/console"
    shutil.copytree(HERE, tests, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    web = copied(CONSOLE / "web", place / "runtime/ops/console/web")
    for made in CONSOLE.glob("assets.*"):
        shutil.copy(made, web.parent / made.name)
    run("node", "build.mjs", "--check", cwd=web)
    run("node", "--test", "library_tests.mjs", cwd=tests)


class Console:
    """A program that prints the link to its console. It ends with the block."""

    def __init__(self, *command):
        self.running = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        self.link = next((found.group() for line in self.running.stdout if (found := LINK.search(line))), None)
        if not self.link:
            sys.exit(f"{command[0]} ended without a link")

    def __enter__(self):
        return self.link

    def __exit__(self, *_):
        self.running.terminate()
        self.running.communicate()


def visit(place, annals, program):
    store = place / "store"
    shutil.rmtree(store, ignore_errors=True)
    run(annals, "demo", "--store", store, "--orders", 400, cwd=place)
    tests = copied(HERE, place / "visit")

    def go(link, shots, *more):
        run("node", "run.mjs", "--login", link, "--chromium", shutil.which("chromium"), "--shots", place / shots, "--stream", "order-500001", *more,
            cwd=tests)

    planted = ("--long", "pad-long", "--planted", "pad-planted <b onclick=x>")
    with Console(program, store) as inside:
        with Console(annals, "console", "--store", store, "--port", 0) as beside:
            go(beside, "shots-beside", "--writer", *planted)
        go(inside, "shots", "--writer", "--act", *planted)


kind, place, *more = sys.argv[1:]
need("node", "nodejs", "ANNALS_WITHOUT_NODE")
need("npm", "npm", "ANNALS_WITHOUT_NODE")
pathlib.Path(place).mkdir(parents=True, exist_ok=True)
if kind == "pages":
    pages(pathlib.Path(place))
else:
    need("chromium", "chromium", "ANNALS_WITHOUT_CHROMIUM")
    visit(pathlib.Path(place), *more)
