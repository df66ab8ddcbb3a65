"""The rules and the board without a running annals: promtool takes them, each alert is tested and described, and names are spelled right."""
import itertools
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import listed


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=240)


def expressions():
    """(where it stands, expression)."""
    return [(f"rules.yml, {one.name}", one.expr) for one in listed.rules()] + [(f"board, {title}", expr) for title, expr in listed.queries("1m")]


def tested(alert):
    """The part of the tests that is about this alert, or ""."""
    for file in listed.RULES_TESTS:
        for part in re.split(r"^- name: ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            if part.split()[0] == alert:
                return part
    return ""


class Rules(unittest.TestCase):
    def test_promtool_takes_the_rules(self):
        for arguments in (("check", "rules", listed.RULES), ("test", "rules", *listed.RULES_TESTS)):
            done = promtool(*arguments)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_example_is_a_configuration(self):
        done = promtool("check", "config", listed.RULES.with_name("prometheus.yml"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{len(listed.rules())} rules found", done.stdout)

    def test_each_alert_is_seen_to_fire_and_to_stay_silent(self):
        alerts = [one for one in listed.rules() if one.is_alert]
        self.assertGreater(len(alerts), 20)
        for alert in alerts:
            with self.subTest(alert.name):
                part = tested(alert.name)
                asked = rf'ALERTS{{alertname="{alert.name}",alertstate="firing"}}'
                self.assertRegex(part, rf"{re.escape(asked)}.*exp_samples: \[\]", "it is never seen silent")
                samples = re.findall(r"^    - \{labels: '\{(.*)\}', value: 1\}$", part, re.M)
                self.assertTrue(samples, "it is never seen to fire")
                for one in samples:
                    self.assertIn(f'severity="{alert.severity}"', one)
                subjects = {tuple(re.findall(r'(?:instance|category|name)="[^"]*"', series)) for series in re.findall(r"series: '(.*?)'", part)}
                firing = {tuple(re.findall(r'(?:instance|category|name)="[^"]*"', one)) for one in samples}
                self.assertTrue({one for one in subjects if not any(set(two) <= set(one) and two for two in firing)},
                                "no series of the test stays silent")

    def test_each_alert_says_what_it_means_and_what_to_do(self):
        described = set(re.findall(r"^### (\w+)$", listed.ALERTS.read_text(encoding="utf-8"), re.M))
        alerts = {one.name: one for one in listed.rules() if one.is_alert}
        self.assertEqual(described, set(alerts), f"{listed.ALERTS.name} has a section for each alert, and no other")
        for name, alert in alerts.items():
            with self.subTest(name):
                self.assertIn(alert.severity, ("critical", "warning"))
                self.assertRegex(alert.of("summary"), r"\A\S.*[^.]\Z")
                self.assertRegex(alert.of("description"), r"\A[A-Z\d`{].*\.\Z")
                self.assertEqual(alert.of("runbook"), f"docs/guide/alerts.md#{name.lower()}")

    def test_texts_of_alerts_have_only_labels_that_the_alert_has(self):
        for alert in listed.rules():
            samples = re.findall(r"^    - \{labels: '\{(.*)\}', value: 1\}$", tested(alert.name), re.M)
            for braces in re.findall(r"\{\{(.*?)\}\}", alert.text):
                with self.subTest(alert.name, text=braces):
                    label = re.fullmatch(r" \$labels\.(\w+) ", braces)
                    if label is None:
                        self.assertRegex(braces, r"\A \$value(?: \| humanize(?:1024|Percentage|Duration)?)? \Z")
                    else:
                        self.assertTrue(all(f'{label.group(1)}="' in one for one in samples), "the alert has no such label")


class Names(unittest.TestCase):
    def test_each_name_is_in_the_reference(self):
        known = listed.families()
        recorded = {one.name for one in listed.rules() if not one.is_alert}
        self.assertGreater(len(known), 60)
        for where, expr in expressions():
            with self.subTest(where):
                names = listed.NAME.findall(expr)
                others = set(re.findall(r"\bannals:[\w:]+", expr))
                self.assertLessEqual(others, recorded)
                self.assertTrue(names or others or set(re.findall(r"\w+", expr)) & listed.OWN_SERIES, "it asks for nothing of annals")
                for name in names:
                    self.assertIsNotNone(listed.family_of(name, known), f"{name} is in no list")

    def test_labels_are_those_of_the_metric(self):
        known = listed.families()
        for where, expr in expressions():
            with self.subTest(where):
                all_labels = {"le", "env"} | listed.OF_PROMETHEUS
                for name in listed.NAME.findall(expr):
                    all_labels |= known[listed.family_of(name, known)].labels
                for name, matchers in re.findall(r"\b((?:annals|process)_\w+)\{([^}]*)\}", expr):
                    used = set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\s*\"", matchers))
                    self.assertLessEqual(used, known[listed.family_of(name, known)].labels | listed.OF_PROMETHEUS)
                if "annals:" in expr or "label_replace" in expr:
                    continue  # the labels of a recorded series are those of its rule
                for words in re.findall(r"\b(?:by|on|group_left|group_right) \(([^)]*)\)", expr):
                    self.assertLessEqual(set(filter(None, re.split(r"[ ,]+", words))), all_labels)

    def test_functions_fit_the_kind(self):
        known = listed.families()
        for where, expr in expressions():
            with self.subTest(where):
                for function, name in re.findall(r"\b(rate|increase|irate|delta|deriv|predict_linear)\((\w+)", expr):
                    counts = known[listed.family_of(name, known)].kind in ("counter", "histogram")
                    self.assertEqual(counts, function in ("rate", "increase", "irate"), f"{function} of {name}")


# Never 0, since options and the system have bounds.
NEVER_ZERO = {"annals_commands_in_flight_limit", "annals_index_tail_records_limit", "annals_aggregates_resident_limit", "process_max_fds"}


def idle_series():
    """All families of a runtime that has done nothing yet, and has not looked at its files yet. With values: almost every number is 0."""
    words = {"part": ["log", "derived"], "env": ["log", "derived"], "state": ["used", "free"], "outcome": ["accepted", "failed"]}
    for name, family in listed.families().items():
        labels = [[(label, value) for value in words.get(label, ["a"])] for label in sorted(family.labels)]
        for chosen in itertools.product(*labels):
            of = {"job": "annals", "instance": "a", **dict(chosen)}
            suffixes = [("", {})]
            if family.kind == "histogram":
                suffixes = [("_bucket", {"le": "0.5"}), ("_bucket", {"le": "+Inf"}), ("_sum", {}), ("_count", {})]
            for suffix, more in suffixes:
                series = f"{name}{suffix}{{{','.join(f'{key}={json.dumps(value)}' for key, value in {**of, **more}.items())}}}"
                yield {"series": series, "values": "1000x30" if name in NEVER_ZERO else "0x30"}


class Idle(unittest.TestCase):
    def test_a_runtime_that_has_done_nothing_gives_numbers_or_nothing(self):
        asked = [{"expr": f"({expr}) {wrong}", "eval_time": "20m", "exp_samples": []}
                 for _, expr in expressions() for wrong in (f"!= ({expr})", "== Inf", "== -Inf")]  # only NaN is not equal to itself
        done = self.promtool_test(asked)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        empty = "histogram_quantile(0.99, annals_log_commit_events_bucket)"
        self.assertIn("NaN", self.promtool_test([{"expr": f"{empty} != {empty}", "eval_time": "20m", "exp_samples": []}]).stderr)

    def promtool_test(self, asked):
        with tempfile.TemporaryDirectory(prefix="annals-test-") as place:
            file = pathlib.Path(place) / "idle.yml"
            tests = [{"interval": "1m", "input_series": list(idle_series()), "promql_expr_test": asked}]
            file.write_text(json.dumps({"rule_files": [str(listed.RULES)], "evaluation_interval": "1m", "tests": tests}), encoding="utf-8")
            return promtool("test", "rules", file)


class Board(unittest.TestCase):
    def test_panels_are_told_apart_and_described(self):
        panels = listed.panels()
        for key in ("id", "title"):
            values = [one[key] for one in panels]
            self.assertEqual(len(values), len(set(values)), f"two panels have the same {key}")
        for one in panels:
            if one["type"] == "row":
                continue
            with self.subTest(one["title"]):
                self.assertRegex(one["description"], r"\A[A-Z0-9].{10,}\.\Z")
                self.assertEqual(one["datasource"], {"type": "prometheus", "uid": "${datasource}"})
                self.assertTrue(one["fieldConfig"]["defaults"].get("unit"))
                self.assertTrue(one["targets"])
                for target in one["targets"]:
                    self.assertTrue(target["legendFormat"])
                    for braces in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                        self.assertIn(braces, {"le"} | listed.OF_PROMETHEUS | {label for f in listed.families().values() for label in f.labels})

    def test_each_query_takes_the_instances_that_are_chosen(self):
        for one in listed.panels():
            for target in one.get("targets", []):
                with self.subTest(one["title"]):
                    for name in re.findall(r"\b(?:annals|process)_\w+", target["expr"]):
                        self.assertIn(f'{name}{{instance=~"$instance"', target["expr"])

    def test_panels_stay_on_the_grid_and_apart(self):
        taken = set()
        for one in listed.panels():
            at = one["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24, one["title"])
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, f"{one['title']} lies on another panel")
            taken |= cells

    def test_prometheus_takes_each_expression(self):
        with tempfile.TemporaryDirectory(prefix="annals-test-") as place:
            file = pathlib.Path(place) / "board.yml"
            asked = [{"record": f"board:query{i}", "expr": expr} for i, (_, expr) in enumerate(listed.queries("1m"))]
            self.assertGreater(len(asked), 70)
            file.write_text(json.dumps({"groups": [{"name": "board", "rules": asked}]}), encoding="utf-8")
            done = promtool("check", "rules", file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    listed.need("promtool", "prometheus", "ANNALS_WITHOUT_PROMETHEUS")
    unittest.main()
