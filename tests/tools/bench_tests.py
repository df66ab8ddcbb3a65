"""annals-bench prints the figures that scripts rely on."""
import unittest

from bench_command import BenchTest


class Bench(BenchTest):
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

    def test_every_result_says_on_what_it_was_taken(self):
        f = self.figures("commands", "--aggregates", 10, "--in-flight", 4, "--seconds", 0.1, "--warm-up", 0)
        for name in ("processor", "cores", "memory_bytes", "kernel", "file_system", "answer_waits_for", "annals", "caf", "lmdb", "compiler"):
            self.assertTrue(f["machine"][name], name)
        for limits in ("limits_before", "limits_after"):
            self.assertGreater(f[limits]["fdatasync_p50_us"], 0)

    def test_every_result_names_its_benchmark_and_its_parameters(self):
        for arguments, parameters in (
                (("commands", "--aggregates", 10, "--in-flight", 4, "--seconds", 0.1, "--warm-up", 0, "--seed", 7),
                 {"aggregates": 10, "in_flight": 4, "seconds": 0.1, "warm_up_seconds": 0, "seed": 7}),
                (("shop", "--orders", 20, "--in-flight", 5, "--skus", 9, "--lines", 2, "--seed", 7),
                 {"orders": 20, "in_flight": 5, "skus": 9, "lines": 2, "seed": 7}),
                (("memory", "--aggregates", 100, "--resident", 50), {"aggregates": 100, "resident_max": 50}),
                (("query", "--aggregates", 10, "--seconds", 0.1, "--rate", 1_000, "--seed", 7),
                 {"aggregates": 10, "seconds": 0.1, "rate": 1_000, "seed": 7}),
                (("replay", "--events", 1_000, "--streams", 10, "--runs", 1, "--seed", 7), {"events": 1_000, "streams": 10, "runs": 1, "seed": 7}),
                (("limits", "--seconds", 0.1), {"seconds": 0.1})):
            f = self.figures(*arguments)
            self.assertEqual(next(iter(f.items())), ("benchmark", arguments[0]))
            self.assertEqual({name: f[name] for name in parameters}, parameters)
            if arguments[0] == "commands":
                self.assertEqual(f["runs"], [f["commands_per_second"]])

    def test_an_open_loop_keeps_its_rate(self):
        f = self.figures("commands", "--aggregates", 10, "--rate", 2_000, "--seconds", 0.3, "--warm-up", 0)
        self.assertEqual(f["rate"], 2_000)
        self.assertEqual(f["commands"] + f["overloaded"], 601)
        self.assertLessEqual(f["commands_per_second"], 2_100)

    def test_half_of_what_a_closed_loop_reaches(self):
        f = self.figures("commands", "--aggregates", 10, "--in-flight", 8, "--rate", "half", "--seconds", 0.2, "--warm-up", 0)
        self.assertGreater(f["rate"], 0)
        self.assertAlmostEqual((f["commands"] + f["overloaded"]) / (f["rate"] * 0.2), 1, delta=0.1)

    def test_of_several_runs_the_median(self):
        f = self.figures("commands", "--aggregates", 10, "--in-flight", 8, "--seconds", 0.1, "--warm-up", 0, "--runs", 3)
        self.assertEqual(len(f["runs"]), 3)
        self.assertEqual(f["commands_per_second"], sorted(f["runs"])[1])

    def test_slices_add_up(self):
        f = self.figures("commands", "--aggregates", 10, "--in-flight", 8, "--seconds", 0.4, "--warm-up", 0, "--slices", 4)
        self.assertEqual(len(f["slices"]), 4)
        self.assertAlmostEqual(sum(s["commands_per_second"] for s in f["slices"]) * 0.1, f["commands"], delta=3)
        self.assertEqual(max(s["max_us"] for s in f["slices"]), f["max_us"])
        for s in f["slices"]:
            self.assertLessEqual(s["disk_p99_us"], s["disk_max_us"])
        self.assertGreater(max(s["disk_p99_us"] for s in f["slices"]), 0)
        self.assertGreater(max(s["late_max_us"] for s in f["slices"]), 0)
        self.assertGreaterEqual(min(s["stolen_ms"] for s in f["slices"]), 0)

    def test_shop(self):
        f = self.figures("shop", "--orders", 200, "--in-flight", 50, "--skus", 20)
        self.assertEqual((f["orders"], f["shipped"]), (200, 200))
        self.assertGreater(f["orders_per_second"], 0)
        self.assertGreater(f["events_per_order"], 10)

    def test_remote(self):
        f = self.figures("remote", "--in-flight", 4, "--aggregates", 10, "--seconds", 0.1, "--warm-up", 0)
        self.assertEqual([row["way"] for row in f["rows"]], ["in one process", "remote", "remote, TLS", "CAF alone, an echo"])
        for row in f["rows"]:
            self.assertEqual(row["in_flight"], 4)
            self.assertGreater(row["commands_per_second"], 0, row)

    def test_replica(self):
        f = self.figures("replica", "--events", 3_000, "--rate", 0)
        self.assertEqual([row["way"] for row in f["rows"]], ["plain", "TLS"])
        for row in f["rows"]:
            self.assertGreater(row["records_per_second"], 0, row)

    def test_watched(self):
        f = self.figures("watched", "--aggregates", 10, "--in-flight", 16, "--blocks", 1, "--slice", 0.1, "--warm-up", 0, "--trace-one-in", 2)
        self.assertEqual([row["what"] for row in f["rows"]], ["nothing", "scrapes", "traces-gone", "traces-slow", "traces-refused"])
        for row in f["rows"]:
            for name in ("off_per_second", "on_per_second", "ratio", "cpu_us", "cpu_ratio"):
                self.assertGreater(row[name], 0, name)
            if row["what"].startswith("traces"):
                self.assertEqual(row["spans_exported"], 0)
                self.assertGreater(row["spans_failed"] + row["spans_dropped"], 0)
        self.assertGreater(f["rows"][1]["scrapes"], 0)
        self.assertGreater(f["rows"][1]["scrape_bytes"], 10_000)

    def test_limits(self):
        f = self.figures("limits", "--seconds", 0.7)
        for name in ("fdatasync_p50_us", "fdatasync_p99_us", "fdatasync_max_us", "direct_p50_us", "fdatasync_16k_p50_us",
                     "fdatasync_64k_p50_us",
                     "raw_lmdb_batch_1_per_second", "raw_lmdb_batch_64_per_second", "raw_lmdb_batch_1024_per_second",
                     "raw_lmdb_batch_8192_per_second"):
            self.assertGreater(f[name], 0, name)
        self.assertGreater(f["raw_lmdb_batch_1024_per_second"], f["raw_lmdb_batch_1_per_second"])
        self.assertIn("machine", f)

    def test_memory(self):
        f = self.figures("memory", "--aggregates", 2_000)
        self.assertEqual(f["aggregates"], 2_000)
        self.assertGreater(f["heap_bytes_an_aggregate"], 0)
        f = self.figures("memory", "--aggregates", 2_000, "--resident", 500)
        self.assertGreater(f["peak_memory_bytes"], f["own_memory_bytes"])

    def test_query(self):
        f = self.figures("query", "--aggregates", 10, "--in-flight", 4, "--threads", 1, 2, "--rate", 5_000, "--seconds", 0.3)
        for rows in (f["alone"], f["beside"]):
            self.assertEqual([(row["how"], row["threads"]) for row in rows], [("ask", 1), ("read", 1), ("read", 2), ("history", 1), ("history", 2),
                                                                           ("state_of", 1), ("state_of", 2)])
            for row in rows:
                self.assertGreater(row["queries_per_second"], 0)
                self.assertLessEqual(row["p50_us"], row["max_us"])
        self.assertEqual([row["applied_per_second"] for row in f["alone"]], [0] * 7)
        for row in f["beside"]:
            self.assertGreater(row["applied_per_second"], 0)
            self.assertLess(row["applied_per_second"], 10_000)

    def test_replay(self):
        f = self.figures("replay", "--events", 20_000, "--streams", 50, "--partitions", 1, 2, "--runs", 2)
        self.assertEqual([row["partitions"] for row in f["results"]], [1, 2])
        for row in f["results"]:
            self.assertGreater(row["events_per_second"], 0)
            if "sqlite_events_per_second" in f:
                self.assertAlmostEqual(row["ratio_to_sqlite"], row["events_per_second"] / f["sqlite_events_per_second"], delta=0.002)
        self.assertGreater(f["start_events_per_second"], 0)
        self.assertGreater(f["raw_scan_per_second"], f["results"][0]["events_per_second"])

    def test_recover(self):
        f = self.figures("recover", "--events", 1_000, 3_000, "--streams", 100)
        self.assertEqual([(row["events"], row["derived"]) for row in f["results"]],
                         [(1_000, "deleted"), (1_000, "at hand"), (3_000, "deleted"), (3_000, "at hand")])
        for row in f["results"]:
            self.assertGreater(row["first_command_ms"], 0)
            self.assertAlmostEqual(row["first_query_ms"], row["open_ms"] + row["start_ms"], delta=100)

    def test_rehydrate(self):
        f = self.figures("rehydrate", "--events", 20_000, "--streams", 100, "--long-streams", 5, "--long-events", 2_000, "--rounds", 4)
        for name in ("warm_p50_us", "cold_p50_us", "snapshot_p50_us"):
            self.assertGreater(f[name], 0, name)

    def test_text_has_what_json_has(self):
        done = self.run_bench("shop", "--orders", 20)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in ("orders_per_second", "limits_before", "limits_after", "machine", "processor"):
            self.assertIn(name, done.stdout)

    def test_wrong_options_are_refused(self):
        for wrong in ((), ("commands", "--in-flight", "0"), ("commands", "--aggregates", "-1"),
                      ("commands", "--rate", "fast"), ("commands", "--rate", "-5"), ("commands", "--runs", "0"),
                      ("shop", "--orders", "0"), ("replay", "--partitions", "0"), ("query", "--rate", "0"),
                      ("rehydrate", "--events", "1000"), ("rehydrate", "--long-events", "10"),
                      ("limits", "--seconds", "x"), ("limits", "--directory", self.place / "nowhere")):
            done = self.run_bench(*wrong)
            self.assertGreater(done.returncode, 0, wrong)
            self.assertNotEqual(done.stderr, "", wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
