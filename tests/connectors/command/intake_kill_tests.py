"""`annals intake` killed at any moment and started again each time: each message has its effect once. What cannot be mapped, and what the domain
rejects, is in the dead-letter topic with the reason.

A life ends when the log has grown by a number of bytes that a seeded generator picks: no clock is involved. Set ANNALS_TEST_SEED to see other
moments, and ANNALS_TEST_KILLS for more lives."""
import collections
import json
import os
import random
import signal
import unittest

from annals_command import lines_of, log_bytes, log_of, one
from brokers import QUICK, QUICK_MEMBER, Brokers, Connector, properties, seldom
from served import ServedTest

SEED = int(os.environ.get("ANNALS_TEST_SEED", "1"))
LIVES = int(os.environ.get("ANNALS_TEST_KILLS", "6"))
ACCOUNTS, PARTITIONS, DEPOSITS = 12, 3, 3_000


class IntakeTest(ServedTest):
    def setUp(self):
        super().setUp()
        self.brokers = Brokers(commands=PARTITIONS, refused=1)
        self.addCleanup(self.brokers.close)
        self.intake = self.place / "intake.toml"
        self.intake.write_text(f'batch_records_max = 40\n[intake]\ngroup = "bank"\nbrokers = "{self.brokers.address}"\ntopics = ["commands"]\n'
                               'dead_letter_topic = "refused"\ncommit_every = "50 ms"\nin_flight_max = 64\n'
                               + properties("intake.properties", QUICK_MEMBER) + properties("intake.dead_letter_properties", QUICK))

    def put(self, messages):
        """Each to the partition of its account."""
        parts = collections.defaultdict(list)
        for account, value in messages:
            parts[int(account) % PARTITIONS].append((account, value if isinstance(value, str) else json.dumps(value)))
        for partition, some in parts.items():
            self.brokers.put("commands", some, partition)

    def balance(self, place, account):
        return one("state", f"account-{account}", *place)["state"]["cents"]

    def records(self):
        return log_of(self.store) if log_bytes(self.store) else []

    def refusals(self):
        """Reason by partition and offset; a message may be there twice."""
        found = {}
        for message in self.brokers.messages("refused"):
            headers = message["headers"]
            found[headers["annals_partition"], headers["annals_offset"]] = (headers["annals_error"], headers["annals_reason"])
        return found


class Killed(IntakeTest):
    def fill(self, dice):
        """Puts deposits and some messages that are none. Returns what each account gets, and the number of refusals."""
        self.put((str(n), {"command": "open_account", "account": str(n), "owner": "Ada"}) for n in range(ACCOUNTS))
        expected, wrong, messages = collections.Counter(), 0, []
        for n in range(DEPOSITS):
            account, cents = str(dice.randrange(ACCOUNTS)), dice.randrange(1, 1_000)
            if n % 97 == 0:
                wrong += 1
                messages.append((account, dice.choice(("no JSON", {"command": "deposit", "account": account, "cents": -1}))))
            else:
                expected[account] += cents
                messages.append((account, {"command": "deposit", "account": account, "cents": cents}))
        self.put(messages)
        return expected, wrong

    def live(self, dice, place, size):
        """Cut short when the log has grown, or when all is done."""
        least = log_bytes(self.store) + dice.choice((0, 1, dice.randrange(size), dice.randrange(size)))
        with Connector("intake", *place, "--config", self.intake) as intake:
            self.assertTrue(intake.is_running(), intake.complained())
            is_done = seldom(lambda: self.deposits() >= self.all_deposits)
            intake.until(lambda: log_bytes(self.store) >= least or is_done())
            self.assertEqual(intake.kill(), -9)

    def deposits(self):
        """How many are in the log, or none while there is none yet."""
        if log_bytes(self.store) == 0:
            return 0
        found, = lines_of("stats", "--store", self.store)
        return found["categories"].get("account", {"records": 0})["records"] - ACCOUNTS

    def deposit(self, expected, *accounts):
        self.put([(account, {"command": "deposit", "account": account, "cents": 7}) for account in accounts])
        self.all_deposits += len(accounts)
        for account in accounts:
            expected[account] += 7

    def takes_all(self, place, wrong):
        """In order to its end: how many messages it took."""
        with Connector("intake", *place, "--config", self.intake) as intake:
            is_done = seldom(lambda: self.deposits() >= self.all_deposits and len(self.refusals()) >= wrong)
            self.assertTrue(intake.until(is_done), intake.complained())
            taken = intake.end_well(self)["taken"]
        self.assertEqual(self.deposits(), self.all_deposits)
        return taken

    def end(self, place, expected, wrong):
        self.deposit(expected, *map(str, range(PARTITIONS)))  # in each partition something is left, so it joins and commits each
        self.takes_all(place, wrong)
        for _ in range(3):  # the last commit of a life need not get through, so more than one may be needed
            self.deposit(expected, *map(str, range(PARTITIONS)))
            if self.takes_all(place, wrong) == PARTITIONS:
                return  # it went on behind what was committed
        self.fail("lives that ended in order took again what those before had answered")

    def check(self, place, expected, wrong):
        self.assertEqual({str(n): self.balance(place, n) for n in range(ACCOUNTS)}, {str(n): expected[str(n)] for n in range(ACCOUNTS)})
        self.assertEqual(len(self.refusals()), wrong)
        self.assertEqual(set(self.refusals().values()) - {("undecodable", "the message is no JSON object"), ("rejected", "bad_amount")}, set())

    def test_killed_as_the_writer_of_the_store(self):
        dice = random.Random(SEED)
        expected, wrong = self.fill(dice)
        self.all_deposits = DEPOSITS - wrong
        place = ("--store", self.store)
        for _ in range(LIVES):
            self.live(dice, place, 200_000)
        self.end(place, expected, wrong)
        self.check(place, expected, wrong)
        self.verify()

    def test_killed_beside_a_node_that_lives_on(self):
        dice = random.Random(SEED + 1)
        expected, wrong = self.fill(dice)
        self.all_deposits = DEPOSITS - wrong
        self.write_config(runtime="batch_records_max = 40")
        with self.serve() as node:
            place = self.far(node)
            for _ in range(LIVES):
                self.live(dice, place, 200_000)
            self.end(place, expected, wrong)
            self.check(place, expected, wrong)
            self.assertEqual(node.kill(15), 0)
        self.verify()


