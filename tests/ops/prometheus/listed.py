"""What the reference lists, and what the rules and the board ask for."""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).parents[3]
RULES = ROOT / "ops/prometheus/rules.yml"
RULES_TESTS = sorted(RULES.parent.glob("rules_tests*.yml"))
BOARD = ROOT / "ops/grafana/annals.json"
METRICS = ROOT / "docs/reference/metrics.md"
ALERTS = ROOT / "docs/guide/alerts.md"

SKIPPED = 77
# What Prometheus adds to a series of its own.
OF_PROMETHEUS = {"instance", "job"}
OWN_SERIES = {"up", "ALERTS"}
# Sections of the reference whose families no runtime exposes. tests/connectors compares them with what relays and intakes report.
OF_CONNECTORS = {"Kafka"}
NAME = re.compile(r"(?<![\w:])(?:annals|process)_[a-z_]+(?![\w:])")


def need(program, package, without):
    """Ends the test if the program is missing; as skipped only if somebody said so."""
    if shutil.which(program):
        return
    print(f"{program} is missing: install {package}, or set {without}=1 to skip this test")
    sys.exit(SKIPPED if os.environ.get(without) == "1" else 1)


@dataclasses.dataclass
class Family:
    kind: str
    labels: set


def families():
    """name → what docs/reference/metrics.md says about it, for all that a runtime and its console tell."""
    sections = re.split(r"^## ", METRICS.read_text(encoding="utf-8"), flags=re.M)
    text = "\n".join(one for one in sections if one.split("\n", 1)[0] not in OF_CONNECTORS)
    rows = re.findall(r"^\| `(\w+)` \| (counter|gauge|histogram) \|([^|]*)\|", text, re.M)
    return {name: Family(kind, set(filter(None, map(str.strip, labels.split(","))))) for name, kind, labels in rows}


def family_of(name, of):
    """The family whose series is called so, or None. A histogram has three of them."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    if base in of and of[base].kind == "histogram":
        return base if base != name else None
    return name if name in of else None


@dataclasses.dataclass
class Rule:
    name: str
    is_alert: bool
    text: str

    def of(self, key):
        found = re.search(rf"^ +{key}: (.*)$", self.text, re.M)
        return found.group(1).strip().strip('"') if found else ""

    @property
    def expr(self):
        """On its line, or in the lines below that are indented more."""
        if self.of("expr") != "|":
            return self.of("expr")
        block = re.search(r"^    expr: \|\n((?:      .*\n)+)", self.text, re.M).group(1)
        return " ".join(block.split())

    @property
    def severity(self):
        return re.search(r"labels: \{severity: (\w+)\}", self.text).group(1)


def rules():
    text = RULES.read_text(encoding="utf-8") + "\n"
    starts = list(re.finditer(r"^  - (alert|record): (\S+)$", text, re.M))
    ends = [one.start() for one in starts[1:]] + [len(text)]
    return [Rule(one.group(2), one.group(1) == "alert", text[one.start():end]) for one, end in zip(starts, ends)]


def panels():
    """Those in rows that are closed, too; and the rows."""
    def all_of(some):
        for one in some:
            yield one
            yield from all_of(one.get("panels", []))
    return list(all_of(json.loads(BOARD.read_text(encoding="utf-8"))["panels"]))


def queries(interval):
    """(title of the panel, expression), with the variables replaced by what Grafana would put there."""
    return [(one["title"], target["expr"].replace("$__rate_interval", interval).replace("$instance", ".*"))
            for one in panels() for target in one.get("targets", [])]
