"""A mock cluster of librdkafka, its topics as kcat sees them, and the commands that work with it."""
import collections
import json
import os
import subprocess
import time

from annals_command import PATIENCE, Running

MOCK = os.environ.get("MOCK_BROKERS")  # none in a build without Kafka

# Clients that find a restarted member, a new topic or a broker quickly.
QUICK = {"topic.metadata.refresh.fast.interval.ms": "20", "reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "50", "retry.backoff.ms": "10"}
# The mock lets the first member of a group wait 3 s, in which its session must not end.
QUICK_MEMBER = QUICK | {"session.timeout.ms": "3500", "heartbeat.interval.ms": "200"}


def seldom(condition, every=0.2):
    """The condition, which takes a process to find out: not looked at again at once, and given up when it stays false for too long."""
    next_look, end = 0, time.monotonic() + PATIENCE

    def look():
        nonlocal next_look
        if time.monotonic() > end:
            raise AssertionError("what is waited for does not come")
        if time.monotonic() < next_look:
            return False
        found = condition()
        next_look = time.monotonic() + every
        return found
    return look


class Brokers:
    """The cluster, with these topics: name and number of partitions."""

    def __init__(self, **topics):
        self.topics = topics
        self.process = subprocess.Popen([MOCK, *(f"{name}:{count}" for name, count in topics.items())],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def tell(self, line):
        """Its answer."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def count(self, *topics):
        """The messages in these topics, or in all of them."""
        return self.tell("count " + " ".join(topics or self.topics))

    def kcat(self, *arguments, text=True, **how):
        done = subprocess.run(["kcat", "-b", self.address, *map(str, arguments)], capture_output=True, text=text, timeout=PATIENCE, **how)
        if done.returncode != 0:
            raise AssertionError(f"kcat {arguments}: {done.stderr}")
        return done.stdout

    def messages(self, topic):
        """What kcat prints of each: partition, offset, key, payload; and headers as a mapping."""
        all_of_topic = [json.loads(line) for line in self.all_of(topic, "-J").splitlines()]
        for one in all_of_topic:
            one["headers"] = dict(zip(one["headers"][::2], one["headers"][1::2]))
        return self.whole(all_of_topic)

    @staticmethod
    def whole(messages):
        """These, from the first offset of each partition on: beyond 5 MiB of a partition the mock drops the oldest messages."""
        for (topic, partition), part in by_partition(messages).items():
            if part[0]["offset"] > 0:
                raise AssertionError(f"partition {partition} of {topic} is longer than the mock cluster keeps: begins at {part[0]['offset']}")
        return messages

    def raw_messages(self, topic):
        """The same for a payload that need not be text: it is bytes. No header has a comma or a line break."""
        left, found = self.all_of(topic, "-f", r"%p %o %K %S\n%h\n%k%s", text=False), []
        while left:
            sizes, headers, left = left.split(b"\n", 2)
            partition, offset, key, payload = map(int, sizes.split())
            pairs = (pair.partition("=") for pair in headers.decode().split(",") if pair)
            found.append({"topic": topic, "partition": partition, "offset": offset, "headers": {name: value for name, _, value in pairs},
                          "key": left[:max(key, 0)].decode(), "payload": left[max(key, 0):max(key, 0) + max(payload, 0)]})
            left = left[max(key, 0) + max(payload, 0):]
        return found

    def all_of(self, topic, *form, **how):
        """A fetch that finds nothing more is answered at once."""
        return self.kcat("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "fetch.wait.max.ms=10", *form, **how)

    def put_file(self, topic, key, path):
        """The file is one message, for the first partition."""
        self.kcat("-P", "-t", topic, "-p", 0, "-k", key, path)

    def put(self, topic, messages, partition):
        """Key and value of each, a line each."""
        text = "".join(f"{key}\t{value}\n" for key, value in messages)
        self.kcat("-P", "-t", topic, "-p", str(partition), "-K", "\t", input=text)


def properties(table, some):
    return f"[{table}]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in some.items())


class Connector(Running):
    """`annals relay`, `intake` or `sink`, from the moment when it says that it has begun; or its end, if it cannot."""

    def __init__(self, *arguments):
        super().__init__(*arguments, "--json")
        self.until(lambda: "\n" in self.printed())

    def end_well(self, test):
        """Ends it in order: what it prints at last."""
        test.assertEqual(self.kill(15), 0, self.complained())
        return json.loads(self.printed().splitlines()[-1])


def by_partition(messages):
    """In the order of their offsets."""
    parts = collections.defaultdict(list)
    for one in messages:
        parts[(one["topic"], one["partition"])].append(one)
    for part in parts.values():
        part.sort(key=lambda one: one["offset"])
    return parts
