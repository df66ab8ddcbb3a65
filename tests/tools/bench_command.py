"""Runs annals-bench as its users do: as a process, looked at from outside."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BENCH = os.environ["ANNALS_BENCH"]
# Seconds until a process is given up for hung.
PATIENCE = 240


def bench(place, *arguments, **how):
    return subprocess.run([BENCH, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, cwd=place, **how)


class BenchTest(unittest.TestCase):
    """A test with a directory of its own, which the bench has to leave empty."""

    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def run_bench(self, *arguments, **how):
        return bench(self.place, *arguments, **how)

    def figures(self, *arguments, **how):
        done = self.run_bench(*arguments, "--json", **how)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(list(self.place.iterdir()), [])
        return json.loads(done.stdout)
