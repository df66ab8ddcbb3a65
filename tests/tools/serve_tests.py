"""`annals serve`, and the commands that look at a served store from elsewhere."""
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

from annals_command import PATIENCE, Running, figures, log_bytes, run
from retail import COLUMNS, Expected, write_invoices
from served import EVERYTHING, ServedTest

DEV = pathlib.Path(__file__).parents[2] / "dev"


class Looking(ServedTest):
    def same(self, node, *arguments):
        """From afar and from the store itself; both may lag behind for a moment."""
        self.until(lambda: self.printed_by(*arguments, *self.far(node)) == self.printed_by(*arguments, "--store", self.store))
        return self.printed_by(*arguments, *self.far(node))

    def test_a_served_store_looks_from_afar_as_it_does_at_home(self):
        with self.serve() as node:
            self.assertEqual((node.said["name"], node.said["key"]), ("ledger", self.keys["ledger"]))
            self.assertRegex(node.address, r"\A127\.0\.0\.1:[1-9]\d*\Z")
            self.far_demo(node, "--orders", 120)
            for form in ((), ("--json",)):
                self.assertGreater(len(self.same(node, "log", *form).splitlines()), 1_000)
                self.assertEqual(len(self.same(node, "log", "--from", 5, "--limit", 7, *form).splitlines()), 7)
                self.assertGreater(len(self.same(node, "log", "--type", "order_shipped", *form).splitlines()), 100)
                self.assertEqual(len(self.same(node, "stream", "order-500000", *form).splitlines()), 3)
                for stream in ("order-500000", "fulfilment-500000"):
                    for when in ((), ("--version", 1), ("--at", 400), ("--time", "2010-12-01"), ("--diff",), ("--version", 2, "--diff")):
                        self.same(node, "state", stream, *when, *form)
                self.assertIn("inventory", self.same(node, "stats", *form))
                self.same(node, "parked", "list", *form)
            for wrong in (("stream", "order-nobody"), ("state", "order-nobody"), ("state", "nobody-1"), ("state", "order-500000", "--version", 99),
                          ("state", "order-500000", "--at", 10**9), ("parked", "show", "balances", 1)):
                self.assertEqual(self.refused(*wrong, *self.far(node)), self.refused(*wrong, "--store", self.store))

    def test_either_a_store_or_a_node(self):
        for wrong in ((), ("--store", self.store, "--connect", "127.0.0.1:1", "--as", self.remote), ("--connect", "127.0.0.1:1"),
                      ("--store", self.store, "--as", self.remote), ("--as", self.remote)):
            for command in (("log",), ("stream", "a-1"), ("state", "a-1"), ("stats",), ("parked", "list"), ("parked", "show", "a", 1)):
                self.assertEqual(run(*command, *wrong).returncode, 2, (command, wrong))
        self.assertEqual(run("demo", "--connect", "127.0.0.1:1").returncode, 2)

    def test_parked_events_are_retried_and_skipped_from_afar(self):
        self.write_config(runtime="command_events_max = 10")
        rows = self.place / "rows.csv"
        rows.write_text(",".join(COLUMNS) + "\n" + "".join(f"1,S{n},,1,,1,,UK\n" for n in range(20)))
        with self.serve() as node:
            done = run("demo", "--json", "--input", rows, *self.far(node))
            self.assertEqual(done.returncode, 1)
            self.assertIn("parked: restocking: position 1 of restocking-initial-stock: too_large", done.stderr)
            parked = [json.loads(line) for line in self.same(node, "parked", "list", "--json").splitlines()]
            self.assertEqual(json.loads(done.stdout)["parked"], len(parked))
            self.assertIn(("restocking", 1), [(one["of"], one["position"]) for one in parked])
            self.same(node, "parked", "show", "restocking", 1)
            self.assertIn("too_large", run("parked", "retry", "restocking", 1, *self.far(node)).stderr)
            self.assertIn("--yes", self.refused("parked", "skip", "restocking", 1, *self.far(node)))
            self.assertEqual(self.printed_by("parked", "skip", "restocking", 1, "--yes", *self.far(node)), "skipped position 1 of restocking\n")
            self.assertNotIn("restocking", self.same(node, "parked", "list"))

    def test_a_subscriptions_parked_event_is_listed_and_skipped_from_afar(self):
        subprocess.run([os.environ["BANK_STORE"], self.store, "park"], check=True, timeout=PATIENCE, stderr=subprocess.DEVNULL)
        with self.serve() as node:
            one, = (json.loads(line) for line in self.same(node, "parked", "list", "--json").splitlines())
            self.assertEqual((one["of"], one["stream"]), ("subscription/mail", "account-a"))
            about = ("subscription/mail", one["position"])
            self.same(node, "parked", "show", *about)
            self.assertIn("subscription::retry", self.refused("parked", "retry", *about, *self.far(node)))
            self.printed_by("parked", "skip", *about, "--yes", *self.far(node))
            self.assertEqual(self.same(node, "parked", "list"), "no events are parked\n")


