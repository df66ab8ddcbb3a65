"""Peers that do not keep to the protocol, while another peer is served."""
import argparse
import os
import random
import socket
import struct
import sys

from node import NodesTest, main, wait_until
from proxy import Proxy

SEED = int(os.environ.get("ANNALS_TEST_SEED", "1"))
FUZZ_SECONDS = 60
MIB_IN_KIB = 1024


def talk(port, data):
    """What the server says until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), 60) as one:
        said = b""
        try:
            one.sendall(data)
            while piece := one.recv(65_536):
                said += piece
        except ConnectionError:
            pass
        return said


def basp(operation, length, version=3, payload=b""):
    """A header of CAF's protocol: operation, padding, flags, length, operation data, two actor ids."""
    return struct.pack(">BBBBIQQQ", operation, 0, 0, 0, length, version, 0, 0) + payload


class Strangers(NodesTest):
    def serving(self, **more):
        """A server, and a client whose commands run meanwhile."""
        server, port = self.serve(**more)
        client = self.client(port)
        self.send(client, "far", "a", 1, "warm")
        return server, port, client

    def check_serves(self, client, tag):
        for number in range(20):
            self.assertEqual(self.send(client, "far", "a", 1, f"{tag}-{number}")[0], "ok")
        self.assertFalse([line for line in client.said if line.startswith("news far lost")])

    def test_case_121_a_connection_that_never_says_hello_is_closed_and_counted(self):
        server, port, client = self.serving(link_time_out=4_000)
        before = self.counts(server)
        talk(port, b"")  # returns when the server closes it
        self.assertEqual(self.counts(server)["timed_out"] - before["timed_out"], 1)
        self.check_serves(client, "silent")

    def test_case_121_a_server_that_never_answers_hello_is_no_link(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            client = self.client(port, linked=False, time_out=500)
            self.assertEqual(self.send(client, "far", "a", 1, "never")[0], "not_written")
            first, _ = silent.accept()
            with first:
                self.assertNotIn("news far linked", client.said)
                while first.recv(65_536):  # until the client gives it up
                    pass
        self.serve(at=f"127.0.0.1:{port}")
        client.line("news far linked")
        self.assertEqual(self.send(client, "far", "a", 1, "then")[0], "ok")

    def test_case_127_a_wrong_key_and_a_right_that_is_taken_away(self):
        server, port, client = self.serving()
        before = self.counts(server)
        liar = self.node()
        self.connect(liar, port, linked=False, time_out=2_000, key=self.place / "stranger.key")  # under the name of another peer
        self.assertEqual(self.send(liar, "far", "a", 1, "lie")[0], "not_written")
        self.assertNotIn("news far linked", liar.said)
        self.assertGreater(self.counts(server)["refused"], before["refused"])
        peers = self.place / "peers.toml"
        peers.write_text(peers.read_text().replace('append = ["*"]', 'append = ["other"]'))
        self.assertEqual(server.ask("reload", answer="reloaded"), ["reloaded"])
        self.assertEqual(self.send(client, "far", "a", 1, "taken")[0], "forbidden")
        self.assertEqual(self.counts(server)["forbidden"] - before["forbidden"], 1)
        self.assertEqual(len(self.log_of(server)), 1)

    def test_case_124_39_garbage_is_closed_and_counted(self):
        server, port, client = self.serving()
        dice = random.Random(SEED)
        before, rss = self.counts(server), server.rss_kib()
        said = [talk(port, one) for one in (  # each has a whole header, as CAF reads it
            b"GET / HTTP/1.1\r\nHost: ledger\r\n\r\n" + b"x" * 64,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + dice.randbytes(600),
            *(dice.randbytes(dice.randrange(32, 2_000)) for _ in range(50)))]
        wait_until(lambda: self.counts(server)["malformed"] - before["malformed"] == len(said), 60, "each of them is counted")
        self.assertLess(server.rss_kib() - rss, 32 * MIB_IN_KIB)
        self.check_serves(client, "garbage")

    def test_case_124_39_a_header_that_announces_gigabytes_is_closed_and_counted(self):
        server, port, client = self.serving()
        before, rss = self.counts(server), server.rss_kib("VmHWM")
        for length in (66_000_000, 2**31 - 1, 2**31, 2**32 - 16):
            talk(port, basp(1, length))
        wait_until(lambda: self.counts(server)["malformed"] - before["malformed"] == 4, 60, "each of them is counted")
        self.assertLess(server.rss_kib("VmHWM") - rss, 32 * MIB_IN_KIB)
        self.check_serves(client, "large")

    def test_case_124_another_version_of_cafs_protocol_is_closed(self):
        server, port, client = self.serving()
        for version in (0, 1, 2, 4, 8, 2**40):
            talk(port, basp(1, 40, version, b"\0" * 40))
        self.check_serves(client, "version")

    def test_case_124_41_another_version_is_told_so(self):
        server, port, client = self.serving()
        before = self.counts(server)
        stranger = self.stranger("version", port)
        self.assertEqual(stranger.ended(), 0, stranger.complained())
        self.assertIn("version", stranger.said[0])
        self.assertRegex(stranger.said[0], "7.*9|1")
        self.assertEqual(stranger.said[1], "closed")
        self.assertEqual(self.counts(server)["refused"] - before["refused"], 1)
        self.check_serves(client, "version")

    def test_case_124_40_an_unknown_call_is_an_error_and_an_unknown_frame_the_end(self):
        server, port, client = self.serving()
        before = self.counts(server)
        stranger = self.stranger("unknown", port)
        self.assertEqual(stranger.ended(), 0, stranger.complained())
        self.assertIn("no such call", stranger.said[0])
        self.assertEqual(stranger.said[1], "closed")
        self.assertEqual(self.counts(server)["malformed"] - before["malformed"], 1)
        self.check_serves(client, "unknown")

    def test_case_122_134_a_peer_that_never_reads_its_answers_has_bounded_memory(self):
        server, port, client = self.serving(bytes_max=16 << 20)
        for number in range(40):
            self.assertEqual(client.ask("note", "far", "large", 1_000_000, f"n-{number}", answer=f"answer n-{number}")[2], "ok")
        proxy = Proxy(port)
        self.addCleanup(proxy.close)
        greedy = self.stranger("reads_nothing", proxy.port, 1_000)  # 1,000 answers of 1 MiB each
        greedy.line("ready")
        proxy.held["down"] = True
        rss = server.rss_kib()
        greedy.tell()
        greedy.line("sent")
        wait_until(lambda: server.ask("ask", "here", "marker", "m", answer="answer m")[2:] == ["ok", "1"], what="its calls are taken")
        # Another peer does not wait behind all of it; another handle of this one does.
        said = client.ask("health", "far", answer="health")
        self.assertEqual(said[0], "health", said)
        behind = self.client(port, "stranger", time_out=200_000)
        said = behind.ask("health", "far", answer="health")
        self.assertEqual(said[0], "health", said)
        grown = server.rss_kib("VmHWM") - rss
        print(f"server grew by {grown // MIB_IN_KIB} MiB", file=sys.stderr)
        self.assertLess(grown, 96 * MIB_IN_KIB)
        self.check_serves(client, "never-reads")

    def test_case_122_a_peer_that_never_reads_has_as_many_commands_as_its_credit(self):
        server, port, client = self.serving(commands_max=1_000)
        proxy = Proxy(port)
        self.addCleanup(proxy.close)
        greedy = self.client(proxy.port, "till", link_time_out=3_600_000, time_out=3_600_000)
        proxy.held["down"] = True
        greedy.tell("load", "far", 1, 5_000, 5_000, 3)
        wait_until(lambda: len(self.log_of(server)) >= 1_001, what="its commands are taken")
        self.assertTrue(greedy.until(lambda said: sum(" overloaded " in line for line in said) == 4_000, 60))
        self.check_serves(client, "never-reads")
        proxy.held["down"] = False
        greedy.line("loaded 1")
        self.assertEqual(sum(" ok " in line for line in greedy.said), 1_000)

    def test_case_136_cafs_own_actors_are_not_there(self):
        server, port, client = self.serving()
        stranger = self.stranger("caf", port)
        self.assertEqual(stranger.ended(), 0, stranger.complained())
        self.assertEqual(stranger.said, ["ConfigServ not there", "SpawnServ not there", "spawned nothing"])
        self.check_serves(client, "caf")

    def test_case_124_39_40_mutated_messages_with_right_seals(self):
        self.fuzz(FUZZ_SECONDS)

    def fuzz(self, seconds):
        # Each link of the fuzzer has a session of its own.
        server, port, client = self.serving(sessions_max=65_536, session_kept=50)
        rss = server.rss_kib()
        stranger = self.stranger("fuzz", port, SEED, seconds)
        served = 0
        while stranger.process.poll() is None:
            self.assertEqual(self.send(client, "far", "a", 1, f"meanwhile-{served}")[0], "ok", server.complained()[-2000:])
            served += 1
        self.assertEqual(stranger.ended(), 0, stranger.complained())
        self.assertIsNone(server.process.poll(), server.complained()[-2000:])
        print(stranger.said[-1], f"served meanwhile {served}", self.counts(server), f"server grew by {server.rss_kib() - rss} KiB",
              file=sys.stderr)
        words = stranger.said[-1].split()
        did = dict(zip(words[::2], map(int, words[1::2])))
        self.assertGreater(min(did["hellos"], did["proofs"], did["sessions"], did["closed"]), 10, did)
        # A dial may meet a connection that is about to end; a handle dials again.
        self.assertLessEqual(100 * did["refused"], did["links"])
        counted = self.counts(server)
        self.assertGreater(counted["malformed"], 10)
        self.assertLessEqual(counted["malformed"] + counted["refused"], did["links"], "each link is counted once")
        self.check_serves(client, "fuzzed")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--fuzz-seconds", type=int, default=FUZZ_SECONDS)
    known, rest = arguments.parse_known_args()
    FUZZ_SECONDS = known.fuzz_seconds
    sys.argv[1:] = rest
    main()
