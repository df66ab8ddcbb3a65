"""annals-bench report makes one page of results, and shows what they are."""
import json
import math
import pathlib
import re
import tempfile
import unittest
from xml.etree import ElementTree

from bench_command import BenchTest, bench


def whole(number):
    """Rounded as the report rounds, a half upwards: Python's own formats round it to the even neighbour."""
    return f"{math.floor(number + 0.5):,}"


def shown(value):
    """As tables show a number."""
    if isinstance(value, int) or abs(value) >= 1_000:
        return whole(value)
    return f"{value:.{3 if abs(value) < 1 else 2 if abs(value) < 10 else 1}f}"


def duration(us):
    """As plots show a time."""
    number, unit = (us, "µs") if us < 999.5 else (us / 1_000, "ms")
    return f"{whole(number)} {unit}" if number >= 100 or number == round(number) else f"{number:.3g} {unit}"


class Page:
    """A report, parsed as XML: so all of its tags are closed, and all of its texts escaped."""

    def __init__(self, path):
        self.source = path.read_text()
        self.root = ElementTree.fromstring(self.source.removeprefix("<!DOCTYPE html>\n"))
        self.sections = {section.findtext("h2"): section for section in self.root.iter("section")}

    def drawings(self):
        return {figure.findtext("h3"): figure.find("svg") for figure in self.root.iter("figure")}

    def rows(self, heading):
        """Of the tables in a section: each a dictionary from a column's heading to its cell."""
        for table in self.sections[heading].iter("table"):
            head, *rows = (["".join(cell.itertext()) for cell in row] for row in table.iter("tr"))
            for row in rows:
                yield dict(zip(head, row, strict=True))


def lines(drawing):
    """How many points each line has."""
    return [len(line.get("points").split()) for line in drawing.iter("polyline")]


def points(drawing):
    """What each point says, and where it is: (text, x, y), y upwards."""
    return [(p.findtext("title"), float(p.get("cx")), -float(p.get("cy"))) for p in drawing.iter("circle")]


def words(element):
    return " ".join(" ".join(element.itertext()).split())


