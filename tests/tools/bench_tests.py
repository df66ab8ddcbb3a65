"""annals-bench prints the figures that scripts rely on."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest


class Bench(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def run_bench(self, *arguments):
        return subprocess.run([os.environ["ANNALS_BENCH"], *map(str, arguments)], capture_output=True, text=True,
                              timeout=240, cwd=self.place)

    def figures(self, *arguments):
        done = self.run_bench(*arguments, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(list(self.place.iterdir()), [])
        return json.loads(done.stdout)

    def test_commands(self):
        f = self.figures("commands", "--aggregates", 10, "--in-flight", 16, "--seconds", 0.2, "--warm-up", 0)
        for name in ("commands_per_second", "p50_us", "p99_us", "max_us", "commits_per_second", "mean_batch",
                     "peak_memory_bytes", "raw_lmdb_per_second", "ratio_to_raw_lmdb"):
            self.assertGreater(f[name], 0, name)
        self.assertLessEqual(f["p50_us"], f["p99_us"])
        self.assertLessEqual(f["p99_us"], f["max_us"])
        self.assertLessEqual(f["mean_batch"], 16)
        self.assertGreaterEqual(f["commands"], 16)
        self.assertAlmostEqual(f["ratio_to_raw_lmdb"], f["commands_per_second"] / f["raw_lmdb_per_second"], delta=0.002)
        self.assertAlmostEqual(f["commits_per_second"] * f["mean_batch"] / f["commands_per_second"], 1, delta=0.1)

    def test_limits(self):
        f = self.figures("limits", "--seconds", 0.1)
        for name in ("fdatasync_p50_us", "fdatasync_p99_us", "raw_lmdb_batch_1_per_second",
                     "raw_lmdb_batch_1024_per_second"):
            self.assertGreater(f[name], 0, name)
        self.assertGreater(f["raw_lmdb_batch_1024_per_second"], f["raw_lmdb_batch_1_per_second"])

    def test_memory(self):
        f = self.figures("memory", "--aggregates", 2_000)
        self.assertEqual(f["aggregates"], 2_000)
        self.assertGreater(f["heap_bytes_an_aggregate"], 0)

    def test_wrong_options_are_refused(self):
        for wrong in ((), ("commands", "--in-flight", "0"), ("commands", "--aggregates", "-1"),
                      ("limits", "--seconds", "x"), ("limits", "--directory", self.place / "nowhere")):
            done = self.run_bench(*wrong)
            self.assertGreater(done.returncode, 0, wrong)
            self.assertNotEqual(done.stderr, "", wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
