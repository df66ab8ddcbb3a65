"""Several nodes at once, slow lines between them, and a client that forks."""
from node import NodesTest, answers, main, wait_until
from proxy import Proxy

MIB = 1 << 20


class Links(NodesTest):
    def proxy(self, to, rate=None):
        one = Proxy(to, rate)
        self.addCleanup(one.close)
        return one

    def test_case_131_both_nodes_serve_and_connect_to_each_other(self):
        ledger, ledger_port = self.serve()
        archive, archive_port = self.serve(name="archive")
        self.connect(ledger, archive_port, name="ledger", server="archive", linked=False)
        self.connect(archive, ledger_port, name="archive", linked=False)
        for one in (ledger, archive):
            one.line("news far linked")
        ledger.tell("load", "far", 1, 5_000, 64, 3)
        archive.tell("load", "far", 1, 5_000, 64, 3)
        for one in (ledger, archive):
            one.line("loaded 1")
        for one in (ledger, archive):
            self.assertEqual({answer[0] for answer in answers(one.said).values()}, {"ok"})
            self.assertEqual(sorted(amount for _, _, amount, _ in self.log_of(one)), list(range(1, 5_001)))
        # One of them goes, and comes again: both links come to stand again.
        archive.kill()
        ledger.line("news far lost")
        after = len(ledger.said)
        archive, _ = self.serve(name="archive", at=f"127.0.0.1:{archive_port}")
        self.connect(archive, ledger_port, name="archive")
        ledger.line("news far linked", after=after)
        self.assertEqual(self.send(ledger, "far", "k-0", 1, "again")[0], "ok")
        self.assertEqual(self.send(archive, "far", "k-0", 1, "again")[0], "ok")

    def test_case_134_one_peer_has_everything_outstanding(self):
        server, port = self.serve()
        _, history = server.ask("head", "here", answer="head")[1:]
        greedy = self.stranger("waits", port, 1_024, history)
        greedy.line("ready")
        greedy.tell()
        greedy.line("sent")
        # Its commands: as many as it may have, and no answer is ever confirmed.
        line = self.proxy(port)
        flooding = self.client(line.port, "till", link_time_out=3_600_000, time_out=3_600_000)
        self.assertEqual(self.send(flooding, "far", "a", 1, "before")[0], "ok")
        line.held["down"] = True
        flooding.tell("flood", "far", 16_000, 16_000)
        wait_until(lambda: server.ask("head", "here", answer="head")[1] == "16002", what="its commands are taken")
        client = self.client(port)
        for number in range(200):
            self.assertEqual(self.send(server, "here", "local", 1, f"local-{number}")[0], "ok")
            self.assertEqual(self.send(client, "far", "other", 1, f"other-{number}")[0], "ok")
        self.assertEqual(client.ask("ask", "far", "other", "asked", answer="answer asked")[2], "ok")
        self.assertEqual(server.ask("ask", "here", "local", "asked", answer="answer asked")[2], "ok")
        self.assertFalse([line for line in flooding.said if "lost" in line])
        line.held["down"] = False
        self.assertEqual(flooding.line("flooded"), "flooded 16000 0")

    def test_case_135_large_commands_and_events_over_a_slow_line(self):
        self.link = {"heartbeat": 200, "link_time_out": 3_000}
        server, port = self.serve()
        line = self.proxy(port, rate=2 * MIB)  # 8 MiB take longer than the time-out
        client = self.client(line.port)
        client.tell("note", "far", "a", 8 * MIB - 100, "large")
        client.tell("note", "far", "a", MIB - 100, "event")
        for number in range(20):
            client.tell("send", "far", "b", 1, f"small-{number}")
        self.assertIn("too_large", client.line("answer large"))  # it has arrived whole: its event may not be that large
        self.assertEqual(client.line("answer event").split()[2], "ok")
        for number in range(20):
            self.assertEqual(client.line(f"answer small-{number}").split()[2], "ok")
        self.assertGreater(line.carried["up"], 9 * MIB)
        sizes = [amount for _, key, amount, _ in self.log_of(client, "far") if key == "a"]
        self.assertEqual(len(sizes), 1)
        self.assertLess(sizes[0], -(MIB - 101))
        self.assertFalse([said for said in client.said if said.startswith("news far lost")])
        self.assertEqual(line.connections, 1)

    def test_case_135_37_the_line_is_cut_in_the_middle_of_a_large_command(self):
        server, port = self.serve()
        line = self.proxy(port, rate=2 * MIB)
        client = self.client(line.port)
        client.tell("note", "far", "a", MIB - 100, "event")
        wait_until(lambda: line.carried["up"] > MIB // 4, what="a part has gone")
        after = len(client.said)
        line.cut()
        client.line("news far lost", after=after)
        client.line("news far linked", after=after)
        self.assertEqual(client.line("answer event"), "answer event ok 1")
        self.assertEqual(len(self.log_of(server)), 1)

    def test_case_37_a_command_whose_link_was_lost_is_unknown_and_its_retry_is_safe(self):
        server, port = self.serve()
        line = self.proxy(port)
        client = self.client(line.port, time_out=1_000, link_time_out=3_600_000)
        self.assertEqual(self.send(client, "far", "a", 1, "before")[0], "ok")
        line.held["down"] = True
        client.tell("send", "far", "a", 2, "lost", "an-id")
        self.assertEqual(client.line("answer lost").split()[2], "unknown")
        after = len(client.said)
        line.held["down"] = False
        line.cut()
        client.line("news far linked", after=after)
        self.assertEqual(self.send(client, "far", "a", 2, "again", "an-id"), ["ok", "2"])
        self.assertEqual([amount for _, _, amount, _ in self.log_of(server)], [1, 2])

    def test_case_137_a_client_forks(self):
        server, port = self.serve()
        client = self.client(port)
        for number in range(5):
            said = client.ask("fork", "far", answer="child")
            self.assertEqual(said, ["child", "0"], "the call of this number was not misuse")
            self.assertEqual(client.line("answer of_the_parent").split()[2], "ok")
            self.assertEqual(self.send(client, "far", "a", 1, f"after-{number}")[0], "ok")
        self.assertFalse([line for line in client.said if line.startswith("news far lost")])
        self.assertEqual(len(self.log_of(server)), 10)
        self.assertEqual(client.finish(), 0)


if __name__ == "__main__":
    main()
