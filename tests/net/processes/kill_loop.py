#!/usr/bin/env python3
"""Servers and clients are killed at random while commands with ids run, for so many seconds. At the end nothing that was answered is lost,
and nothing is there twice.

    NODE_PROGRAM=build/release/tests/net/processes/net_node_program STRANGER=… kill_loop.py [SECONDS [SEED]]"""
import random
import sys
import time

from node import NodesTest, answers

COUNT, WINDOW, KEYS = 40_000, 256, 11


class Loop(NodesTest):
    def runTest(self):  # pylint: disable=invalid-name
        pass

    def live(self, seconds, seed):
        dice = random.Random(seed)
        end = time.monotonic() + seconds
        server, port = self.serve()
        first, given = 1, {}
        tally = {"servers killed": 0, "clients killed": 0, "rounds": 0, "answers": 0, "first answers": 0}
        client = None
        while time.monotonic() < end:
            if client is None:
                client = self.client(port, linked=False, time_out=120_000)
                client.tell("load", "far", first, COUNT, WINDOW, KEYS)
            client.until_count(len(client.said) + dice.randrange(1, COUNT // 3), within=dice.uniform(0.1, 3))
            if f"loaded {first}" in client.said:
                self.take(client, given, tally)
                client, first = None, first + COUNT
                tally["rounds"] += 1
                continue
            which = dice.randrange(4)
            if which != 0:
                server.kill()
                tally["servers killed"] += 1
            if which in (0, 1):
                client.kill()
                tally["clients killed"] += 1
                self.take(client, given, tally)
                client = None
            if which != 0:
                server.close()
                server, _ = self.serve(at=f"127.0.0.1:{port}")
        if client:
            client.line(f"loaded {first}")
            self.take(client, given, tally)
        self.check(server, given, tally)
        return tally

    def take(self, client, given, tally):
        """A client's answers, once it has ended. An answer that was given stands."""
        client.close()
        for tag, answer in answers(client.said).items():
            tally["answers"] += 1
            if answer[0] == "unknown":
                continue
            if tag not in given:
                tally["first answers"] += 1
            self.assertEqual(given.setdefault(tag, answer), answer, f"number {tag}")

    def check(self, server, given, tally):
        found = {}
        for at, _, amount, name in self.log_of(server):
            self.assertEqual(name, f"id-{amount}")
            self.assertNotIn(amount, found, "a second effect")
            found[amount] = at
        self.assertEqual({answer[0] for answer in given.values()}, {"ok"})
        for tag, answer in given.items():
            self.assertEqual(int(answer[1]), found.get(int(tag)), f"number {tag}")
        tally["in the log"] = len(found)
        tally["in the log without an answer"] = len(found) - len(given)


if __name__ == "__main__":
    loop = Loop()
    loop.setUp()
    try:
        print(loop.live(float(sys.argv[1]) if len(sys.argv) > 1 else 60, int(sys.argv[2]) if len(sys.argv) > 2 else 1))
    finally:
        loop.doCleanups()
