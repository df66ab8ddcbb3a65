"""annals-bench as a process."""
import os
import pathlib
import subprocess
import tempfile
import unittest


def bench(place, *arguments):
    return subprocess.run([os.environ["ANNALS_BENCH"], *map(str, arguments)], capture_output=True, text=True,
                          timeout=240, cwd=place)


class Case(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def run_bench(self, *arguments):
        return bench(self.place, *arguments)
