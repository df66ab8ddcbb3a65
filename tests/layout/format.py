"""Every C++ file has the one format of the project: `./dev format` gives it. Exit status 77 (skipped) without clang-format-19."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from rules import FOLDERS, sources

PROGRAM = "clang-format-19"
SKIPPED = 77


def wrong(root, files):
    """What clang-format has to say about these files."""
    told = subprocess.run([PROGRAM, "--dry-run", "--Werror", *map(str, files)], cwd=root, stderr=subprocess.PIPE, text=True)
    return told.stderr if told.returncode else ""


def can_fail(root):
    """A file with another format is refused by this very configuration."""
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(root / ".clang-format", place)
        (pathlib.Path(place) / "other.cpp").write_text("int  f( ) { return 1; }\n")
        return bool(wrong(place, ["other.cpp"]))


def main():
    root = pathlib.Path(sys.argv[1])
    if not shutil.which(PROGRAM):
        print(f"{PROGRAM} is not installed")
        return SKIPPED
    if not can_fail(root):
        print("a file with another format is accepted")
        return 1
    files = list(sources(root, *FOLDERS, endings=(".cpp", ".hpp")))
    said = wrong(root, files)
    print(said + "`./dev format` formats these files" if said else f"{len(files)} files have the format of the project")
    return bool(said)


if __name__ == "__main__":
    sys.exit(main())
