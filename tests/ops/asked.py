"""A program with a console inside, and a browser's half of HTTP: urllib where it will do, bare sockets where it will not."""
import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse

PROGRAM = os.environ["CONSOLE_PROGRAM"]
ANNALS = os.environ.get("ANNALS")
PATIENCE = 240  # seconds until something is given up for hung: generous, for machines that are busy


class Program:
    """Told what to do line by line; see program.cpp."""

    def __init__(self, store, *words, command=None):
        self.process = subprocess.Popen(command or [PROGRAM, str(store), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.first = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    @property
    def url(self):
        kind, _, url = self.first.partition(" ")
        if kind != "url":
            raise AssertionError(self.first)
        return url

    def tell(self, *words):
        """Its answer."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Browser:
    """Asks one console; keeps its cookie."""

    def __init__(self, url, context=None):
        self.parts = urllib.parse.urlsplit(url)
        self.token = urllib.parse.parse_qs(self.parts.fragment)["t"][0]
        self.host, self.port = self.parts.hostname, self.parts.port
        self.origin = f"{self.parts.scheme}://{self.parts.netloc}"
        self.context, self.cookie, self.csrf = context, None, None

    def connection(self):
        if self.context:
            return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE, context=self.context)
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def ask(self, method, path, body=None, **headers):
        """A header of None is left out."""
        sent = {"Cookie": self.cookie, "Accept-Encoding": "gzip", **{name.replace("_", "-"): value for name, value in headers.items()}}
        made = self.connection()
        try:
            made.request(method, path, body, {name: value for name, value in sent.items() if value is not None})
            return Answer(made.getresponse())
        finally:
            made.close()

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body, **headers):
        return self.ask("POST", path, json.dumps(body), **{"Origin": self.origin, "Content_Type": "application/json", "X_Annals_CSRF": self.csrf,
                                                           **headers})

    def login(self, token=None):
        answer = self.post("/api/login", {"token": token or self.token})
        if answer.status == 200:
            self.cookie, self.csrf = answer.headers["Set-Cookie"].partition(";")[0], answer.json["csrf"]
        return answer

    def open(self, text, receive_bytes=0):
        """A connection on which this was sent."""
        made = socket.socket(socket.AF_INET)
        if receive_bytes:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        made.settimeout(PATIENCE)
        made.connect((self.host, self.port))
        made.sendall(text.encode())
        return made

    def tail(self, path="/api/tail", **how):
        return self.open(f"GET {path} HTTP/1.1\r\nHost: {self.parts.netloc}\r\nCookie: {self.cookie}\r\n\r\n", **how)


def until_read(made, wanted):
    """What came up to there."""
    text = b""
    while wanted not in text:
        more = made.recv(65536)
        if not more:
            raise AssertionError(text[-500:])
        text += more
    return text


class ConsoleTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-console-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.store = self.place / "store"

    def program(self, *words):
        return self.enterContext(Program(self.store, *words))

    def logged_in(self, program, **how):
        browser = Browser(program.url, **how)
        self.assertEqual(browser.login().status, 200)
        return browser

    def until(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end)
