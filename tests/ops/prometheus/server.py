"""Processes that a test looks at while they run: a real Prometheus, and the program that it scrapes."""
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

# Seconds until something is given up for hung: generous, for machines that are busy and for sanitizers.
PATIENCE = 240


class Running:
    """Ended in the end, in order if it can be."""

    def __init__(self, *command):
        self.said = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(list(map(str, command)), stdout=self.said, stderr=subprocess.STDOUT)
        self.ended = os.pidfd_open(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        os.close(self.ended)
        self.said.close()

    def printed(self):
        return os.pread(self.said.fileno(), os.fstat(self.said.fileno()).st_size, 0).decode()

    def until(self, condition, what, pauses=PATIENCE * 10):
        """What the condition answers, once that is true. Asks again after a tenth of a second; an error when the program ends."""
        for _ in range(pauses):
            if found := condition():
                return found
            if select.select([self.ended], [], [], 0.1)[0]:
                raise AssertionError(f"{self.process.args[0]} ended and {what} never came:\n{self.printed()[-4000:]}")
        raise AssertionError(f"{what} never came")

    def find(self, pattern, what):
        """The first group of the pattern, once it is printed."""
        return self.until(lambda: re.search(pattern, self.printed()), what).group(1)


def text_of(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


class Prometheus(Running):
    """Scrapes one target each second. Its data is in `place`, and it listens where the system says that there is room."""

    def __init__(self, place, url, rules):
        target = urllib.parse.urlsplit(url)
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "annals", "scheme": target.scheme, "metrics_path": target.path,
                                "static_configs": [{"targets": [target.netloc]}]}],
        }
        file = place / "prometheus.yml"  # JSON is YAML, too
        file.write_text(json.dumps(config), encoding="utf-8")
        super().__init__("prometheus", f"--config.file={file}", f"--storage.tsdb.path={place / 'data'}", "--web.listen-address=127.0.0.1:0")
        self.address = self.find(r'msg="Listening on" address=(127\.0\.0\.1:[1-9]\d*)', "the address of Prometheus")
        self.until(self.is_ready, "a Prometheus that is ready")

    def is_ready(self):
        try:
            return text_of(f"http://{self.address}/-/ready")
        except (urllib.error.HTTPError, ConnectionError):
            return None

    def ask(self, what, **parameters):
        """The data of the answer; an error of Prometheus is one of the test."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            _, text = text_of(f"http://{self.address}/api/v1/{what}?{query}")
        except urllib.error.HTTPError as wrong:
            raise AssertionError(f"{parameters or what}: {wrong.read().decode()}") from wrong
        answer = json.loads(text)
        if answer["status"] != "success":
            raise AssertionError(f"{parameters or what}: {text}")
        return answer["data"]