class Report(BenchTest):
    measured = {
        **{f"commands-{a}-{i}.json": ("commands", "--aggregates", a, "--in-flight", i, "--seconds", 0.1, "--warm-up", 0)
           for a in (10, 20) for i in (1, 8)},
        "open.json": ("commands", "--aggregates", 10, "--rate", 1_000, "--seconds", 0.1, "--warm-up", 0),
        "slices.json": ("commands", "--aggregates", 10, "--in-flight", 8, "--seconds", 0.2, "--warm-up", 0, "--slices", 4),
        "shop.json": ("shop", "--orders", 20, "--in-flight", 5, "--skus", 10),
        "memory.json": ("memory", "--aggregates", 100),
        "replay.json": ("replay", "--events", 2_000, "--streams", 20, "--runs", 1, "--partitions", 1, 2),
        "query.json": ("query", "--aggregates", 10, "--in-flight", 4, "--threads", 1, "--rate", 5_000, "--seconds", 0.1),
        "recover.json": ("recover", "--events", 1_000, 2_000, "--streams", 20),
        "rehydrate.json": ("rehydrate", "--events", 5_000, "--streams", 20, "--long-streams", 2, "--rounds", 1),
        "limits.json": ("limits", "--seconds", 0.1)}

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="annals-test-") as place:
            cls.texts = {name: bench(place, *arguments, "--json").stdout for name, arguments in cls.measured.items()}
        cls.results = {name: json.loads(text) for name, text in cls.texts.items()}

    def report(self, texts):
        for name, text in texts.items():
            (self.place / name).write_text(text)
        done = self.run_bench("report", self.place)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return Page(self.place / "report.html")

    def test_it_loads_nothing(self):
        page = self.report(self.texts)
        for outside in ("http", "src=", "href", "url(", "@import", "<script", "<link", "<iframe", "<object"):
            self.assertNotIn(outside, page.source)
        self.assertIn("prefers-color-scheme: dark", page.source)

    def test_case_64_reading_has_a_plot_of_each_and_all_of_its_rows(self):
        page = self.report(self.texts)
        plots = page.drawings()
        models = 4 + ("sqlite_events_per_second" in self.results["replay.json"])  # built without SQLite, it leaves that out
        for title, dots in {"A read model from the log": models, "Queries": 8, "From opening a store to the first answer": 4,
                            "A scattered stream": 4}.items():
            self.assertEqual(len(points(plots[title])), dots, title)
        fastest = max(row["queries_per_second"] for row in self.results["query.json"]["alone"])
        self.assertIn(shown(fastest), [row.get("queries per second") for row in page.rows("Every figure: query")])

    def test_it_shows_every_figure_of_every_result(self):
        page = self.report(self.texts)
        for name, result in self.results.items():
            row, = (r for r in page.rows(f"Every figure: {result['benchmark']}") if r.get("file") == name)
            for key, value in result.items():
                heading = re.sub(" us$", " µs", key.replace("_", " "))
                if isinstance(value, (int, float)) and heading in row:
                    self.assertEqual(row[heading], shown(value), (name, key))
                elif isinstance(value, (int, float)):  # what all share is in the command line
                    option = {"warm_up_seconds": "warm-up", "resident_max": "resident"}.get(key, key.replace("_", "-"))
                    self.assertIn(f"--{option} {value:g}", words(page.sections[f"Every figure: {result['benchmark']}"]))
            if "limits_before" in result:
                self.assertEqual(row["fdatasync before p50 µs"], shown(result["limits_before"]["fdatasync_p50_us"]))
                self.assertEqual(row["fdatasync after p50 µs"], shown(result["limits_after"]["fdatasync_p50_us"]))

    def test_a_line_has_a_point_for_each_result(self):
        drawn = self.report(self.texts).drawings()
        self.assertEqual(lines(drawn["Throughput over commands in flight"]), [2, 2])
        self.assertEqual(lines(drawn["Throughput over aggregates"]), [2, 2])
        self.assertEqual(lines(drawn["10 aggregates"]), [2, 2])
        self.assertEqual(lines(drawn["20 aggregates"]), [2, 2])
        self.assertEqual(lines(drawn["Throughput in each part"]), [4])
        self.assertEqual(lines(drawn["Answers, syncs and wake-ups in each part"]), [4, 4, 4, 4, 4])
        self.assertEqual(len(points(drawn["Latency of an open loop"])), 3)
        self.assertEqual(lines(drawn["LMDB alone"]), [4])
        for drawing in drawn.values():
            if lines(drawing):
                self.assertEqual(len(points(drawing)), sum(lines(drawing)))

    def test_a_point_lies_where_its_result_is(self):
        drawn = points(self.report(self.texts).drawings()["Throughput over commands in flight"])
        seen = []
        for name, (aggregates, in_flight) in {f"commands-{a}-{i}.json": (a, i) for a in (10, 20) for i in (1, 8)}.items():
            per_second = self.results[name]["commands_per_second"]
            says = f"{aggregates} aggregates, {in_flight} commands in flight: {whole(per_second)} (commands a second)"
            (x, y), = ((x, y) for text, x, y in drawn if text == says)
            seen.append((per_second, y, in_flight, x))
        self.assertEqual([y for _, y, _, _ in sorted(seen)], sorted(y for _, y, _, _ in seen))
        self.assertEqual(len({x for _, _, in_flight, x in seen if in_flight == 1}), 1)
        self.assertLess(min(x for _, _, _, x in seen), max(x for _, _, _, x in seen))

    def test_a_scale_is_logarithmic_when_values_span_decades(self):
        results = {}
        for in_flight, per_second in ((1, 1_000), (10, 10_000), (100, 100_000)):
            results[f"{in_flight}.json"] = json.dumps(
                self.results["commands-10-1.json"] | {"in_flight": in_flight, "commands_per_second": per_second})
        drawing = self.report(results).drawings()["Throughput over commands in flight"]
        (_, x1, y1), (_, x2, y2), (_, x3, y3) = points(drawing)
        self.assertAlmostEqual(x2 - x1, x3 - x2, delta=0.2)
        self.assertAlmostEqual(y2 - y1, y3 - y2, delta=0.2)
        self.assertGreater(y2, y1)
        texts = [words(text) for text in drawing.iter("text")]
        for text in ("commands a second", "commands in flight", "aggregates", "1", "10", "100", "1,000", "10,000", "100,000"):
            self.assertIn(text, texts)

    def test_every_section_says_where_its_figures_come_from(self):
        page = self.report(self.texts)
        self.assertEqual(len(page.sections), 16)
        for heading, section in page.sections.items():
            machine = self.results["limits.json"]["machine"]
            for key in ("processor", "kernel", "file_system", "annals", "caf", "lmdb", "compiler"):
                self.assertIn(machine[key], words(section), heading)
            self.assertIn("annals-bench ", words(section), heading)
        shop = self.results["shop.json"]
        before, after = (duration(shop[limits]["fdatasync_p50_us"]) for limits in ("limits_before", "limits_after"))
        self.assertIn(f"fdatasync of 4 KiB, p50: {before} right before, {after} right after", words(page.sections["The shop"]))
        syncs = [self.results[f"commands-{a}-{i}.json"]["limits_after"]["fdatasync_p50_us"] for a in (10, 20) for i in (1, 8)]
        self.assertIn(f"{duration(min(syncs))} to {duration(max(syncs))} right after (4 results)",
                      words(page.sections["Throughput"]))
        self.assertIn("annals-bench commands --aggregates {10, 20} --in-flight {1, 8} --seconds 0.1 --warm-up 0 --runs 1 "
                      "--seed 1", words(page.sections["Throughput"]))

    def test_texts_are_escaped(self):
        text = '<script>alert("&")</script>'
        result = self.results["limits.json"] | {"machine": self.results["limits.json"]["machine"] | {"processor": text}}
        page = self.report({'<script>&".json': json.dumps(result)})
        self.assertNotIn("<script", page.source)
        self.assertIn(text, words(page.sections["The machine by itself"]))
        self.assertEqual([row["file"] for row in page.rows("Every figure: limits")], ['<script>&".json'])
        self.assertIn('<script>&".json: p50', points(page.drawings()["A synced write of 4 KiB"])[0][0])

    def test_other_engines_stand_beside_each_other(self):
        measured = (("annals", 1, 5_000, 1.0), ("other", 1, 2_500, 0.5), ("annals", 64, 100_000, 1.0),
                    ("other & co", 64, 3_000, 0.03))
        engines = [{"engine": name, "in_flight": i, "commands_per_second": c, "p50_us": 10.0 * i, "p99_us": 30.0 * i,
                    "ratio": ratio} for name, i, c, ratio in measured]
        shared = {key: self.results["shop.json"][key] for key in ("limits_before", "limits_after", "machine")}
        page = self.report({"compare.json": json.dumps({"benchmark": "compare", "aggregates": 1_000, "results": engines,
                                                        "engines": [{"engine": "other", "durability": "soon", "ordering": "none"}],
                                                        "left_out": [{"engine": "third", "because": "not there"}], **shared})})
        section = words(page.sections["Beside other engines"])
        for text in ("2,500 × 0.500", "3,000 × 0.030", "× 1.00", "other & co", "soon", "not there", "--aggregates 1000"):
            self.assertIn(text, section)
        for in_flight in (1, 64):
            drawn = page.drawings()[f"Throughput with {in_flight} in flight"]
            self.assertEqual(len(points(drawn)), 2)
            self.assertGreater(points(drawn)[0][1], points(drawn)[1][1])  # the faster is first, and further on the right
            self.assertEqual(len(points(page.drawings()[f"Latency with {in_flight} in flight"])), 4)

    def test_what_is_no_result_is_refused_by_name(self):
        good = self.texts["commands-10-1.json"]
        foreign = "not a result of annals-bench"
        for wrong, why in (("", "not JSON"), (good[:-10], "not JSON"), ("[1, 2]", foreign), ("7", foreign),
                           ('{"hello": 1}', foreign),
                           (good.replace('"machine"', '"engine"'), foreign),
                           (good.replace('"commands"', '"orders"', 1), "a result of an unknown benchmark"),
                           (good.replace('"aggregates":10', '"aggregates":"ten"'), "no number aggregates"),
                           (good.replace('"commands_per_second"', '"per_second"'), "no number commands_per_second")):
            with tempfile.TemporaryDirectory(dir=self.place) as place:
                pathlib.Path(place, "good.json").write_text(good)
                pathlib.Path(place, "wrong.json").write_text(wrong)
                done = self.run_bench("report", place)
                self.assertEqual(done.returncode, 1, wrong)
                self.assertIn(f"{place}/wrong.json: {why}", done.stderr)
                self.assertFalse(pathlib.Path(place, "report.html").exists())

    def test_a_directory_without_results_is_refused(self):
        (self.place / "notes.txt").write_text("not a result")
        for directory in (self.place, self.place / "nowhere"):
            done = self.run_bench("report", directory)
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(directory), done.stderr)
            self.assertFalse((directory / "report.html").exists())

    def test_it_measures_a_grid(self):
        there = self.place / "new" / "results"
        done = self.run_bench("report", there, "--measure", "--in-flight", 1, 8, "--aggregates", 10, "--seconds", 0.05,
                              "--runs", 2, "--orders", 20)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(sorted(path.name for path in there.iterdir()),
                         ["commands-10-aggregates-1-in-flight.json", "commands-10-aggregates-8-in-flight.json",
                          "commands-10-aggregates-half-rate.json", "compare.json", "memory-10-aggregates.json", "report.html",
                          "shop.json"])
        self.assertEqual([path.name for path in self.place.iterdir()], ["new"])
        one = json.loads((there / "commands-10-aggregates-8-in-flight.json").read_text())
        self.assertEqual((one["benchmark"], one["in_flight"], one["aggregates"], one["seconds"], len(one["runs"])),
                         ("commands", 8, 10, 0.05, 2))
        self.assertIn("rate", json.loads((there / "commands-10-aggregates-half-rate.json").read_text()))
        self.assertEqual(json.loads((there / "shop.json").read_text())["orders"], 20)
        self.assertEqual(lines(Page(there / "report.html").drawings()["Throughput over commands in flight"]), [2])

    def test_wrong_options_are_refused(self):
        self.report(self.texts)
        (self.place / "report.html").unlink()
        for wrong in ((), *((self.place, name, 1) for name in ("--seconds", "--runs", "--in-flight", "--aggregates", "--orders")),
                      (self.place, "--directory", "."), (self.place, "--measure", "--in-flight", 0)):
            done = self.run_bench("report", *wrong)
            self.assertGreater(done.returncode, 0, wrong)
            self.assertNotEqual(done.stderr, "", wrong)
            self.assertEqual({path.name for path in self.place.iterdir()}, set(self.texts))

if __name__ == "__main__":
    unittest.main(verbosity=2)
