"""Runs the annals command as its users do: as a process, looked at from outside."""
import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import unittest

ANNALS = os.environ["ANNALS"]
# Seconds until a process is given up for hung: generous, for machines that are busy and for sanitizers.
PATIENCE = 240


def run(*arguments, program=ANNALS, **how):
    """Runs it to its end."""
    how = {"stdout": subprocess.PIPE, **how}
    return subprocess.run([program, *map(str, arguments)], stderr=subprocess.PIPE, text=True, timeout=PATIENCE, **how)


def lines_of(*arguments):
    """The objects that it prints, one a line."""
    done = run(*arguments, "--json")
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def one(*arguments):
    """The one object that it prints."""
    found, = lines_of(*arguments)
    return found


def log_of(store):
    return lines_of("log", "--store", store)


def figures(summary):
    """What two runs have in common: all but the clock."""
    return {name: value for name, value in summary.items() if name != "seconds"}


def log_bytes(store):
    """How far the log has grown, 0 before there is one."""
    try:
        return os.stat(pathlib.Path(store) / "log" / "data.mdb").st_size
    except FileNotFoundError:
        return 0


def so_far(file):
    """What it has; the place where a process goes on writing stays."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()


class Running:
    """It runs while the test looks on; killed in the end, if it still runs then."""

    def __init__(self, *arguments, program=ANNALS, **how):
        self.out = tempfile.TemporaryFile("w+")
        self.err = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([program, *map(str, arguments)], stdout=self.out, stderr=self.err, **how)
        self.pid = self.process.pid
        self.ended = os.pidfd_open(self.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ended)
        self.out.close()
        self.err.close()

    def is_running(self):
        return self.process.poll() is None

    def until(self, condition):
        """Waits for it; False when the process ended before."""
        while not condition():
            # Asks again after a moment, or at once when the process has ended.
            if select.select([self.ended], [], [], 0.001)[0]:
                return condition()
        return True

    def kill(self, how=signal.SIGKILL, within=PATIENCE):
        """Its status."""
        self.process.send_signal(how)
        return self.process.wait(within)

    def printed(self):
        return so_far(self.out)

    def complained(self):
        return so_far(self.err)


class StoreTest(unittest.TestCase):
    """A test with a directory of its own."""

    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.store = self.place / "store"

    def demo(self, *arguments, store=None):
        """Runs the demo to its end: its summary."""
        done = run("demo", "--json", "--store", store or self.store, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def verify(self, store=None):
        done = run("verify", "--store", store or self.store)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def refused(self, *arguments, **how):
        """Fails with one line on stderr that a person can read; that line."""
        done = run(*arguments, **how)
        self.assertGreater(done.returncode, 0, (arguments, done.stdout[:500], done.stderr))
        self.assertRegex(done.stderr, r"\Aannals: [^\n]{5,400}\n\Z")
        self.assertNotIn("terminate called", done.stderr)
        return done.stderr
