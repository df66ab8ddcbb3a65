"""annals-bench compare measures every engine that this machine has, names the others, and leaves nothing running."""
import functools
import glob
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from bench_command import BENCH, PATIENCE, BenchTest, bench

# Which package an engine is built with, and the server that it needs.
ENGINES = {"annals": (None, None), "annals_tls": (None, None), "sqlite": ("libsqlite3-dev", None), "sqlite_group": ("libsqlite3-dev", None),
           "rocksdb": ("librocksdb-dev", None), "postgresql": ("libpq-dev", "initdb"), "postgresql_rows": ("libpq-dev", "initdb"),
           "redis": ("libhiredis-dev", "redis-server"), "postgresql_tls": ("libpq-dev", "initdb"),
           "redis_tls": ("libhiredis-dev", "redis-server")}
QUICK = ("compare", "--aggregates", 10, "--seconds", 0.1, "--warm-up", 0.05)
# Seconds until a server that was told to end is given up.
SERVER_PATIENCE = 60
# Where each server listens, below the bench's own directory.
SOCKETS = {"postgresql": "postgresql/.s.PGSQL.5432", "redis": "redis/socket"}


@functools.cache
def left_out():
    """What the bench itself says: what has been installed since it was built is not in it."""
    with tempfile.TemporaryDirectory(prefix="annals-test-") as place:
        os.chmod(place, 0o755)
        return {m["engine"]: m["because"] for m in json.loads(bench(place, *QUICK, "--json").stdout)["left_out"]}


def is_built(engine):
    return left_out().get(engine) != f"built without {ENGINES[engine][0]}"


def is_here(engine):
    server = ENGINES[engine][1]
    return is_built(engine) and (server is None or shutil.which(server) or bool(glob.glob(f"/usr/lib/postgresql/*/bin/{server}")))


def accepts(path):
    """A socket's file is there before its server listens."""
    with socket.socket(socket.AF_UNIX) as attempt:
        return attempt.connect_ex(str(path)) == 0


