"""Nodes as processes, told what to do line by line; see node_program.cpp."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

NODE_PROGRAM = os.environ["NODE_PROGRAM"]
STRANGER = os.environ["STRANGER"]
PATIENCE = 240  # seconds until a process is given up for hung: generous, for machines that are busy and for sanitizers


class Lines:
    """A process, and what it has said."""

    def __init__(self, *arguments, prefix=()):
        self.said, self.changed = [], threading.Condition()
        self.complaints = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen([*prefix, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.complaints, text=True, bufsize=1)
        self.is_over = False
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if line.endswith("\n"):  # a killed process may leave half a line
                with self.changed:
                    self.said.append(line.rstrip("\n"))
                    self.changed.notify_all()
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def tell(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def until(self, holds, within=PATIENCE):
        """Waits until what was said is so; False if the process ends, or too much time passes, before."""
        with self.changed:
            self.changed.wait_for(lambda: self.is_over or holds(self.said), within)
            return bool(holds(self.said))

    def until_count(self, lines, within=PATIENCE):
        return self.until(lambda said: len(said) >= lines, within)

    def line(self, *beginnings, after=0, within=PATIENCE):
        """Waits for a line that begins so, behind so many others; it."""
        seen, found = after, []

        def holds(said):
            nonlocal seen
            while not found and seen < len(said):
                if any(said[seen] == b or said[seen].startswith(b + " ") for b in beginnings):
                    found.append(said[seen])
                seen += 1
            return found
        if not self.until(holds, within):
            raise AssertionError(f"{beginnings} did not come: {self.said[-5:]}, {self.complained()[-2000:]}")
        return found[0]

    def ask(self, *words, answer):
        """Tells it, and waits for the answer: its words. An error is an answer."""
        after = len(self.said)
        self.tell(*words)
        return self.line(answer, "error", after=after).split()

    def complained(self):
        self.complaints.seek(0)
        return self.complaints.read()

    def rss_kib(self, which="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(which + ":"):
                return int(line.split()[1])
        raise AssertionError(which)

    def signal(self, which):
        self.process.send_signal(which)

    def kill(self):
        self.process.kill()
        return self.ended()

    def ended(self, within=PATIENCE):
        """Waits for its end: its status. Everything that it has said is there then."""
        status = self.process.wait(within)
        self.reader.join(within)
        return status

    def finish(self):
        """No further line."""
        self.process.stdin.close()
        return self.ended()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()
        self.reader.join()
        for one in (self.process.stdin, self.process.stdout, self.complaints):
            try:
                one.close()
            except BrokenPipeError:
                pass


def wait_until(holds, within=PATIENCE, what="a condition"):
    """For what no process says by itself."""
    changed = threading.Event()
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true")
        changed.wait(0.005)


RIGHTS = "\n".join(f'{verb} = ["*"]' for verb in ("append", "read", "ask", "replay", "operate"))
PEERS = ("shop", "till", "stranger", "ledger", "archive")


class NodesTest(unittest.TestCase):
    """Nodes with keys and one peers file, in a directory of their own. `link`: options of every link."""

    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.link = {}
        self.public = {}
        maker = self.node()
        for name in PEERS:
            self.public[name] = maker.ask("key", self.place / f"{name}.key", answer="key")[1]
        maker.finish()
        (self.place / "peers.toml").write_text("".join(
            f'[[peer]]\nname = "{name}"\nkeys = ["{self.public[name]}"]\n{RIGHTS}\n' for name in PEERS))

    def started(self, one):
        self.addCleanup(one.close)
        return one

    def node(self, prefix=()):
        return self.started(Lines(NODE_PROGRAM, prefix=prefix))

    def stranger(self, way, port, *more):
        return self.started(Lines(STRANGER, way, port, "stranger", self.place / "stranger.key", self.public["ledger"], *more))

    @staticmethod
    def named(options):
        return [f"{name}={value}" for name, value in options.items()]

    def serve(self, one=None, name="ledger", at="127.0.0.1:0", store=None, prefix=(), **more):
        """A node that listens: it, and its port."""
        if one is None:
            one = self.node(prefix)
            one.tell("open", store or self.place / f"{name}.annals")
            one.line("opened", "error")
        said = one.ask("listen", f"name={name}", f"at={at}", f"key={self.place / name}.key", f"peers={self.place / 'peers.toml'}",
                       *self.named({**self.link, **more}), answer="listening")
        self.assertEqual(said[0], "listening", said)
        return one, int(said[1])

    def connect(self, one, to, name="shop", handle="far", server="ledger", linked=True, **more):
        """A handle in this process; waits for its link."""
        to = to if isinstance(to, str) else f"127.0.0.1:{to}"
        after = len(one.said)
        said = one.ask("connect", handle, f"to={to}", f"name={name}", f"key={self.place / name}.key", f"server={self.public[server]}",
                       *self.named({**self.link, **more}), answer="connected")
        self.assertEqual(said[0], "connected", said)
        if linked:
            one.line(f"news {handle} linked", after=after)
        return one

    def client(self, to, name="shop", prefix=(), **more):
        return self.connect(self.node(prefix), to, name, **more)

    def send(self, one, handle, key, amount, tag, *more):
        """Waits for the answer: its words after the tag."""
        return one.ask("send", handle, key, amount, tag, *more, answer=f"answer {tag}")[2:]

    def counts(self, server):
        names = ("links", "refused", "malformed", "overrun", "timed_out", "forbidden")
        return dict(zip(names, map(int, server.ask("counts", answer="counts")[1:])))

    def log_of(self, one, handle="here"):
        """(position, key, amount, id) of each record."""
        after = len(one.said)
        one.tell("log", handle)
        self.assertEqual(one.line("end", "error", after=after), "end")
        lines = [line.split(" ") for line in one.said[after:] if line.startswith("record ")]
        return [(int(at), key, int(amount), name) for _, at, key, amount, name in lines]


def answers(said):
    """tag → words of the answer."""
    return {words[1]: words[2:] for words in (line.split() for line in said) if words[0] == "answer"}


def is_root():
    return os.geteuid() == 0 and shutil.which("ip") is not None


def main():
    unittest.main(verbosity=2)
