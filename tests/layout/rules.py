"""The rules that hold for every file of the project. Each returns what breaks it, as 'file:line: rule'."""
import pathlib
import re

from folders import (FOLDERS, STD_ONLY, MAY_INCLUDE, CAF_HEADER, OPTIONAL, OPTIONAL_HEADERS, FLOORS, APART, ONLY_FOR, LIBRARIES, SYSTEM_MAY)

LINES_MAX = 320
COLUMNS_MAX = 150
NEVER_IN_THE_LOG = ["MDB_NOSYNC", "MDB_NOMETASYNC", "MDB_WRITEMAP", "MDB_MAPASYNC", "MDB_DUPSORT"]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]')
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|sleep\()")


def sources(root, *folders, endings=(".cpp", ".hpp", ".py", ".txt", ".cmake", ".mjs", ".yml")):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.name.endswith(endings) and "node_modules" not in path.parts:
                yield path


def lines_of(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), 1)


def includes(root, folder):
    for path in sources(root, folder, endings=(".cpp", ".hpp")):
        for number, line in lines_of(path):
            if found := INCLUDE.match(line):
                yield path, number, found.group(1)


def only_hosts_include_the_caf_header(root):
    for folder in ("runtime", "domain", "projections", "config", "tools", "benchmarks"):
        for path, number, name in includes(root, folder):
            if name == CAF_HEADER:
                yield f"{path}:{number}: {folder} must not include {name}"


def is_optional(floor):
    return any(floor == one or floor.startswith(one + "/") for one in OPTIONAL)


def the_runtime_knows_no_optional_target(root):
    for path, number, name in includes(root, "runtime"):
        if name in OPTIONAL_HEADERS and not is_optional(str(path.relative_to(root / "runtime").parent)):
            yield f"{path}:{number}: the runtime must not include {name}"


def is_standard(name):
    return re.fullmatch(r"[a-z_]+", name) is not None


def is_of_the_system(name):
    return name.endswith(".h") and name not in ("lmdb.h", "xxhash.h", "sodium.h", "httplib.h", "libpq-fe.h", "hiredis.h")


def who_includes_whom(root):
    for folder, allowed in MAY_INCLUDE.items():
        for path, number, name in includes(root, folder):
            if is_standard(name) or any(name.startswith(beginning) for beginning in allowed):
                continue
            is_library = is_optional(folder.removeprefix("runtime/")) and name.startswith(tuple(LIBRARIES))
            if folder in SYSTEM_MAY and is_of_the_system(name) and not is_library:
                continue
            if folder == "runtime/include" and name.startswith("caf/") and path == root / folder / CAF_HEADER:
                continue
            yield f"{path}:{number}: {folder} must not include {name}"


def may_include(floor, name):
    """Whether a file of this folder of the runtime may include what is called so."""
    if name.startswith("annals/") or is_standard(name):
        return True
    for library, folders in LIBRARIES.items():
        if name.startswith(library):
            return floor in folders
    if is_of_the_system(name):
        return f"runtime/{floor}" in SYSTEM_MAY
    other = name.rpartition("/")[0]
    if other not in FLOORS or FLOORS.index(other) > FLOORS.index(floor):
        return False
    if other in ONLY_FOR and other != floor and floor not in ONLY_FOR[other]:
        return False
    return other == floor or not any({floor, other} <= group for group in APART)


def a_folder_includes_what_stands_below(root):
    for path, number, name in includes(root, "runtime"):
        floor = str(path.relative_to(root / "runtime").parent)
        if floor.startswith("include") or is_optional(floor):  # who_includes_whom() has what they may
            continue
        if floor not in FLOORS:
            yield f"{path}:{number}: runtime/{floor} stands in no list of folders"
        elif not may_include(floor, name):
            yield f"{path}:{number}: runtime/{floor} must not include {name}"


def the_build_has_the_same_folders(root):
    """Each folder is an object library, and what the build lets it include is what it may."""
    build = root / "runtime/CMakeLists.txt"
    if not build.is_file():
        return
    text = build.read_text(encoding="utf-8")
    lists = {}

    def meant(words):
        return [one for word in words for one in (lists[word[2:-1]] if word.startswith("${") else [word])]

    for name, words in re.findall(r"^set\((\w+) ([^)]*)\)", text, re.M):
        lists[name] = meant(words.split())
    built = {floor: meant((uses or "").split())
             for floor, uses in re.findall(r"^annals_folder\((\S+?)(?: USES ([^)]*?))?(?: LINK [^)]*)?\)", text, re.M)}
    for floor in FLOORS:
        if floor not in built:
            yield f"{build}:1: runtime/{floor} is not built as a folder"
            continue
        for used in built[floor]:
            if not may_include(floor, f"{used}/a.hpp"):
                yield f"{build}:1: the build lets runtime/{floor} include {used}"


PROGRAMS = ["net/processes"]  # tests of all of net/ at once, as processes


def tests_mirror_the_runtime(root):
    """What is tested in tests/store/log is in runtime/store/log."""
    for top in ("core", "store", "actors", "net"):
        for path in sources(root / "tests", top, endings=(".cpp",)):
            floor = str(path.relative_to(root / "tests").parent)
            if floor not in FLOORS and floor not in PROGRAMS:
                yield f"{path}:1: there is no folder runtime/{floor}"


