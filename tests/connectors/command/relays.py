"""A shop, a relay that publishes its events to brokers, and what these have to have in the end."""
import collections
import json
import os

from annals_command import Running, lines_of, log_of
from brokers import QUICK, Brokers, Connector, by_partition, properties, seldom
from served import ServedTest

SEED = int(os.environ.get("ANNALS_TEST_SEED", "1"))
LIVES = int(os.environ.get("ANNALS_TEST_KILLS", "12"))
ORDERS_EACH = 30
CATEGORIES = ("order", "delivery", "inventory", "payment", "fulfilment", "restocking")


class RelayTest(ServedTest):
    def setUp(self):
        super().setUp()
        self.brokers = Brokers(**{f"shop.{category}": 3 for category in CATEGORIES}, **{"annals-relay-out": 1})
        self.addCleanup(self.brokers.close)
        self.relay = self.place / "relay.toml"
        # After a kill the node hands out at once what the dead member held.
        self.write_config(listen='session_kept = "0 ms"\n')

    def write_relay(self, more="batch_events_max = 64\n", also=None, brokers=None, stop_max="30 s"):
        self.relay.write_text(f'[relay]\nname = "out"\nbrokers = "{brokers or self.brokers.address}"\nsource = "https://shop.example"\n'
                              f'topic_prefix = "shop."\nstop_max = "{stop_max}"\nbackground = false\n{more}' +
                              properties("relay.properties", QUICK | (also or {})))

    def published(self):
        return [one for category in CATEGORIES for one in self.brokers.messages(f"shop.{category}")]

    def has_all(self, place):
        found, = lines_of("stats", *place)
        return found["subscriptions"].get("out", {"at": 0})["at"] == found["readable"]

    def check_against_the_log(self, store):
        """Returns how many messages came more than once."""
        log = {record["position"]: record for record in log_of(store)}
        ids, first_at, seen = {}, {}, collections.Counter()
        for part in by_partition(self.published()).values():
            at_version = collections.Counter()
            for one in part:
                headers, stream = one["headers"], one["key"]
                position, version = int(headers["ce_position"]), int(headers["ce_streamversion"])
                self.assertEqual(ids.setdefault(position, headers["ce_id"]), headers["ce_id"])
                self.assertEqual(first_at.setdefault(stream, (one["topic"], one["partition"])), (one["topic"], one["partition"]))
                # Nothing is left out on the way: an event that comes for the first time follows the one before it.
                self.assertLessEqual(version, at_version[stream] + 1, f"{stream} jumps to {version} at offset {one['offset']}")
                at_version[stream] = max(at_version[stream], version)
                record = log[position]
                self.assertEqual((stream, version, headers["ce_type"], json.loads(one["payload"])),
                                 (record["stream"], record["version"], record["type"], record["payload"]))
                seen[position] += 1
        self.assertEqual(set(seen), set(log))
        self.assertEqual(len(set(ids.values())), len(log))
        return sum(seen.values()) - len(log)

    def live(self, dice, place, orders=None, some=("shop.order", "shop.inventory"), most=ORDERS_EACH * 10):
        """One life, cut short when some topics have a number of messages more; if there are orders to come, the shop takes them meanwhile. Whether
        it did at the kill."""
        before = self.brokers.count(*some)
        with Connector("relay", *place, "--config", self.relay) as relay:
            self.assertTrue(relay.is_running(), relay.complained())
            has_all = seldom(lambda: self.has_all(place))
            relay.until(lambda: self.brokers.count(*some) > before or has_all())
            if orders is None:
                least = before + dice.choice((0, 1, dice.randrange(most)))
                relay.until(lambda: self.brokers.count(*some) >= least or has_all())
                self.assertEqual(relay.kill(), -9)
                return False
            least = self.brokers.count(*some) + dice.choice((1, dice.randrange(max(1, most // 8))))
            with Running("demo", "--json", *place, "--orders", orders) as demo:
                relay.until(lambda: self.brokers.count(*some) >= least or not demo.is_running() and has_all())
                was_running = demo.is_running()
                self.assertEqual(relay.kill(), -9)
                self.assertEqual(demo.process.wait(), 0, demo.complained())
                return was_running
