"""scrape_tests.py (--url URL | PROGRAM [ARGUMENTS …]): a real Prometheus scrapes a real annals under load.

URL is where the metrics of a running annals are. PROGRAM prints that URL in a line of its own and then works until it gets SIGTERM. Its load has to
reach all that the board shows: commands to new and to known aggregates (so that some are loaded), queries, a projection, a process manager whose
timers fire, and a subscription. The text has to have the figures of the process, too.
"""
import argparse
import math
import pathlib
import re
import subprocess
import tempfile
import unittest

import listed
from server import Prometheus, Running, text_of

INTERVAL = "10s"  # what Grafana puts in for $__rate_interval is at least four scrapes


def parse(text):
    """name → kind, and (name of a series, its labels)."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    series = [(name, set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', labels or "")))
              for name, labels in re.findall(r"^(\w+)(\{.*\})? \S+$", text, re.M)]
    return kinds, series


def not_numbers(result):
    """Samples of an instant or a range that are NaN or infinite."""
    samples = [(one["metric"], value) for one in result for _, value in one.get("values", [one.get("value")])]
    return [(labels, value) for labels, value in samples if not math.isfinite(float(value))]


class Scrape(unittest.TestCase):
    url = None

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        cls.addClassCleanup(place.cleanup)
        if ARGUMENTS.url:
            cls.url = ARGUMENTS.url
        else:
            program = cls.entered(Running(*ARGUMENTS.program))
            cls.url = program.find(r"(?m)^(http://\S+)$", "the URL of its metrics")
        cls.prometheus = cls.entered(Prometheus(pathlib.Path(place.name), cls.url, listed.RULES))
        cls.known = listed.families()

    @classmethod
    def entered(cls, one):
        cls.addClassCleanup(one.end)
        return one

    def until(self, condition, what):
        return self.prometheus.until(condition, what)

    def test_promtool_finds_nothing_to_complain_about(self):
        kind, text = text_of(self.url)
        self.assertRegex(kind, r"\Atext/plain; ?version=0\.0\.4")
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=240)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_what_is_exposed_is_what_the_reference_lists(self):
        kinds, series = parse(text_of(self.url)[1])
        self.assertEqual(kinds, {name: one.kind for name, one in self.known.items()})
        for name, labels in series:
            family = listed.family_of(name, self.known)
            with self.subTest(name):
                self.assertIsNotNone(family)
                self.assertEqual(labels - {"le"}, self.known[family].labels)
        self.assertEqual({listed.family_of(name, self.known) for name, _ in series}, set(self.known), "families without a series")

    def test_the_target_is_up(self):
        def target():
            one, = self.prometheus.ask("targets")["activeTargets"]
            return one if one["health"] != "unknown" else None
        found = self.until(target, "the first scrape")
        self.assertEqual((found["health"], found["lastError"]), ("up", ""))

    def test_every_rule_can_be_evaluated_and_nothing_is_wrong(self):
        def rules():
            found = [one for group in self.prometheus.ask("rules")["groups"] for one in group["rules"]]
            return found if found and all(one["health"] != "unknown" for one in found) else None
        found = self.until(rules, "an evaluation of every rule")
        self.assertEqual({one["name"] for one in found}, {one.name for one in listed.rules()})
        for one in found:
            self.assertEqual((one["health"], one.get("lastError", "")), ("ok", ""), one["name"])
        self.assertEqual([one["labels"] for one in self.prometheus.ask("alerts")["alerts"] if one["state"] == "firing"], [])

    def test_every_query_of_the_board_has_data(self):
        waiting = dict(enumerate(listed.queries(INTERVAL)))
        self.assertGreater(len(waiting), 70)

        def all_have_data():
            for number, (_, expr) in list(waiting.items()):
                if self.prometheus.ask("query", query=expr)["result"]:
                    del waiting[number]
            return not waiting
        try:
            self.until(all_have_data, "data for each query")
        except AssertionError as late:
            raise AssertionError(f"{late}: " + "\n".join(f"{title}: {expr}" for title, expr in waiting.values())) from late
        self.assertTrue(self.prometheus.ask("label/instance/values", **{"match[]": "annals_up"}), "the variable of the board has no values")

    def test_no_query_and_no_rule_ever_gives_what_is_no_number(self):
        # From the first scrape on, when most histograms were empty, until there are samples of a whole interval.
        first = lambda: self.prometheus.ask("query", query=f"count_over_time(annals_up[{INTERVAL}]) >= 9")["result"]
        end = float(self.until(first, "samples of an interval")[0]["value"][0])
        began = float(self.prometheus.ask("query", query="min_over_time(timestamp(annals_up)[1h:1s])")["result"][0]["value"][1])
        for title, expr in [*listed.queries(INTERVAL), *((one.name, one.expr) for one in listed.rules())]:
            with self.subTest(title):
                found = self.prometheus.ask("query_range", query=expr, start=began, end=end, step="1s")["result"]
                self.assertEqual(not_numbers(found), [], expr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="where the metrics of a running annals are")
    parser.add_argument("program", nargs=argparse.REMAINDER, help="prints the URL of its metrics, and works until SIGTERM")
    ARGUMENTS = parser.parse_args()
    if bool(ARGUMENTS.url) == bool(ARGUMENTS.program):
        parser.error("either --url or a program")
    listed.need("prometheus", "prometheus", "ANNALS_WITHOUT_PROMETHEUS")
    listed.need("promtool", "prometheus", "ANNALS_WITHOUT_PROMETHEUS")
    unittest.main(argv=["scrape_tests.py"])
