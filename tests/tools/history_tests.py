"""What is read from the log: statements, reports, figures of the store, states as they were; also beside a writer."""
import collections
import json
import os
import subprocess
import unittest

from annals_command import PATIENCE, Running, StoreTest, lines_of, log_bytes, log_of, run

BANK_STORE = os.environ["BANK_STORE"]


def one(*arguments):
    """The one object that it prints."""
    found, = lines_of(*arguments)
    return found


def account_events(store, account):
    return [r for r in log_of(store) if r["stream"] == f"account-{account}"]


class Bank(StoreTest):
    """A small bank that nobody writes to."""

    def setUp(self):
        super().setUp()
        subprocess.run([BANK_STORE, self.store], check=True, timeout=PATIENCE)


class LiveBank(StoreTest):
    """Somebody deposits cent after cent to account c, until the test ends."""

    def setUp(self):
        super().setUp()
        self.writer = Running(self.store, "live", program=BANK_STORE)
        self.addCleanup(self.writer.__exit__)
        self.wait_for_cents(300)

    def wait_for_cents(self, cents):
        def are_there():
            if not log_bytes(self.store):
                return False
            return run("stream", "account-c", "--store", self.store).stdout.count("\n") > cents
        self.assertTrue(self.writer.until(are_there), self.writer.complained())

    def tearDown(self):
        self.assertTrue(self.writer.is_running(), self.writer.complained())


class Statement(Bank):
    def test_every_movement_is_there_with_its_balance(self):
        for account in "abc":
            statement = one("statement", account, "--store", self.store)
            events, balance = account_events(self.store, account), 0
            self.assertEqual(len(statement["movements"]), len(events))
            for line, event in zip(statement["movements"], events):
                sign = {"account_opened": 0, "money_withdrawn": -1}.get(event["type"], 1)
                balance += sign * event["payload"].get("cents", 0)
                self.assertEqual((line["position"], line["version"], line["time"], line["balance_cents"]),
                                 (event["position"], event["version"], event["time"], balance))
                self.assertEqual(line.get("transfer", ""), event["payload"].get("transfer", ""))
                for name in ("correlation", "principal"):
                    self.assertEqual(line.get(name), event.get(name))
            self.assertEqual((statement["account"], statement["owner"]), (account, f"owner of {account}"))
            self.assertEqual((statement["open"], statement["balance_cents"]), (True, balance))
        self.assertEqual(balance, 0)

    def test_as_a_table(self):
        lines = run("statement", "a", "--store", self.store).stdout.splitlines()
        self.assertEqual(lines[0], "account a, owner of a, open")
        self.assertEqual(len(lines), 2 + len(account_events(self.store, "a")))
        self.assertRegex(lines[3], r"^ +2  \S+Z  deposited +10\.00 +10\.00  salary  teller-3$")
        self.assertRegex(lines[-1], r"^ +14  \S+Z  withdrawn +-300\.50 +479\.50  t1")

    def test_an_account_that_is_not_there_is_named(self):
        for account in ("nobody", "", "a-"):
            self.assertIn(f"account-{account}", self.refused("statement", account, "--store", self.store))


class LiveStatement(LiveBank):
    def test_case_59_a_statement_grows_beside_the_writer(self):
        before = one("statement", "c", "--store", self.store)
        self.wait_for_cents(before["balance_cents"] + 100)
        after = one("statement", "c", "--store", self.store)
        for statement in (before, after):
            cents = [line["balance_cents"] for line in statement["movements"]]
            self.assertEqual(cents, list(range(len(cents))))
            self.assertEqual(statement["balance_cents"], cents[-1])
        self.assertEqual(after["movements"][:len(before["movements"])], before["movements"])
        self.assertGreaterEqual(after["balance_cents"], before["balance_cents"] + 100)


class Report(StoreTest):
    def test_it_adds_up_to_what_the_log_has(self):
        summary = self.demo("--orders", 400, "--payment-limit", 60_000)
        self.assertGreater(summary["orders_cancelled"], 0)
        report = one("report", "--store", self.store)
        self.assertEqual(report["total"], {"orders": summary["orders_shipped"], "units": summary["units_sold"],
                                           "revenue_cents": summary["revenue_cents"]})
        placed, sold, returned = {}, collections.defaultdict(collections.Counter), collections.Counter()
        for record in log_of(self.store):
            payload, day = record["payload"], record["time"][:10]
            if record["type"] == "order_placed":
                placed[payload["order"]] = payload
            elif record["type"] == "order_shipped":
                order = placed[payload["order"]]
                sold[day, order["country"]] += collections.Counter(
                    orders=1, units=sum(line["quantity"] for line in order["lines"]), revenue_cents=order["total_cents"])
            elif record["type"] == "delivery_received" and payload["kind"] == "credit_note":
                returned[day] += sum(line["quantity"] for line in payload["lines"])
        self.assertEqual({(day["day"], country): figures for day in report["days"]
                          for country, figures in day["by_country"].items()}, {key: dict(value) for key, value in sold.items()})
        self.assertEqual({day["day"]: day["units_returned"] for day in report["days"] if day["units_returned"]}, returned)
        self.assertEqual(sum(returned.values()), summary["units_returned"])
        self.assertEqual(sum(day["credit_notes"] for day in report["days"]), summary["credit_notes"])
        table = run("report", "--store", self.store).stdout
        cents = summary["revenue_cents"]
        self.assertRegex(table.splitlines()[-1], rf"^  all +all +{summary['orders_shipped']} .* {cents // 100:,}\.{cents % 100:02}$")
        self.assertEqual(table.count("\n"), 2 + len(sold) + 2 * len(report["days"]))

    def test_a_store_without_orders_has_no_days(self):
        subprocess.run([BANK_STORE, self.store], check=True, timeout=PATIENCE)
        self.assertEqual(one("report", "--store", self.store),
                         {"total": {"orders": 0, "units": 0, "revenue_cents": 0}, "days": []})

    def test_case_59_it_is_whole_beside_the_writer(self):
        shipped = self.demo("--orders", 400)["orders_shipped"]
        with Running("demo", "--store", self.store, "--orders", 100_000) as writer:
            for _ in range(3):
                grown = log_bytes(self.store) + 500_000
                self.assertTrue(writer.until(lambda: log_bytes(self.store) > grown), writer.complained())
                report = one("report", "--store", self.store)
                sums = [sum(day["total"]["orders"] for day in report["days"]),
                        sum(sold["orders"] for day in report["days"] for sold in day["by_country"].values())]
                self.assertEqual(sums, [report["total"]["orders"]] * 2)
                self.assertGreaterEqual(report["total"]["orders"], shipped)
                shipped = report["total"]["orders"]
            self.assertTrue(writer.is_running())


if __name__ == "__main__":
    unittest.main(verbosity=2)
