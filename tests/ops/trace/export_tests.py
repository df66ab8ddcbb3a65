"""export_tests.py PROGRAM: what a collector that is gone, hangs, refuses or is busy does to the program: nothing."""
import pathlib
import sys
import tempfile
import unittest

from program import Collector, Program, Silent, unused_port

PROGRAM = sys.argv.pop(1)
RING, BATCH = 16_384, 512


class Export(unittest.TestCase):
    def entered(self, one):
        self.addCleanup(one.end)
        return one

    def program(self, endpoint, ratio=1):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        return self.entered(Program(PROGRAM, pathlib.Path(place.name) / "store", endpoint, ratio))

    def works_on(self, program, commands=8_000):
        """Three spans or more for each command: more than the ring has places."""
        self.assertEqual(program.tell(f"load {commands}"), f"accepted {commands}")
        counts = program.counts()
        self.assertLessEqual(counts["waiting"], RING)
        self.assertGreaterEqual(counts["exported"] + counts["dropped"] + counts["failed"] + counts["waiting"] + BATCH, 3 * commands)
        return counts

    def test_one_that_takes_everything(self):
        collector = self.entered(Collector((200, {}, "{}")))
        program = self.program(collector.url)
        self.assertEqual(program.tell("load 1000"), "accepted 1000")
        counts = program.until(lambda now: now["exported"] >= 3_000 and now["waiting"] == 0)
        self.assertEqual(counts["failed"], 0)
        self.assertEqual(counts["dropped"], 0)
        self.assertLess(program.close(), 2.5)
        self.assertEqual(program.counts()["exported"], sum(collector.spans))
        self.assertLessEqual(max(collector.spans), BATCH)
        self.assertEqual(program.warnings, [])

    def test_one_that_is_gone(self):
        program = self.program(f"http://127.0.0.1:{unused_port()}")
        counts = self.works_on(program)
        self.assertGreater(counts["dropped"], 0)
        self.assertEqual(counts["exported"], 0)
        self.assertLess(program.close(), 2.5)
        self.assertEqual(program.counts()["waiting"], 0)
        program.until(lambda _: program.warnings)
        self.assertEqual(len(program.warnings), 1, program.warnings)
        self.assertIn("cannot be reached", program.warnings[0])

    def test_one_that_hangs(self):
        silent = self.entered(Silent())
        program = self.program(silent.url)
        self.assertEqual(program.tell("load 10"), "accepted 10")
        self.assertTrue(silent.taken.wait(240))
        counts = self.works_on(program)
        self.assertGreater(counts["dropped"], 0)
        self.assertEqual(counts["exported"], 0)
        self.assertLess(program.close(), 2.5)
        self.works_on(program)

    def test_one_that_refuses(self):
        collector = self.entered(Collector((400, {}, "no")))
        program = self.program(collector.url)
        self.assertEqual(program.tell("load 400"), "accepted 400")
        counts = program.until(lambda now: now["failed"] >= 1_200 and now["waiting"] == 0)
        self.assertEqual(counts["exported"], 0)
        self.assertGreater(len(collector.spans), 2)  # each of them once, and each time after a longer pause
        self.assertEqual(sum(collector.spans), counts["failed"])
        self.assertGreaterEqual(collector.times[1] - collector.times[0], 1)
        self.assertGreaterEqual(collector.times[2] - collector.times[1], 2)
        program.until(lambda _: program.warnings)
        self.assertEqual(len(program.warnings), 1, program.warnings)
        self.assertIn("400", program.warnings[0])

    def test_one_that_is_busy_is_asked_again_when_it_says(self):
        for status in (429, 502, 503, 504):
            with self.subTest(status):
                collector = self.entered(Collector((status, {"Retry-After": "2"}, ""), (200, {}, "{}")))
                program = self.program(collector.url)
                self.assertEqual(program.tell("load 10"), "accepted 10")
                program.until(lambda now: now["exported"] >= 30 and now["waiting"] == 0)
                self.assertGreaterEqual(collector.times[1] - collector.times[0], 2)
                self.assertEqual(collector.spans[0], collector.spans[1])
                self.assertEqual(program.counts()["failed"], 0)
                self.assertLess(program.close(), 2.5)

    def test_one_that_takes_a_part(self):
        answer = '{"partialSuccess": {"rejectedSpans": "7", "errorMessage": "too old"}}'
        collector = self.entered(Collector((200, {}, answer), (200, {}, "{}")))
        program = self.program(collector.url)
        self.assertEqual(program.tell("load 10"), "accepted 10")
        counts = program.until(lambda now: now["exported"] + now["failed"] >= 30 and now["waiting"] == 0)
        self.assertEqual(counts["failed"], 7)
        program.until(lambda _: program.warnings)
        self.assertIn("too old", program.warnings[0])

    def test_one_that_comes_back(self):
        port = unused_port()
        program = self.program(f"http://127.0.0.1:{port}")
        self.assertEqual(program.tell("load 10"), "accepted 10")
        program.until(lambda _: program.warnings)
        self.entered(Collector((200, {}, "{}"), port=port))
        counts = program.until(lambda now: now["exported"] >= 30 and now["waiting"] == 0)
        self.assertEqual(counts["failed"], 0)


if __name__ == "__main__":
    unittest.main()