class Mapped(IntakeTest):
    def test_commands_of_the_bank_and_the_shop(self):
        place = ("--store", self.store)
        order = {"command": "place_order", "order": "o-1", "customer": "Ada", "country": "France",
                 "lines": [{"sku": "tea", "quantity": 2, "unit_price_cents": 250}]}
        self.put([("1", {"command": "open_account", "account": "1", "owner": "Ada"}),
                  ("1", {"command": "deposit", "account": "1", "cents": 500}),
                  ("1", {"command": "withdraw", "account": "1", "cents": 200}),
                  ("1", {"command": "receive_delivery", "delivery": "d-1", "kind": "initial_stock", "lines": [{"sku": "tea", "quantity": 5}]}),
                  ("1", order)])
        with Connector("intake", *place, "--config", self.intake) as intake:
            self.assertTrue(intake.until(seldom(lambda: any(r["type"] == "order_placed" for r in self.records()))), intake.complained())
            self.assertEqual(intake.end_well(self), {"taken": 5, "accepted": 5, "refused": 0})
        self.assertEqual(self.balance(place, 1), 300)
        placed, = [r["payload"] for r in log_of(self.store) if r["type"] == "order_placed"]
        self.assertEqual((placed["customer"], placed["lines"], placed["total_cents"]), ("Ada", order["lines"], 500))


class Linked(IntakeTest):
    def deposits(self):
        return [record["payload"]["cents"] for record in self.records() if record["type"] == "money_deposited"]

    def test_with_the_least_rights_and_across_a_restart_of_the_node(self):
        self.write_peers('append = ["account"]\n')
        some = range(1, 1_501)
        self.put([("1", {"command": "open_account", "account": "1", "owner": "Ada"})])
        self.put(("1", {"command": "deposit", "account": "1", "cents": cents}) for cents in some)
        self.write_config(runtime="batch_records_max = 40")
        with self.serve() as first:
            before = log_bytes(self.store)
            intake = Connector("intake", *self.far(first), "--config", self.intake)
            self.addCleanup(intake.__exit__, None, None, None)
            self.assertTrue(intake.until(seldom(lambda: log_bytes(self.store) > before, every=0)), intake.complained())
            self.write_config(at=first.address)
            self.assertEqual(first.kill(15), 0, first.complained())
            self.assertLess(len(self.deposits()), len(some), "the node has ended too late to be in the way")
            with self.serve() as second:
                self.assertTrue(intake.until(seldom(lambda: len(self.deposits()) >= len(some))), intake.complained())
                self.assertEqual(intake.end_well(self), {"taken": len(some) + 1, "accepted": len(some) + 1, "refused": 0})
                self.assertEqual(second.kill(15), 0, second.complained())
        self.assertEqual(self.deposits(), list(some))

    def test_a_right_that_is_missing_is_named_and_can_be_given_later(self):
        self.write_peers('append = ["order"]\n')
        self.put([("1", {"command": "open_account", "account": "1", "owner": "Ada"})])
        with self.serve() as node, Connector("intake", *self.far(node), "--config", self.intake) as intake:
            self.assertTrue(intake.until(lambda: "forbidden" in intake.complained()))
            self.assertEqual(self.records(), [])
            self.write_peers('append = ["account"]\n')
            node.process.send_signal(signal.SIGHUP)
            self.assertTrue(intake.until(seldom(self.records)), intake.complained())
            self.assertEqual(intake.end_well(self), {"taken": 1, "accepted": 1, "refused": 0})
            self.assertEqual(node.kill(15), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
