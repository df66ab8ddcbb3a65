"""The program whose spans a test looks at, and the collectors to which it sends them."""
import contextlib
import http.server
import json
import pathlib
import queue
import socket
import subprocess
import threading
import time

PATIENCE = 240  # seconds until something is given up for hung


class Told:
    """A process that is told things by its input, and says a line to each."""

    def __init__(self, *command, **how):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        **how)
        self.lines, self.warnings = queue.Queue(), []
        self.readers = [threading.Thread(target=self.read), threading.Thread(target=self.read_warnings)]
        for one in self.readers:
            one.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def read_warnings(self):
        for line in self.process.stderr:
            self.warnings.append(line.rstrip("\n"))

    def said(self):
        line = self.lines.get(timeout=PATIENCE)
        if line is None:
            raise AssertionError(f"{self.process.args[0]} has ended: {self.warnings[-20:]}")
        return line

    def tell(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.said()

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            for one in self.readers:
                one.join()
            self.process.stdout.close()
            self.process.stderr.close()
        return self.process.returncode


class Program(Told):
    def __init__(self, program, store, endpoint, ratio=0):
        super().__init__(program, store, endpoint, ratio)
        assert self.said() == "ready"

    def counts(self):
        words = self.tell("counts").split()
        return {name: int(number) for name, number in zip(words[::2], words[1::2])}

    def until(self, condition):
        """The counts for which the condition holds, once it does."""
        end = time.monotonic() + PATIENCE
        while not condition(counts := self.counts()):
            if time.monotonic() > end:
                raise AssertionError(f"this never came: {counts} {self.warnings}")
        return counts

    def close(self):
        """The seconds that it took to close the exporter."""
        return int(self.tell("close").split()[1]) / 1000


class Receiver(Told):
    """receiver.mjs, where its packages are installed."""

    def __init__(self, place):
        super().__init__("node", "receiver.mjs", cwd=place)
        self.port = json.loads(self.said())["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self):
        self.process.terminate()
        return super().end()


class Collector:
    """Answers each request with the next of `answers`, and from then on with the last: status, headers, body. Counts the spans that it gets."""

    def __init__(self, *answers, port=0):
        self.answers, self.times, self.spans = list(answers), [], []
        around = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                around.spans.append(sum(len(scope["spans"]) for one in body["resourceSpans"] for scope in one["scopeSpans"]))
                around.times.append(time.monotonic())
                status, headers, text = around.answers.pop(0) if len(around.answers) > 1 else around.answers[0]
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def end(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Silent:
    """Takes connections and never says a word."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.taken = threading.Event()
        self.connections = []
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.listening.accept()[0])
                self.taken.set()

    def end(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for one in [self.listening, *self.connections]:
            one.close()


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def install(place, sources):
    """Installs the packages of receiver.mjs in `place`, not in the sources."""
    pathlib.Path(place).mkdir(parents=True, exist_ok=True)
    for name in ["receiver.mjs", "package.json", "package-lock.json"]:
        (pathlib.Path(place) / name).write_bytes((sources / name).read_bytes())
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"npm ci: {done.stdout}{done.stderr}")