class Compare(BenchTest):
    def setUp(self):
        super().setUp()
        self.place.chmod(0o755)  # a server that runs as another user has to come through

    def processes(self):
        """Those that have something of this test's directory in their command line."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.fsencode(self.place) in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass  # it has just ended
        return found

    def start(self, engine):
        """The bench while it measures this one, once its server listens, and the server's socket."""
        arguments = ("--engines", engine, "--aggregates", "10", "--in-flight", "8", "--seconds", "3")
        bench = subprocess.Popen([BENCH, "compare", *arguments], cwd=self.place,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(bench.stderr.close)
        self.addCleanup(bench.wait)
        self.addCleanup(bench.kill)
        ended = os.pidfd_open(bench.pid)
        self.addCleanup(os.close, ended)
        while not (found := [path for path in self.place.glob("annals-bench-*/" + SOCKETS[engine]) if accepts(path)]):
            # Asks again after a moment, or at once when the process has ended.
            self.assertEqual(select.select([ended], [], [], 0.001)[0], [], "it ended before its server listened")
        return bench, found[0]

    def test_case_64_every_engine_is_measured_or_named(self):
        f = self.figures(*QUICK, "--in-flight", 1, 8)
        missing = {m["engine"]: m["because"] for m in f["left_out"]}
        here = [engine for engine in ENGINES if is_here(engine)]
        self.assertEqual([n["engine"] for n in f["engines"]], here, missing)
        self.assertEqual(sorted(missing), sorted(set(ENGINES) - set(here)))
        self.assertEqual([(r["engine"], r["in_flight"]) for r in f["results"]], [(e, w) for w in (1, 8) for e in here])
        for note in f["engines"]:
            for name in ("version", "durability", "ordering"):
                self.assertTrue(note[name], note)
        speeds = {(r["engine"], r["in_flight"]): r["commands_per_second"] for r in f["results"]}
        for r in f["results"]:
            self.assertGreaterEqual(r["commands"], r["in_flight"], r)
            self.assertEqual(r["events"], r["commands"], r)
            self.assertGreaterEqual(r["commands"] / r["commands_per_second"], 0.099, r)  # it took the time it was given
            self.assertGreater(r["p50_us"], 0, r)
            self.assertLessEqual(r["p50_us"], r["p99_us"], r)
            reference = "annals_tls" if r["engine"] in ("postgresql_tls", "redis_tls") else "annals"
            self.assertAlmostEqual(r["ratio"] * r["commands_per_second"] / speeds[reference, r["in_flight"]], 1, delta=0.01)
        for name in ("limits_before", "limits_after", "machine"):
            self.assertIn(name, f)
        self.assertEqual(self.processes(), [])

    def test_only_those_asked_for(self):
        f = self.figures(*QUICK, "--in-flight", 2, "--engines", "annals")
        self.assertEqual([r["engine"] for r in f["results"]], ["annals"])
        self.assertEqual(f["left_out"], [])

    def test_what_is_not_installed_is_named(self):
        f = self.figures(*QUICK, "--engines", "redis", env={**os.environ, "PATH": ""})
        because = "redis-server is not installed" if is_built("redis") else "built without libhiredis-dev"
        self.assertEqual((f["results"], f["left_out"]), ([], [{"engine": "redis", "because": because}]))

    def test_text_has_a_table(self):
        done = self.run_bench(*QUICK, "--in-flight", 2, "--engines", "annals")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for words in (r"engine +in_flight .* commands_per_second +p50_us +p99_us +ratio\n +annals +2 ", "durability", "left_out"):
            self.assertRegex(done.stdout, words)

    def test_wrong_options_are_refused(self):
        for wrong in (("--engines", "oracle"), ("--engines", "annals", "oracle"), ("--in-flight", "0"), ("--in-flight", "1", "x"),
                      ("--seconds", "0"), ("--aggregates", "-1"), ("--directory", self.place / "nowhere")):
            done = self.run_bench("compare", *wrong)
            self.assertGreater(done.returncode, 0, wrong)
            self.assertNotEqual(done.stderr, "", wrong)
            self.assertEqual(list(self.place.iterdir()), [])

    @unittest.skipUnless(is_here("redis"), "there is no Redis")
    def test_events_that_are_not_there_are_an_error(self):
        bench, path = self.start("redis")
        with socket.socket(socket.AF_UNIX) as redis:
            redis.settimeout(PATIENCE)
            redis.connect(str(path))
            answer = b""
            while not answer.startswith(b":") or answer == b":0\r\n":  # until there is something to lose
                redis.sendall(b"DBSIZE\r\n")
                answer = redis.recv(100)
            redis.sendall(b"FLUSHALL\r\n")
            self.assertEqual(redis.recv(100), b"+OK\r\n")
        self.assertEqual(bench.wait(PATIENCE), 1)
        self.assertRegex(bench.stderr.read(), r"\Aannals-bench: \d+ commands were answered, and \d+ events are there\n\Z")
        self.assertEqual((list(self.place.iterdir()), self.processes()), ([], []))

    def test_a_server_goes_with_a_bench_that_is_killed(self):
        for engine in filter(is_here, SOCKETS):
            with self.subTest(engine):
                bench, path = self.start(engine)
                servers = [os.pidfd_open(pid) for pid in self.processes()]
                self.assertNotEqual(servers, [])
                bench.send_signal(signal.SIGKILL)
                self.assertEqual(bench.wait(PATIENCE), -signal.SIGKILL)
                for ended in servers:
                    has_ended = select.select([ended], [], [], SERVER_PATIENCE)[0] == [ended]
                    if not has_ended:
                        signal.pidfd_send_signal(ended, signal.SIGKILL)
                    os.close(ended)
                    self.assertTrue(has_ended, "the server outlived the bench")
                shutil.rmtree(path.parent.parent)  # a killed bench leaves its files


if __name__ == "__main__":
    unittest.main(verbosity=2)
