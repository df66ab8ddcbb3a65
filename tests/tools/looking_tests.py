"""Looking at a store while another process writes to it, and keeping a copy."""
import json
import os
import pathlib
import resource
import signal
import unittest

from annals_command import ANNALS, Running, StoreTest, figures, lines_of, log_bytes, log_of, run
from books import Books


def state_of(directory):
    """Every file with its size and time of change; LMDB's table of readers may change with looking."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in pathlib.Path(directory).rglob("*") if path.name != "lock.mdb"}


class LiveStore(StoreTest):
    """A demo writes all the time, and is ended with the test."""

    def setUp(self):
        super().setUp()
        slow = self.place / "slow.toml"  # many small commits: the log grows all the time, but not without end
        slow.write_text("batch_records_max = 25\n")
        self.writer = Running("demo", "--store", self.store, "--orders", 100_000, "--config", slow)
        self.addCleanup(self.writer.__exit__)
        self.assertTrue(self.writer.until(lambda: log_bytes(self.store) > 2_000_000), "it should not have ended")

    def tearDown(self):
        self.assertTrue(self.writer.is_running(), "the test should have been faster than the demo")

    def test_case_59_the_log_is_whole_and_grows(self):
        before = log_of(self.store)
        Books(before)
        self.assertTrue(self.writer.until(lambda: len(lines_of("log", "--store", self.store, "--from", len(before) + 1,
                                                               "--limit", 1)) == 1))
        after = log_of(self.store)
        self.assertEqual(after[:len(before)], before)
        Books(after)

    def test_case_59_streams_have_what_the_log_has(self):
        listed = lines_of("streams", "--store", self.store, "--prefix", "order-50000")
        streams = {s["stream"]: s["version"] for s in listed}
        self.assertGreater(len(streams), 5)
        later = log_of(self.store)
        for name, newest in streams.items():
            in_log = [r for r in later if r["stream"] == name]
            self.assertEqual([r["version"] for r in in_log][:newest], list(range(1, newest + 1)))
            stream = lines_of("stream", name, "--store", self.store)
            self.assertGreaterEqual(len(stream), newest)
            self.assertEqual(stream[:len(in_log)], in_log[:len(stream)])

    def test_figures_are_watched_until_they_are_interrupted(self):
        for how, pause in ((signal.SIGINT, ("0.05",)), (signal.SIGTERM, ("0.05",)), (signal.SIGINT, ())):
            with Running("stats", "--store", self.store, "--json", "--watch", *pause) as watching:
                self.assertTrue(watching.until(lambda: watching.printed().count("\n") >= 3))
                self.assertEqual((watching.kill(how), watching.complained()), (0, ""))
                seen = [json.loads(line) for line in watching.printed().splitlines()]
            self.assertEqual(seen[0]["records_per_second"], 0)
            self.assertEqual([one["records"] for one in seen], sorted(one["records"] for one in seen))
            for before, after in zip(seen, seen[1:]):
                self.assertEqual(after["records_per_second"] > 0, after["records"] > before["records"])
                self.assertLess(before["time"], after["time"])
        with Running("stats", "--store", self.store, "--watch", "0.05") as watching:
            self.assertTrue(watching.until(lambda: watching.printed().count(" records, ") >= 2))
            self.assertNotIn("\x1b", watching.printed())
        for wrong in ("0", "-1", "soon", "1e9"):
            self.assertEqual(run("stats", "--store", self.store, "--watch", wrong).returncode, 2, wrong)

    def test_case_59_it_verifies(self):
        self.verify()

    def test_case_59_looking_changes_no_file(self):
        self.writer.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.writer.process.send_signal, signal.SIGCONT)
        os.waitid(os.P_PID, self.writer.pid, os.WSTOPPED)  # until it stands still
        before = state_of(self.store)
        for look in (("log", "--limit", 10), ("streams",), ("stream", "delivery-initial-stock"), ("verify",),
                     ("verify", "--replay"), ("stats",), ("report",), ("state", "delivery-initial-stock", "--diff")):
            self.assertEqual(run(*look, "--store", self.store).returncode, 0)
        self.assertEqual(state_of(self.store), before)

    def test_case_50_a_second_writer_is_refused_with_the_pid_of_the_first(self):
        line = self.refused("demo", "--store", self.store, "--orders", 1)
        self.assertRegex(line, rf"\bprocess {self.writer.pid}\b")
        self.assertIn(str(self.store), line)

    def test_a_backup_is_a_store_of_its_own_up_to_one_moment(self):
        copy = self.place / "copy"
        self.assertEqual(lines_of("backup", copy, "--store", self.store), [{"ok": True, "directory": str(copy)}])
        self.verify(copy)
        copied = log_of(copy)
        Books(copied)
        self.assertEqual(log_of(self.store)[:len(copied)], copied)

    def test_case_52_it_starts_no_process(self):
        tasks = list(pathlib.Path(f"/proc/{self.writer.pid}/task").iterdir())
        self.assertGreater(len(tasks), 3)
        if not (tasks[0] / "children").exists():
            self.skipTest("this kernel does not tell of children")
        self.assertEqual([task.name for task in tasks if (task / "children").read_text()], [])


class QuietStore(StoreTest):
    def setUp(self):
        super().setUp()
        self.summary = self.demo("--orders", 30)

    def test_the_log_by_position_number_and_type(self):
        log = log_of(self.store)
        self.assertEqual([r["position"] for r in log], list(range(1, self.summary["events"] + 1)))
        self.assertEqual(lines_of("log", "--store", self.store, "--from", 700), log[699:])
        self.assertEqual(lines_of("log", "--store", self.store, "--from", 700, "--limit", 9), log[699:708])
        placed = [r for r in log if r["type"] == "order_placed"]
        self.assertEqual(len(placed), 30)
        self.assertEqual(lines_of("log", "--store", self.store, "--type", "order_placed"), placed)
        self.assertEqual(lines_of("log", "--store", self.store, "--type", "order_placed", "--limit", 4), placed[:4])
        self.assertEqual(lines_of("log", "--store", self.store, "--from", placed[8]["position"] + 1,
                                  "--type", "order_placed", "--limit", 2), placed[9:11])
        for nothing in (("--limit", 0), ("--from", len(log) + 1), ("--from", 2**62), ("--type", "nobody_did_this")):
            self.assertEqual(lines_of("log", "--store", self.store, *nothing), [])
        self.assertEqual(len(run("log", "--store", self.store).stdout.splitlines()), len(log))

    def test_streams_by_prefix_in_order_with_their_newest_version(self):
        newest = {}
        for record in log_of(self.store):
            newest[record["stream"]] = record["version"]
        everything = lines_of("streams", "--store", self.store)
        self.assertEqual([(s["stream"], s["version"]) for s in everything], sorted(newest.items()))
        self.assertEqual(lines_of("streams", "--store", self.store, "--prefix", "payment-"),
                         [s for s in everything if s["stream"].startswith("payment-")])
        self.assertEqual(lines_of("streams", "--store", self.store, "--prefix", "nobody"), [])

    def test_a_stream_is_its_part_of_the_log(self):
        log = log_of(self.store)
        for name in ("order-500003", "fulfilment-500003", "inventory-SKU-10007"):
            self.assertEqual(lines_of("stream", name, "--store", self.store), [r for r in log if r["stream"] == name])
        self.assertIn("nobody-1", self.refused("stream", "nobody-1", "--store", self.store))

    def test_a_backup_goes_on_as_the_store_would(self):
        copy = self.place / "deep" / "copy"
        copy.parent.mkdir()
        self.assertEqual(run("backup", copy, "--store", self.store).returncode, 0)
        self.assertEqual(log_of(copy), log_of(self.store))
        self.assertEqual(figures(self.demo("--orders", 30, store=copy)), figures(self.summary))
        self.assertEqual(self.demo("--orders", 40, store=copy)["orders_placed"], 40)

    def test_a_backup_onto_what_is_there_is_refused_and_leaves_it_alone(self):
        there = self.place / "there"
        there.mkdir()
        (there / "letter").write_text("dear")
        self.assertIn("already exists", self.refused("backup", there, "--store", self.store))
        self.assertEqual([path.name for path in there.iterdir()], ["letter"])
        self.refused("backup", self.store, "--store", self.store)
        self.refused("backup", self.place / "no" / "such" / "parent", "--store", self.store)
        self.verify()

    def test_case_53_a_backup_that_finds_no_room_leaves_nothing(self):
        def little_room():
            # Whole pages: LMDB writes around the cache.
            resource.setrlimit(resource.RLIMIT_FSIZE, (50 * 4096, 50 * 4096))

        before = state_of(self.store)
        for restored in (True, False):  # the signal that comes then (SIGXFSZ) as usual, or ignored as by some parents
            line = self.refused("backup", self.place / "copy", "--store", self.store, preexec_fn=little_room, restore_signals=restored)
            self.assertIn("File too large", line)
            self.assertEqual([path.name for path in self.place.iterdir()], ["store"])
            self.assertEqual(state_of(self.store), before)

    def test_case_53_a_backup_that_is_killed_on_the_way_has_not_its_name(self):
        killed = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=KILL:when=1"]
        done = run(*killed, ANNALS, "backup", self.place / "copy", "--store", self.store, program="strace")
        self.assertEqual(done.returncode, -9, done.stderr)
        self.assertFalse((self.place / "copy").exists())
        self.verify()

    def test_case_60_a_pipe_that_is_closed_ends_it_quietly(self):
        for restored in (True, False):  # SIGPIPE as usual, or ignored as by some parents
            for command in (("log",), ("streams",), ("verify",), ("stats",), ("report",), ("state", "order-500003", "--diff")):
                reader, writer = os.pipe()
                os.close(reader)
                done = run(*command, "--store", self.store, stdout=writer, restore_signals=restored)
                os.close(writer)
                self.assertEqual(done.stderr, "")
                self.assertIn(done.returncode, (0, 1, -signal.SIGPIPE))

    def test_what_cannot_be_printed_is_a_failure(self):
        for command in (("log",), ("verify", "--json"), ("streams",), ("stats",), ("state", "order-500003"), ("report", "--json"),
                        ("demo", "--orders", 30, "--json")):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = run(*command, "--store", self.store, stdout=full)
            self.assertEqual(done.returncode, 1, command)
            self.assertRegex(done.stderr, r"\Aannals: cannot print: [^\n]+\n\Z")


if __name__ == "__main__":
    unittest.main(verbosity=2)
