"""A relay with `exactly_once`, killed at any moment: what was committed is not published again, and a consumer of committed messages gets each
event once.

The brokers are a mock, which knows no aborted transaction: all that a life has written stays visible, also the record of positions that the
next life goes by. So the test decides what became of the transaction that a kill cut short. If its record and all events that the record lists
are there, it counts as committed. Otherwise it counts as aborted, as real brokers do when the next life begins: if its record is there, a copy
of the record before it is put behind it."""
import collections
import random

from annals_command import lines_of, log_of
from brokers import Connector, by_partition, seldom
from packed import unpacked
from relays import CATEGORIES, LIVES, SEED, RelayTest

KILLS = max(LIVES // 2, 4)
ORDERS_EACH = 150  # so that the shop still runs when transactions do
POSITIONS = "annals-relay-out"


def position_of(message):
    return int(message["headers"]["ce_position"])


class KilledExactlyOnce(RelayTest):
    def setUp(self):
        super().setUp()
        self.write_relay("batch_events_max = 128\nexactly_once = true\n")
        self.aborted = set()  # offsets of records
        self.ends = {}  # of each partition, after the last kill
        self.ends_when_committed = {}  # by position: those after the first kill that found it committed
        self.cut_short = self.not_acknowledged = 0  # kills that found a transaction like that

    def messages(self):
        return by_partition(self.brokers.whole([one for category in CATEGORIES for one in self.brokers.raw_messages(f"shop.{category}")]))

    def records(self):
        """Those that count, with the positions that each lists."""
        found = [one for one in self.brokers.raw_messages(POSITIONS) if one["offset"] not in self.aborted]
        return [one | {"lists": set(unpacked(one["payload"])["positions"])} for one in found]

    def abort(self, record, before):
        self.aborted.add(record["offset"])
        file = self.place / "record"
        file.write_bytes(before["payload"])
        self.brokers.put_file(POSITIONS, "out", file)

    def decide(self):
        """What Kafka has committed of all that is there now. Returns the messages and these positions."""
        records = self.records()
        messages = self.messages()
        there = {position_of(one) for part in messages.values() for one in part}
        for record in records[:-1]:
            self.assertLessEqual(record["lists"], there, "a transaction began before all events of the one before it were there")
        if not records[-1]["lists"] <= there:
            self.abort(records.pop(), records[-1])
        return messages, set().union(*(record["lists"] for record in records))

    def live_and_look(self, dice, place, orders=None):
        """As live(). Most of a life is spent within transactions, since the brokers are slow; different topics show different moments of one."""
        topic, most = dice.choice((("shop.inventory", 120), ("shop.payment", 40), (POSITIONS, 6)))
        self.brokers.tell("slow 8")
        was_running = self.live(dice, place, orders, some=(topic,), most=most)
        self.brokers.tell("slow 0")
        self.look(place)
        return was_running

    def look(self, place):
        found, = lines_of("stats", *place)
        acknowledged = found["subscriptions"]["out"]["at"]  # all up to there; some behind it may be, too
        aborted = len(self.aborted)
        messages, committed = self.decide()
        fresh = {position_of(one) for part, all_of_part in messages.items() for one in all_of_part if one["offset"] >= self.ends.get(part, 0)}
        self.ends = {part: all_of_part[-1]["offset"] + 1 for part, all_of_part in messages.items()}
        for position in committed:
            self.ends_when_committed.setdefault(position, self.ends)
        self.cut_short += len(self.aborted) > aborted or not fresh <= committed
        self.not_acknowledged += max(committed) > acknowledged

    def end(self, place):
        """One more life, with large batches, which ends in order; and then what there is to see."""
        self.write_relay("exactly_once = true\n")
        with Connector("relay", *place, "--config", self.relay) as relay:
            self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
            self.assertEqual(relay.end_well(self)["refused"], 0)
        messages, committed = self.decide()
        self.assertEqual(committed, {record["position"] for record in log_of(self.store)})
        for part, all_of_part in messages.items():
            for one in all_of_part:
                ends = self.ends_when_committed.get(position_of(one))
                if ends is not None:
                    self.assertLess(one["offset"], ends.get(part, 0), f"position {position_of(one)} was committed and is published again in {part}")
        self.check_what_consumers_see(messages)
        self.check_against_the_log(self.store)

    def check_what_consumers_see(self, messages):
        """Those of committed messages see the last copy of each event: those before it were in transactions that were aborted."""
        last = {position_of(one): one for part in messages.values() for one in part}
        for part in messages.values():
            versions = collections.Counter()
            for one in part:
                if last[position_of(one)] is one:
                    versions[one["key"]] += 1
                    self.assertEqual(int(one["headers"]["ce_streamversion"]), versions[one["key"]], (one["key"], one["offset"]))

    def have_kills_hit_transactions(self):
        return self.cut_short > 0 and self.not_acknowledged > 0 and self.cut_short + self.not_acknowledged >= KILLS // 2

    def check_that_kills_hit_transactions(self):
        self.assertGreater(self.cut_short, 0, "no kill cut a transaction short")
        self.assertGreater(self.not_acknowledged, 0, "no kill came between a transaction and its acknowledgement")
        self.assertGreaterEqual(self.cut_short + self.not_acknowledged, KILLS // 2, "too few kills found one under way")

    def test_killed_while_the_shop_runs_and_after(self):
        dice = random.Random(SEED + 2)
        beside_the_shop = 0
        with self.serve() as node:
            place = self.far(node)
            lives = 0
            while lives < KILLS or ((beside_the_shop < KILLS // 4 or not self.have_kills_hit_transactions()) and lives < 5 * KILLS):
                lives += 1
                beside_the_shop += self.live_and_look(dice, place, lives * ORDERS_EACH)
            for _ in range(KILLS // 3):
                self.live_and_look(dice, place)
            self.end(place)
            self.assertEqual(node.kill(15), 0)
        self.assertGreaterEqual(beside_the_shop, KILLS // 4, "too few kills came while the shop ran")
        self.check_that_kills_hit_transactions()

    def test_killed_as_the_writer_of_the_store(self):
        """Acknowledgements that were on their way are lost with it."""
        dice = random.Random(SEED + 3)
        orders = KILLS * ORDERS_EACH // 3
        self.demo("--orders", orders)
        place = ("--store", self.store)
        lives = 0
        while lives < KILLS or (not self.have_kills_hit_transactions() and lives < 5 * KILLS):
            if lives >= KILLS:  # which moment a kill finds is chance
                orders += ORDERS_EACH // 3
                self.demo("--orders", orders)
            lives += 1
            self.live_and_look(dice, place)
        self.end(place)
        self.check_that_kills_hit_transactions()
        self.verify()