def what_domains_include_is_std_only(root):
    """The headers that a domain may include lead to the standard library alone."""
    include = root / "runtime/include"
    seen, waiting = set(), [f"annals/{name}.hpp" for name in STD_ONLY]
    while waiting:
        name = waiting.pop()
        if name in seen or not (include / name).is_file():
            continue
        seen.add(name)
        for number, line in lines_of(include / name):
            if not (found := INCLUDE.match(line)):
                continue
            if found.group(1).startswith("annals/"):
                waiting.append(found.group(1))
            elif not is_standard(found.group(1)):
                yield f"{include / name}:{number}: reaches {found.group(1)}, and domains include it"


def the_log_keeps_its_durability(root):
    for path in sources(root, "runtime", "tools", endings=(".cpp", ".hpp")):
        for number, line in lines_of(path):
            for flag in NEVER_IN_THE_LOG:
                if flag in line:
                    yield f"{path}:{number}: {flag} is never used"


def tests_do_not_sleep(root):
    for path in sources(root, "tests", endings=(".cpp", ".hpp", ".py")):
        if "layout" in path.relative_to(root).parts:
            continue
        for number, line in lines_of(path):
            if SLEEP.search(line):
                yield f"{path}:{number}: a test waits for a condition, or for virtual time"


# Made by a build and committed; nobody reads them.
GENERATED = ["runtime/ops/console/assets.cpp"]
PAGES = (".js", ".css", ".html")  # .mjs is among the sources


def files_are_small(root):
    for path in [*sources(root, *FOLDERS), *sources(root, *FOLDERS, endings=PAGES)]:
        if str(path.relative_to(root)) in GENERATED:
            continue
        count = 0
        for number, line in lines_of(path):
            count = number
            if len(line) > COLUMNS_MAX:
                yield f"{path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"
        if count > LINES_MAX:
            yield f"{path}:{count}: {count} lines, at most {LINES_MAX}: look for the second idea in it"


def actors_say_what_they_do(root):
    """Each file of the runtime opens with a comment, but for a source whose header does."""
    for path in sources(root, "runtime", endings=(".hpp", ".cpp")):
        pair = path.with_suffix(".hpp" if path.suffix == ".cpp" else ".cpp")
        if not any(p.is_file() and p.read_text(encoding="utf-8").startswith("//") for p in (path, pair)):
            yield f"{path}:1: neither it nor its other half begins with a comment that says what it is for"


def the_runtime_knows_no_place(root):
    for path in sources(root, "runtime", "domain", "projections", "config", "tools", "benchmarks", "ops"):
        for number, line in lines_of(path):
            if re.search(r'["\'`]/(home|root|work|tmp)\b', line):
                yield f"{path}:{number}: a path of one machine"


CASES = "docs/failures.md"
UNTESTED = re.compile(r"not built yet|no test")


def listed_cases(root):
    """number → the line of the list, and whether it needs no test: what is not built yet, alone or with its whole section."""
    listed, section = {}, ""
    for number, line in lines_of(root / CASES):
        if line.startswith("## "):
            section = line
        elif found := re.match(r"\| (\d+) \|", line):
            listed[int(found.group(1))] = (number, UNTESTED.search(section + line) is not None)
    return listed


def cases_are_listed_and_tested(root):
    """A number in a test's name stands in the list of failures, and what is listed has a test."""
    if not (root / CASES).is_file():
        return
    listed, tested = listed_cases(root), set()
    for path in sources(root, "tests"):
        if "layout" in path.relative_to(root).parts:
            continue
        for number, line in lines_of(path):
            for case in map(int, [n for all in re.findall(r"case((?:_\d+)+)_", line) for n in all.split("_") if n]):
                tested.add(case)
                if case not in listed:
                    yield f"{path}:{number}: case {case} is not in {CASES}"
    for case, (number, needs_none) in listed.items():
        if case not in tested and not needs_none:
            yield f"{root / CASES}:{number}: case {case} has no test"


ARCHITECTURE = "docs/architecture.md"
RULE = re.compile(r"\b[Rr]ules? (\d+)(?:(?: to |, | and )(\d+))*|rule_(\d+)_")
CASE = re.compile(r"\b[Cc]ases? (\d+)")


def cited_rules_and_cases_are_written_down(root):
    """A comment or a test that cites a rule or a case by number: there is one."""
    if not (root / ARCHITECTURE).is_file():
        return
    headings = (root / ARCHITECTURE).read_text(encoding="utf-8")
    rules_there = set(map(int, re.findall(r"^### Rule (\d+)\.", headings, re.M)))
    cases_there = set(listed_cases(root)) if (root / CASES).is_file() else set()
    for path in sources(root, *FOLDERS):
        if "layout" in path.relative_to(root).parts:
            continue
        for number, line in lines_of(path):
            for found in RULE.finditer(line):
                for rule in (int(n) for n in found.groups() if n):
                    if rule not in rules_there:
                        yield f"{path}:{number}: rule {rule} is not in {ARCHITECTURE}"
            comment = line.partition("//")[2] if path.suffix in (".cpp", ".hpp") else line
            for case in map(int, CASE.findall(comment)):
                if case not in cases_there:
                    yield f"{path}:{number}: case {case} is not in {CASES}"


ALL = [who_includes_whom, only_hosts_include_the_caf_header, the_runtime_knows_no_optional_target,
       a_folder_includes_what_stands_below, the_build_has_the_same_folders,
       tests_mirror_the_runtime, what_domains_include_is_std_only, the_log_keeps_its_durability, tests_do_not_sleep,
       files_are_small, actors_say_what_they_do, the_runtime_knows_no_place, cases_are_listed_and_tested,
       cited_rules_and_cases_are_written_down]


def broken(root):
    root = pathlib.Path(root)
    return [line for rule in ALL for line in rule(root)]
