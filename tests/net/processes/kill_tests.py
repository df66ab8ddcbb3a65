"""Nodes that are killed and started again while commands run: each command has one effect, and every answer is true."""
from node import NodesTest, answers, main

COUNT, WINDOW, KEYS = 20_000, 512, 7


class Killed(NodesTest):
    def check_effects(self, server, given, numbers):
        """Every number is in the log once, where the answer says, and each key's in their order."""
        found = {}
        by_key = {}
        for at, key, amount, name in self.log_of(server):
            self.assertNotIn(amount, found, f"{amount} took effect twice")
            self.assertEqual(name, f"id-{amount}")
            found[amount] = at
            by_key.setdefault(key, []).append(amount)
        for number in numbers:
            self.assertEqual(given[str(number)], ["ok", str(found[number])], f"number {number}")
        self.assertEqual(set(found), set(numbers))
        return by_key

    def test_case_45_117_a_server_is_killed_with_commands_in_flight(self):
        server, port = self.serve()
        client = self.client(port, time_out=120_000)
        client.tell("load", "far", 1, COUNT, WINDOW, KEYS)
        for part in range(1, 5):
            self.assertTrue(client.until_count(part * COUNT // 6))
            self.assertNotIn("loaded 1", client.said)
            server.kill()
            server, port = self.serve(at=f"127.0.0.1:{port}")
        client.line("loaded 1")
        by_key = self.check_effects(server, answers(client.said), range(1, COUNT + 1))
        for key, amounts in by_key.items():
            self.assertEqual(amounts, sorted(amounts), key)
        self.assertEqual(sum(line == "news far linked" for line in client.said), 5)

    def test_case_129_thousands_of_ids_of_one_aggregate_are_resent_after_a_restart(self):
        window, count = 8_192, 40_000
        server, port = self.serve(commands_max=window)
        client = self.client(port, time_out=120_000)
        client.tell("load", "far", 1, count, window, 1)
        for part in (1, 2):
            self.assertTrue(client.until_count(part * count // 3))
            self.assertNotIn("loaded 1", client.said)
            server.kill()
            server, port = self.serve(at=f"127.0.0.1:{port}", commands_max=window)
        client.line("loaded 1")
        amounts, = self.check_effects(server, answers(client.said), range(1, count + 1)).values()
        self.assertEqual(amounts, sorted(amounts))

    def test_case_117_a_client_is_killed_and_another_one_repeats_by_id(self):
        server, port = self.serve()
        given = {}
        for part in range(1, 4):
            client = self.client(port)
            client.tell("load", "far", 1, COUNT, WINDOW, KEYS)
            self.assertTrue(client.until_count(part * COUNT // 5))
            client.kill()
            for tag, answer in answers(client.said).items():
                self.assertEqual(given.setdefault(tag, answer), answer, "the first answer stands")
        client = self.client(port)
        client.tell("load", "far", 1, COUNT, WINDOW, KEYS)
        client.line("loaded 1")
        last = answers(client.said)
        self.assertEqual({tag: last[tag] for tag in given}, given)
        self.check_effects(server, last, range(1, COUNT + 1))

    def test_case_117_both_are_killed(self):
        server, port = self.serve()
        client = self.client(port)
        client.tell("load", "far", 1, COUNT, WINDOW, KEYS)
        self.assertTrue(client.until_count(COUNT // 3))
        client.kill()
        server.kill()
        server, port = self.serve()
        given = answers(client.said)
        client = self.client(port)
        client.tell("load", "far", 1, COUNT, WINDOW, KEYS)
        client.line("loaded 1")
        last = answers(client.said)
        self.assertEqual({tag: last[tag] for tag in given}, given)
        self.check_effects(server, last, range(1, COUNT + 1))

    def test_case_120_45_each_dial_after_a_restart_makes_a_new_connection(self):
        server, port = self.serve()
        client = self.client(port)
        client.tell("subscribe", "far", "mails")
        for life in range(1, 6):
            after = len(client.said)
            self.assertEqual(self.send(client, "far", "a", 1, f"life-{life}")[0], "ok")
            client.line(f"event {life}", after=0)
            server.kill()
            client.line("news far lost", after=after)
            server, port = self.serve(at=f"127.0.0.1:{port}")
            client.line("news far linked", after=after)
            self.assertEqual(self.counts(server)["links"], 1)
        self.assertEqual(self.send(client, "far", "a", 1, "last"), ["ok", "6"])
        client.line("event 6")
        self.assertEqual([key for _, key, _, _ in self.log_of(server)], ["a"] * 6)


if __name__ == "__main__":
    main()
