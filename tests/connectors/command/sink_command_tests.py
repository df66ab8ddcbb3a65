"""`annals sink` beside a shop that is served: its tables or keys have the figures of the demo, also after a rebuild."""
import getpass
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import unittest

from annals_command import PATIENCE
from brokers import Connector, seldom
from served import ServedTest

BUILT = os.environ["SINKS"].split()  # the databases that the command was built for


def program(name):
    """Of the newest PostgreSQL that is installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


class PostgreSQL:
    """A PostgreSQL of its own, on a socket in its directory; it does not run as root."""

    def __init__(self):
        self.place = tempfile.TemporaryDirectory(prefix="annals-pg-")
        self.directory = pathlib.Path(self.place.name)
        self.user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        if os.geteuid() == 0:
            shutil.chown(self.directory, self.user)
        self.run("initdb", "-D", self.directory / "data", "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.process = subprocess.Popen(self.command("postgres", "-D", self.directory / "data", "-k", self.directory, "-c", "listen_addresses=",
                                                     "-c", "fsync=off"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.identity())

    def identity(self):
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}

    def command(self, name, *arguments):
        return [program(name), *map(str, arguments)]

    def run(self, name, *arguments):
        done = subprocess.run(self.command(name, *arguments), capture_output=True, text=True, timeout=PATIENCE, cwd=self.directory, **self.identity())
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    @property
    def connection(self):
        return f"host={self.directory} user=test dbname=postgres"

    def ask(self, sql):
        """Fields of the first row, or None if the server or the table is not there yet."""
        done = subprocess.run(self.command("psql", "-X", "-A", "-t", "-d", self.connection, "-c", sql), capture_output=True, text=True,
                              timeout=PATIENCE)
        return done.stdout.splitlines()[0].split("|") if done.returncode == 0 and done.stdout else None

    def close(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)
        self.place.cleanup()


class Redis:
    """A Redis of its own, on a socket in its directory, that keeps nothing."""

    def __init__(self):
        self.place = tempfile.TemporaryDirectory(prefix="annals-redis-")
        self.address = str(pathlib.Path(self.place.name) / "socket")
        self.process = subprocess.Popen(["redis-server", "--dir", self.place.name, "--port", "0", "--unixsocket", self.address, "--save", "",
                                         "--requirepass", "secret"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, *words, database=3):
        """Lines of the answer, or None if the server is not there yet."""
        done = subprocess.run(["redis-cli", "-s", self.address, "-n", str(database), "--no-auth-warning", "-a", "secret", *words],
                              capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout.splitlines() if done.returncode == 0 else None

    def close(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.place.cleanup()


class SinkTest(ServedTest):
    def setUp(self):
        super().setUp()
        self.sink = self.place / "sink.toml"

    def check_keeps(self, has_figures, damage):
        """What it keeps has the figures of the demo, also when a rebuild mends what somebody has damaged."""
        with self.serve() as node:
            with Connector("sink", *self.far(node), "--config", self.sink) as sink:
                summary = self.far_demo(node, "--orders", 100)
                self.assertTrue(sink.until(seldom(lambda: has_figures(summary))), sink.complained())
                self.assertEqual(sink.kill(15), 0, sink.complained())
            damage()
            self.assertFalse(has_figures(summary))
            with Connector("sink", *self.far(node), "--config", self.sink, "--rebuild") as sink:
                self.assertTrue(sink.until(seldom(lambda: has_figures(summary))), sink.complained())
                self.assertEqual(sink.kill(15), 0, sink.complained())
            self.assertEqual(node.kill(15), 0)

    def check_ends_without_the_server(self, model):
        with Connector("sink", "--store", self.store, "--config", self.sink) as sink:
            self.assertTrue(sink.until(lambda: f"sink {model}" in sink.complained()))
            self.assertEqual(sink.kill(15, within=60), 0, sink.complained())

    def check_names(self, mistakes):
        for text, says in mistakes:
            self.sink.write_text(text)
            self.assertIn(says, self.refused("sink", "--store", self.store, "--config", self.sink))


@unittest.skipUnless("postgresql" in BUILT, "not built")
class InPostgreSQL(SinkTest):
    def setUp(self):
        super().setUp()
        self.server = PostgreSQL()
        self.addCleanup(self.server.close)
        self.sink.write_text(f'[sink]\nconnection = "{self.server.connection}"\n')
        self.until(lambda: self.server.ask("select 1"))

    def totals(self):
        found = self.server.ask("select placed, shipped, cancelled, units_sold, revenue_cents from order_board.totals")
        return found and [int(field) for field in found]

    def expected(self, summary):
        return [summary[name] for name in ("orders_placed", "orders_shipped", "orders_cancelled", "units_sold", "revenue_cents")]

    def sold(self):
        found = self.server.ask("select coalesce(sum(revenue_cents), 0) from revenue.sales")
        return found and int(found[0])

    def test_the_tables_have_the_figures_of_the_demo(self):
        self.check_keeps(lambda summary: self.totals() == self.expected(summary) and self.sold() == summary["revenue_cents"],
                         lambda: self.server.ask("update order_board.orders set total_cents = 0"))

    def test_with_the_least_rights_and_across_a_crash_of_the_node(self):
        self.write_peers('replay = ["*"]\n')
        summary = self.demo("--orders", 10)
        with self.serve() as first, Connector("sink", *self.far(first), "--config", self.sink) as sink:
            self.assertTrue(sink.until(seldom(lambda: self.totals() == self.expected(summary))), sink.complained())
            self.write_config(at=first.address)
            self.assertEqual(first.kill(), -9)
            summary = self.demo("--orders", 20)
            with self.serve() as second:
                has_figures = seldom(lambda: self.totals() == self.expected(summary) and self.sold() == summary["revenue_cents"])
                self.assertTrue(sink.until(has_figures), sink.complained())
                self.assertEqual(sink.kill(15), 0, sink.complained())
                self.assertEqual(second.kill(15), 0, second.complained())

    def test_a_right_that_is_missing_is_named(self):
        self.write_peers('replay = ["order"]\n')
        with self.serve() as node, Connector("sink", *self.far(node), "--config", self.sink) as sink:
            sink.until(lambda: "forbidden" in sink.complained())
            self.assertIn("forbidden", sink.complained())

    def test_it_ends_while_the_server_is_gone(self):
        self.sink.write_text('[sink]\nconnection = "host=' + str(self.place) + ' dbname=postgres"\nmodels = ["revenue"]\n')
        self.check_ends_without_the_server("revenue")

    def test_mistakes_are_named(self):
        self.check_names((('[sink]\nconnection = "dbname=x"\nmodels = ["stock_levels"]\n', "none of those in PostgreSQL: order_board, revenue"),
                          ('[sink]\nconnection = "nonsense"\n', "nonsense"), ("[sink]\n", "connection: is missing")))


@unittest.skipUnless("redis" in BUILT, "not built")
class InRedis(SinkTest):
    def setUp(self):
        super().setUp()
        self.server = Redis()
        self.addCleanup(self.server.close)
        self.write_sink(f'address = "{self.server.address}"\npassword = "secret"\ndatabase = 3\n')
        self.until(lambda: self.server.ask("PING") == ["PONG"])

    def write_sink(self, redis, more=""):
        self.sink.write_text(f"[sink]\n{more}[sink.redis]\n{redis}")

    def levels(self):
        """In total, and as the sum of all SKUs: received, on hand, reserved, shipped."""
        fields = ("received", "on_hand", "reserved", "shipped")
        keys = self.server.ask("KEYS", "{stock_levels}:level:*") or []
        each = [self.server.ask("HMGET", key, *fields) for key in keys if key]
        total = self.server.ask("HMGET", "{stock_levels}:total", *fields)
        return [int(field or 0) for field in total or []], [sum(int(field or 0) for field in column) for column in zip(*each)]

    def has_figures(self, summary):
        total, summed = self.levels()
        units = self.server.ask("GET", "{top_list}:units")
        ranks = self.server.ask("ZRANGE", "{top_list}:shipped", "0", "-1", "WITHSCORES") or []
        sold = summary["units_sold"]
        return (total == summed and total[2:] == [0, sold] and total[0] == total[1] + sold and units == [str(sold)]
                and sum(map(int, ranks[1::2])) == sold)

    def test_the_keys_have_the_figures_of_the_demo(self):
        self.check_keeps(self.has_figures, lambda: self.server.ask("HINCRBY", "{stock_levels}:total", "on_hand", "1"))

    def test_one_model_alone(self):
        self.write_sink(f'address = "{self.server.address}"\npassword = "secret"\n', 'models = ["top_list"]\n')
        with self.serve() as node:
            summary = self.far_demo(node, "--orders", 20)
            with Connector("sink", *self.far(node), "--config", self.sink) as sink:
                has_units = seldom(lambda: self.server.ask("GET", "{top_list}:units", database=0) == [str(summary["units_sold"])])
                self.assertTrue(sink.until(has_units), sink.complained())
                self.assertEqual(sink.printed(), '{"ok":true,"model":"top_list"}\n')
                self.assertEqual(sink.kill(15), 0, sink.complained())
            self.assertEqual(self.server.ask("EXISTS", "{stock_levels}:total", database=0), ["0"])

    def test_it_ends_while_the_server_is_gone(self):
        self.write_sink(f'address = "{self.place}/none"\n', 'models = ["top_list"]\n')
        self.check_ends_without_the_server("top_list")

    def test_a_wrong_password_is_named(self):
        self.write_sink(f'address = "{self.server.address}"\npassword = "other"\n')
        with Connector("sink", "--store", self.store, "--config", self.sink) as sink:
            self.assertTrue(sink.until(lambda: "WRONGPASS" in sink.complained()))
            self.assertEqual(sink.kill(15), 0, sink.complained())

    def test_mistakes_are_named(self):
        self.check_names((('[sink]\nmodels = ["revenue"]\n[sink.redis]\n', "none of those in Redis: stock_levels, top_list"),
                          ('[sink.redis]\naddress = "nonsense"\n', "nonsense"),
                          ('[sink]\nconnection = "dbname=x"\n[sink.redis]\n', "sink.toml:2 (connection: is for PostgreSQL"),
                          ('[sink.redis]\ndatabase = -1\n', "sink.toml:2 (redis.database")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
