"""The shop across nodes: server, client and replica are killed at random while the invoices run, and started again. In the end the figures
are those of an undisturbed run, nothing is lost, nothing is there twice, and the replica has the same records as the owner.

A process is killed when a log has grown by a number of bytes that a seeded generator picks: no clock is involved. Set ANNALS_TEST_SEED to
see other moments, and ANNALS_TEST_KILLS for more of them."""
import json
import os
import random
import unittest

from annals_command import Running, figures, log_bytes, log_of, run
from books import Books
from retail import write_invoices
from served import EVERYTHING, ServedTest

SEED = int(os.environ.get("ANNALS_TEST_SEED", "1"))
KILLS = int(os.environ.get("ANNALS_TEST_KILLS", "30"))


class Killed(ServedTest):
    def setUp(self):
        super().setUp()
        self.write_peers(EVERYTHING + 'admin = ["*"]\n')
        self.copy = self.place / "copy"
        self.input = self.place / "invoices.csv"
        self.running = {}
        self.addCleanup(self.end_all)

    def end_all(self):
        for one in self.running.values():
            one.__exit__()
        self.running = {}

    def start(self, name):
        """In place of the one that runs under this name, if any."""
        before = self.running.pop(name, None)
        if before:
            before.__exit__()
        if name == "server":
            one = self.serve()
            self.address = one.address
            self.write_config(runtime="batch_records_max = 40", at=self.address)  # where the others look for it
        elif name == "client":
            one = Running("demo", "--json", "--connect", self.address, "--as", self.remote, "--input", self.input)
        else:
            one = Running("replica", "--json", "--store", self.copy, "--from", self.address, "--as", self.remote)
        self.running[name] = one

    def end_well(self, name):
        """Waits until it exits with status 0. Returns what it has printed."""
        one = self.running[name]
        self.assertEqual(one.process.wait(), 0, one.complained())
        return one.printed()

    def grown(self, store, bytes_more):
        """Waits until a log has grown or the client has ended."""
        least = log_bytes(store) + bytes_more
        self.running["client"].until(lambda: log_bytes(store) >= least)

    def test_case_139_server_client_and_replica_killed_at_random(self):
        write_invoices(self.input, invoices=2_000, seed=SEED)
        whole_store = self.place / "undisturbed"
        whole = self.demo("--input", self.input, store=whole_store)
        step = max(1, log_bytes(whole_store) // KILLS)
        dice, killed = random.Random(SEED), {"server": 0, "client": 0, "replica": 0}
        self.write_config(runtime="batch_records_max = 40")
        for name in ("server", "client", "replica"):
            self.start(name)
        for _ in range(KILLS):
            self.grown(dice.choice((self.store, self.store, self.copy)), dice.choice((0, 1, dice.randrange(2 * step))))
            for name in dice.sample(sorted(killed), dice.choice((1, 1, 2, 3))):
                if self.running[name].is_running():
                    self.running[name].kill()
                    killed[name] += 1
                self.start(name)
        summary = json.loads(self.end_well("client"))
        self.assertEqual(figures(summary), figures(whole))
        self.until(lambda: log_of(self.copy) == log_of(self.store))
        self.assertTrue(all(count > KILLS // 10 for count in killed.values()), killed)
        self.end_all()
        records = log_of(self.store)
        self.assertEqual(log_of(self.copy), records)
        Books(records).close(self, summary, 1_000_000)
        for store in (self.store, self.copy):
            self.verify(store)
        # A promoted copy goes on from there, and has nothing left to do.
        self.assertEqual(run("promote", "--store", self.copy).returncode, 0)
        self.assertEqual(figures(self.demo("--input", self.input, store=self.copy)), figures(whole))
        self.assertEqual(len(log_of(self.copy)), len(records))


if __name__ == "__main__":
    unittest.main(verbosity=2)