class Shop(ServedTest):
    def test_the_demo_comes_to_the_same_figures_from_afar(self):
        path = self.place / "invoices.csv"
        write_invoices(path)
        expected = Expected(path)
        with self.serve() as node:
            summary = self.far_demo(node, "--input", path)
            self.assertEqual({name: summary[name] for name in expected.summary}, expected.summary)
            self.assertEqual(figures(summary), figures(self.demo("--input", path, store=self.place / "embedded")))
            self.assertEqual(figures(self.far_demo(node, "--input", path)), figures(summary))
            self.assertEqual(node.kill(signal.SIGTERM), 0)
        self.verify()
        self.assertEqual(figures(self.demo("--input", path)), figures(summary))

    def test_case_61_a_node_ends_in_order_while_a_client_sends_and_the_client_continues_later(self):
        orders = ("--orders", 4_000)
        expected = figures(self.demo(*orders, store=self.place / "embedded"))
        self.write_remote(more='time_out = "2 s"\n')
        with self.serve() as node, Running("demo", "--json", *orders, *self.far(node)) as client:
            before = log_bytes(self.store)
            client.until(lambda: log_bytes(self.store) > before + 2**20)
            self.assertTrue(client.is_running())
            self.assertEqual(node.kill(signal.SIGTERM, within=30), 0, node.complained())
            self.assertEqual(client.process.wait(PATIENCE), 1)
            self.assertRegex(client.complained(), r"\Aannals: [^\n]{5,400}\n\Z")
        self.verify()
        self.write_remote()
        with self.serve() as node:
            self.assertEqual(figures(self.far_demo(node, *orders)), expected)

    def test_a_client_that_is_interrupted_continues_later(self):
        orders = ("--orders", 3_000)
        with self.serve() as node:
            with Running("demo", "--json", *orders, *self.far(node)) as client:
                client.until(lambda: "order_placed" in run("log", "--limit", 1, "--type", "order_placed", *self.far(node)).stdout)
                self.assertEqual(client.kill(signal.SIGINT), 1)
                self.assertIn("run the command again", client.complained())
            self.assertEqual(self.far_demo(node, *orders)["orders_shipped"], 3_000)


class Door(ServedTest):
    def test_peers_are_read_again_all_or_nothing(self):
        with self.serve() as node:
            self.printed_by("log", *self.far(node))
            self.write_peers(EVERYTHING + "replays = []\n")
            node.process.send_signal(signal.SIGHUP)
            node.until(lambda: "not reloaded" in node.complained())
            self.assertRegex(node.complained(), rf"{re.escape(str(self.peers))}:9\b")
            self.printed_by("log", *self.far(node))
            self.write_peers(EVERYTHING.replace('replay = ["*"]', "replay = []"))
            node.process.send_signal(signal.SIGHUP)
            node.until(lambda: "annals: reloaded" in node.complained())
            self.assertIn("forbidden", self.refused("log", *self.far(node)))
            self.printed_by("stats", *self.far(node))
            self.assertEqual(node.kill(signal.SIGINT), 0)

    def test_case_56_a_port_that_is_taken_is_an_error(self):
        with self.serve() as node:
            line = self.refused("serve", "--store", self.place / "other", "--config", self.config, "--listen", node.address)
            self.assertIn(node.address, line)

    def test_case_57_without_tls_only_loopback(self):
        line = self.refused("serve", "--store", self.store, "--config", self.config, "--listen", "0.0.0.0:0")
        self.assertIn("TLS is missing", line)
        self.assertIn("TLS is missing", self.refused("stats", "--connect", "192.0.2.1:4711", "--as", self.remote))

    def test_who_has_another_key_or_looks_for_another_node_is_refused(self):
        with self.serve() as node:
            for how in ({"key": "stranger"}, {"server": "stranger"}):
                self.write_remote(**how)
                self.assertIn("another key", self.refused("stats", *self.far(node)))
            self.write_remote()
            self.printed_by("stats", *self.far(node))

    def test_a_mistake_in_the_file_is_named_with_its_line(self):
        self.write_config(listen="threads = 65\n")
        self.assertIn(f"{self.config}:7", self.refused("serve", "--store", self.store, "--config", self.config))
        self.config.write_text("shards = 1\n")
        self.assertIn("[listen]", self.refused("serve", "--store", self.store, "--config", self.config))
        self.assertFalse(self.store.exists())
        self.remote.write_text("[remote]\nnames = 1\n")
        self.assertIn(f"{self.remote}:", self.refused("stats", "--connect", "127.0.0.1:1", "--as", self.remote))

    def test_with_tls_those_with_a_certificate_get_in(self):
        subprocess.run([DEV, "certificates", self.place / "tls"], check=True, timeout=PATIENCE, stderr=subprocess.DEVNULL)
        files = 'ca = "tls/ca.pem"\ncertificate = "tls/node.pem"\ncertificate_key = "tls/node-key.pem"\n'
        self.write_config(listen=files)
        with self.serve() as node:
            self.write_remote(more=files)
            self.assertEqual(self.far_demo(node, "--orders", 50)["orders_shipped"], 50)
            self.write_remote(more='time_out = "2 s"\n')
            self.refused("stats", *self.far(node))


if __name__ == "__main__":
    unittest.main(verbosity=2)
