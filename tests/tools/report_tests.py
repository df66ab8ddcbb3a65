"""The report of revenue by day and country adds up to what the log has."""
import collections
import os
import unittest

from annals_command import Running, StoreTest, log_bytes, log_of, one, run


class Report(StoreTest):
    def test_it_adds_up_to_what_the_log_has(self):
        summary = self.demo("--orders", 2_000, "--payment-limit", 60_000)  # of two days
        self.assertGreater(summary["orders_cancelled"], 0)
        report = one("report", "--store", self.store)
        self.assertEqual(report["total"], {"orders": summary["orders_shipped"], "units": summary["units_sold"],
                                           "revenue_cents": summary["revenue_cents"]})
        placed, sold, returned = {}, collections.defaultdict(collections.Counter), collections.Counter()
        for record in log_of(self.store):
            payload = record["payload"]
            if record["type"] == "order_placed":
                placed[payload["order"]] = payload
            elif record["type"] == "order_shipped":
                order = placed[payload["order"]]
                sold[order["date"][:10], order["country"]] += collections.Counter(
                    orders=1, units=sum(line["quantity"] for line in order["lines"]), revenue_cents=order["total_cents"])
            elif record["type"] == "delivery_received" and payload["kind"] == "credit_note":
                returned[payload["date"][:10]] += sum(line["quantity"] for line in payload["lines"])
        self.assertEqual({(day["day"], country): figures for day in report["days"]
                          for country, figures in day["by_country"].items()}, {key: dict(value) for key, value in sold.items()})
        self.assertEqual({day["day"]: day["units_returned"] for day in report["days"] if day["units_returned"]}, returned)
        self.assertEqual(sum(returned.values()), summary["units_returned"])
        self.assertEqual(sum(day["credit_notes"] for day in report["days"]), summary["credit_notes"])
        table = run("report", "--store", self.store).stdout
        cents = summary["revenue_cents"]
        self.assertRegex(table.splitlines()[-1], rf"^  all +all +{summary['orders_shipped']:,} .* {cents // 100:,}\.{cents % 100:02}$")
        self.assertEqual(table.count("\n"), 2 + len(sold) + 2 * len(report["days"]))

    def test_a_store_without_orders_has_no_days(self):
        self.assertEqual(run(self.store, program=os.environ["BANK_STORE"]).returncode, 0)
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
