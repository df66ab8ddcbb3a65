"""`annals relay` killed at any moment while the shop runs and after, and started again each time: Kafka has each event at least once, with the
same ce_id if more than once, and one stream's events in order. With `exactly_once`: see exactly_once_cases.py.

A life ends when Kafka has a number of messages more that a seeded generator picks: no clock is involved. Set ANNALS_TEST_SEED to see other
moments, and ANNALS_TEST_KILLS for more lives."""
import contextlib
import itertools
import json
import random
import unittest

from annals_command import Running, log_of
from brokers import QUICK, Connector, properties, seldom
from exactly_once_cases import POSITIONS, KilledExactlyOnce  # classes that are imported are found by unittest
from packed import unpacked
from relays import CATEGORIES, LIVES, ORDERS_EACH, SEED, RelayTest
from secured_cases import Secured
from served import EVERYTHING


class Killed(RelayTest):
    def test_killed_while_the_shop_runs_and_after(self):
        dice = random.Random(SEED)
        self.write_relay()
        self.brokers.tell("slow 3")
        beside_the_shop = 0
        with self.serve() as node:
            place = self.far(node)
            lives = 0
            while lives < LIVES or (beside_the_shop < LIVES // 4 and lives < 5 * LIVES):
                lives += 1
                beside_the_shop += self.live(dice, place, lives * ORDERS_EACH)
            for _ in range(LIVES // 2):
                self.live(dice, place)
            with Connector("relay", *place, "--config", self.relay) as relay:
                self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
                relay.end_well(self)
            self.assertEqual(node.kill(15), 0)
        self.assertGreaterEqual(beside_the_shop, LIVES // 4, "too few kills came while the shop ran")
        self.check_against_the_log(self.store)

    def test_killed_as_the_writer_of_the_store(self):
        """The relay's process is the store's: acknowledgements that were on their way are lost with it."""
        dice = random.Random(SEED + 1)
        self.write_relay()
        self.demo("--orders", LIVES * ORDERS_EACH // 2)
        self.brokers.tell("slow 3")
        place = ("--store", self.store)
        for _ in range(LIVES):
            self.live(dice, place)
        with Connector("relay", *place, "--config", self.relay) as relay:
            self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
            self.assertEqual(relay.end_well(self)["refused"], 0)
        self.assertGreater(self.check_against_the_log(self.store), 0, "no kill came between a delivery and its acknowledgement")
        self.verify()


class Ends(RelayTest):
    def test_it_ends_in_order_and_goes_on_at_the_next_start(self):
        self.write_relay(more="")
        self.demo("--orders", 10)
        place = ("--store", self.store)
        published = []
        for orders in (10, 20):
            self.demo("--orders", orders)
            with Connector("relay", *place, "--config", self.relay) as relay:
                self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
                published.append(relay.end_well(self)["published"])
        self.assertEqual(sum(published), len(log_of(self.store)))
        self.assertEqual(self.check_against_the_log(self.store), 0)

    def test_it_ends_while_the_brokers_are_gone(self):
        self.write_relay(more="", stop_max="200 ms")
        self.demo("--orders", 1)
        self.brokers.tell("down")
        with Connector("relay", "--store", self.store, "--config", self.relay) as relay:
            self.assertEqual(relay.kill(15, within=60), 0, relay.complained())

    def test_the_demo_shows_its_events_arriving(self):
        done = self.demo_to_kafka("--orders", 20)
        summary, arrived = map(json.loads, done.splitlines())
        self.assertEqual(arrived["published"], summary["events"])
        self.assertEqual(sum(arrived["topics"].values()), summary["events"])
        for topic, count in arrived["topics"].items():
            self.assertEqual(len(self.brokers.messages(topic)), count, topic)

    def demo_to_kafka(self, *arguments):
        return self.printed_by("demo", "--json", "--kafka", self.brokers.address, *arguments)

    def test_a_demo_without_brokers_says_so(self):
        self.brokers.tell("down")
        self.assertIn("Kafka takes no events", self.run_without_brokers())

    def run_without_brokers(self):
        with Running("demo", "--kafka", self.brokers.address, "--orders", 1) as demo:
            self.assertEqual(demo.process.wait(240), 1)
            return demo.complained().splitlines()[-1]


class Linked(RelayTest):
    def test_with_the_least_rights_and_across_a_crash_of_the_node(self):
        self.write_peers('replay = ["order", "payment"]\noperate = ["*"]\n')
        self.write_relay('categories = ["order", "payment"]\n')
        topics = ("shop.order", "shop.payment")
        self.demo("--orders", 10)
        with self.serve() as first, Connector("relay", *self.far(first), "--config", self.relay) as relay:
            has_all = seldom(lambda: self.brokers.count(*topics) >= len(self.wanted()))
            self.assertTrue(relay.until(has_all), relay.complained())
            self.write_config(at=first.address)
            self.assertEqual(first.kill(), -9)
            self.demo("--orders", 20)
            with self.serve() as second:
                has_all = seldom(lambda: self.brokers.count(*topics) >= len(self.wanted()))
                self.assertTrue(relay.until(has_all), relay.complained())
                relay.end_well(self)
                self.assertEqual(second.kill(15), 0, second.complained())
        self.assertEqual({int(one["headers"]["ce_position"]) for one in self.published()}, self.wanted())

    def wanted(self):
        return {record["position"] for record in log_of(self.store) if record["stream"].startswith(("order-", "payment-"))}

    def publish_across_lives_of_the_node(self, dice, ends, and_then=lambda node: None):
        """The node ends in each of these ways while the relay publishes, which goes on with the next node at this address. Returns how many
        messages came more than once."""
        self.demo("--orders", LIVES * ORDERS_EACH)
        self.brokers.tell("slow 10")
        with contextlib.ExitStack() as nodes:
            node = nodes.enter_context(self.serve())
            place = self.far(node)
            self.write_config(at=node.address, listen='session_kept = "0 ms"\n')
            relay = nodes.enter_context(Connector("relay", *place, "--config", self.relay))
            for how in ends:
                least = self.brokers.count() + dice.randrange(1, 400)
                has_all = seldom(lambda: self.has_all(place))
                self.assertTrue(relay.until(lambda: self.brokers.count() >= least or has_all()), relay.complained())
                self.assertEqual(node.kill(how), -9 if how == 9 else 0, node.complained())
                node = nodes.enter_context(self.serve())
            self.brokers.tell("slow 0")
            self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
            and_then(node)
            self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
            relay.end_well(self)
            self.assertEqual(node.kill(15), 0, node.complained())
        return self.check_against_the_log(self.store)

    def test_events_are_in_order_across_ends_of_the_node(self):
        # The mock cluster keeps 5 MiB of a partition: everything has to fit, with what is published again after each end of the node.
        self.write_relay("batch_events_max = 256\nin_flight_max = 2048\n", also={"batch.num.messages": "16"})
        self.assertGreater(self.publish_across_lives_of_the_node(random.Random(SEED + 4), [15, 9, 15] * (LIVES // 4)), 0)

    def test_exactly_once_holds_across_ends_of_the_node(self):
        self.write_relay("batch_events_max = 64\nexactly_once = true\n")

        def outlast_what_the_record_lists(node):
            """What an earlier life of the node settled does not stay in the record of positions."""
            before = max(int(one["headers"]["ce_position"]) for one in self.published())
            orders = itertools.count(LIVES * ORDERS_EACH + 1)

            def is_gone():
                self.far_demo(node, "--orders", next(orders))
                newest = self.brokers.raw_messages(POSITIONS)[-1]
                return min(unpacked(newest["payload"])["positions"], default=0) > before
            self.until(seldom(is_gone))

        ends = [15, 9, 15] * (LIVES // 4)
        self.assertEqual(self.publish_across_lives_of_the_node(random.Random(SEED + 5), ends, outlast_what_the_record_lists), 0)


class Packed(RelayTest):
    def test_msgpack_is_published_as_it_is_stored(self):
        self.write_relay('format = "msgpack"\n')
        self.demo("--orders", 10)
        place = ("--store", self.store)
        with Connector("relay", *place, "--config", self.relay) as relay:
            self.assertTrue(relay.until(seldom(lambda: self.has_all(place))), relay.complained())
            relay.end_well(self)
        stored = b"".join(file.read_bytes() for file in (self.store / "log").iterdir())
        log = {record["position"]: record["payload"] for record in log_of(self.store)}
        for one in (one for category in CATEGORIES for one in self.brokers.raw_messages(f"shop.{category}")):
            self.assertEqual(one["headers"]["content-type"], "application/msgpack")
            self.assertEqual(unpacked(one["payload"]), log.pop(int(one["headers"]["ce_position"])))
            self.assertIn(one["payload"], stored)
        self.assertEqual(log, {}, "these were not published")


class Refused(RelayTest):
    def test_mistakes_are_named(self):
        least = '[relay]\nname = "a"\nbrokers = "b"\nsource = "s"\n'
        for text, says in (("", r"has no table \[relay\]"), ('[relay]\nname = "a"\n', r":1 \(brokers: is missing"),
                           (least + 'nam = "a"\n', r":5 \(nam: unknown key")):
            self.relay.write_text(text)
            self.assertRegex(self.refused("relay", "--store", self.store, "--config", self.relay), says)
        self.write_relay('[relay.properties]\n"acks" = "1"\n')
        self.relay.write_text(self.relay.read_text().replace(properties("relay.properties", QUICK), ""))
        self.assertIn("acks", self.refused("relay", "--store", self.store, "--config", self.relay))
        self.refused("relay", "--config", self.relay)

    def test_a_store_that_another_process_writes_is_refused(self):
        self.write_relay()
        with self.serve():
            self.assertIn("store_locked", self.refused("relay", "--store", self.store, "--config", self.relay))

    def test_a_node_that_forbids_it_is_named(self):
        self.write_relay()
        for right, less in (('replay = ["*"]', 'replay = ["account"]'), ('operate = ["*"]', 'operate = ["subscription/out"]')):
            self.write_peers(EVERYTHING.replace(right, less))
            with self.serve() as node:
                self.assertIn("forbidden", self.refused("relay", *self.far(node), "--config", self.relay))


if __name__ == "__main__":
    unittest.main(verbosity=2)
