"""Nodes that stop answering without ending: frozen processes, and lines that are cut one way."""
import os
import pathlib
import signal
import subprocess

from node import NodesTest, is_root, main, wait_until
from tls import Certificates

SHORT = {"heartbeat": 200, "link_time_out": 1_000}
LONG = {"heartbeat": 200, "link_time_out": 120_000}


def unread_bytes(port):
    """What waits in the sockets of this port that a process has not read."""
    total = 0
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].partition(":")[2], 16) == port and words[3] == "01":
            total += int(words[4].partition(":")[2], 16)
    return total


def connections_of(node):
    """Sockets that a process has open."""
    count = 0
    for one in pathlib.Path(f"/proc/{node.process.pid}/fd").iterdir():
        try:
            count += os.readlink(one).startswith("socket:")
        except FileNotFoundError:
            pass
    return count


class Frozen(NodesTest):
    def test_case_118_38_a_server_is_frozen_for_less_than_the_time_out(self):
        self.link = LONG
        server, port = self.serve()
        client = self.client(port)
        self.assertEqual(self.send(client, "far", "a", 1, "before"), ["ok", "1"])
        server.signal(signal.SIGSTOP)
        for number in range(100):
            client.tell("send", "far", "a", 1, f"frozen-{number}")
        wait_until(lambda: unread_bytes(port) > 1_000, what="commands wait in the server's socket")
        self.assertNotIn("answer frozen-0 ok 2", client.said)
        server.signal(signal.SIGCONT)
        for number in range(100):
            self.assertEqual(client.line(f"answer frozen-{number}"), f"answer frozen-{number} ok {number + 2}")
        self.assertFalse([line for line in client.said if line.startswith("news far lost")])
        self.assertEqual(self.counts(server)["links"], 1)

    def test_case_118_38_a_server_is_frozen_for_more_than_the_time_out(self):
        self.link = SHORT
        server, port = self.serve()
        client = self.client(port, time_out=3_000)
        self.assertEqual(self.send(client, "far", "a", 1, "before"), ["ok", "1"])
        server.signal(signal.SIGSTOP)
        client.tell("send", "far", "a", 2, "abandoned")
        client.line("news far lost")
        self.assertEqual(client.line("answer abandoned").split()[2], "unknown")
        after = len(client.said)
        client.tell("send", "far", "a", 3, "never_sent")
        self.assertEqual(client.line("answer never_sent").split()[2], "not_written")
        server.signal(signal.SIGCONT)
        client.line("news far linked", after=after)
        self.assertEqual(self.send(client, "far", "a", 4, "after")[0], "ok")
        amounts = [amount for _, _, amount, _ in self.log_of(server)]
        # The abandoned one may have been in the server's socket, but it is not sent again.
        self.assertIn(amounts, ([1, 4], [1, 2, 4]))

    def test_case_118_38_a_client_is_frozen_for_more_than_the_time_out(self):
        self.link = SHORT
        server, port = self.serve()
        alone = connections_of(server)
        client = self.client(port)
        self.assertEqual(self.send(client, "far", "a", 1, "before"), ["ok", "1"])
        client.signal(signal.SIGSTOP)
        wait_until(lambda: connections_of(server) == alone, what="the server gives the client up")
        after = len(client.said)
        client.signal(signal.SIGCONT)
        client.line("news far linked", after=after)
        self.assertEqual(self.send(client, "far", "a", 1, "after"), ["ok", "2"])


class Cut(NodesTest):
    """Two namespaces with one line between them."""

    def setUp(self):
        if not is_root():
            self.skipTest("everything was skipped: network namespaces need root and the ip command")
        super().setUp()
        self.link = {**SHORT, **Certificates(self.place).options("a")}
        self.spaces = [f"annals-{os.getpid()}-{side}" for side in ("s", "c")]
        for space in self.spaces:
            made = subprocess.run(["ip", "netns", "add", space], capture_output=True, text=True, check=False)
            if made.returncode:
                self.skipTest(f"everything was skipped: network namespaces are not permitted: {made.stderr.strip()}")
            self.addCleanup(subprocess.run, ["ip", "netns", "delete", space], check=False)
        made = subprocess.run(["ip", "link", "add", "eth0", "netns", self.spaces[0], "type", "veth", "peer", "name", "eth0", "netns",
                               self.spaces[1]], capture_output=True, text=True, check=False)
        if made.returncode:
            self.skipTest(f"everything was skipped: no virtual line: {made.stderr.strip()}")
        for number, space in enumerate(self.spaces, 1):
            self.ip(space, "address", "add", f"10.111.0.{number}/24", "dev", "eth0")
            self.ip(space, "link", "set", "eth0", "up")
            self.ip(space, "link", "set", "lo", "up")

    def ip(self, space, *words):
        subprocess.run(["ip", "-n", space, *words], check=True)

    def cut_one_way(self, blind):
        """What leaves the namespace of this number is lost."""
        inside = [("ip", "netns", "exec", space) for space in self.spaces]
        server, port = self.serve(at="10.111.0.1:0", prefix=inside[0])
        alone = connections_of(server)
        client = self.client(f"10.111.0.1:{port}", prefix=inside[1], time_out=120_000)
        self.assertEqual(self.send(client, "far", "a", 1, "before"), ["ok", "1"])
        route = ("blackhole", f"10.111.0.{2 - blind}/32")
        self.ip(self.spaces[blind], "route", "add", *route)
        client.tell("send", "far", "a", 2, "meanwhile")
        client.line("news far lost")
        wait_until(lambda: connections_of(server) == alone, what="the server notices")
        after = len(client.said)
        self.ip(self.spaces[blind], "route", "delete", *route)
        client.line("news far linked", after=after)
        self.assertEqual(client.line("answer meanwhile"), "answer meanwhile ok 2")
        self.assertEqual([amount for _, _, amount, _ in self.log_of(server)], [1, 2])

    def test_case_119_what_the_client_sends_is_lost(self):
        self.cut_one_way(1)

    def test_case_119_what_the_server_sends_is_lost(self):
        self.cut_one_way(0)


if __name__ == "__main__":
    main()
