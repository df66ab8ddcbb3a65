"""The demo comes to the figures that its input implies, and a second run changes nothing."""
import json
import os
import shutil
import signal
import unittest

from annals_command import Running, StoreTest, figures, log_bytes, log_of, run
from books import Books
from retail import COLUMNS, Expected, write_invoices

KEYS = ["orders_placed", "orders_shipped", "orders_cancelled", "orders_open", "parked",
        "cancelled_by_reason", "credit_notes", "rows_refused",
        "units_sold", "units_returned", "revenue_cents", "commands", "events", "head_position", "seconds"]


class Demo(StoreTest):
    def write_input(self, **how):
        path = self.place / "invoices.csv"
        write_invoices(path, **how)
        return path

    def test_without_input_it_generates_orders_and_has_exactly_these_figures(self):
        first = self.demo("--orders", 200)
        self.assertEqual(list(first), KEYS)
        self.assertEqual(first["orders_placed"], 200)
        self.assertEqual(first["orders_shipped"], 200)
        self.assertEqual(first["head_position"], first["events"])
        self.assertEqual(figures(self.demo("--orders", 200)), figures(first))
        Books(log_of(self.store)).close(self, first, 1_000_000)

    def test_figures_are_what_the_input_implies(self):
        path = self.write_input()
        expected = Expected(path)
        for least, what in ((200, "orders_placed"), (20, "credit_notes"), (50, "rows_refused")):
            self.assertGreater(expected.summary[what], least)  # or this would test little
        summary = self.demo("--input", path)
        self.assertEqual({name: summary[name] for name in expected.summary}, expected.summary)

        log = log_of(self.store)
        Books(log).close(self, summary, 1_000_000)
        self.assertEqual(summary["events"], len(log))
        self.assertEqual(summary["head_position"], log[-1]["position"])
        self.assertEqual(summary["commands"], len({r["command_id"] for r in log if "command_id" in r}))
        placed = {r["payload"]["order"]: r["payload"] for r in log if r["type"] == "order_placed"}
        self.assertEqual({number: [(x["sku"], x["quantity"], x["unit_price_cents"]) for x in p["lines"]]
                          for number, p in placed.items()}, expected.orders)
        self.assertEqual({r["payload"]["sku"] for r in log if r["type"] == "stock_received"}, expected.codes)

        self.assertEqual(figures(self.demo("--input", path)), figures(summary))
        self.assertEqual(log_of(self.store), log)

    def test_payments_above_the_limit_are_declined(self):
        path = self.write_input(seed=2)
        totals = sorted(map(Expected(path).total, Expected(path).orders))
        limit = totals[len(totals) * 2 // 3]  # one is exactly at the limit, and good
        expected = Expected(path, limit)
        self.assertGreater(len(expected.declined), 40)
        summary = self.demo("--input", path, "--payment-limit", limit)
        self.assertEqual({name: summary[name] for name in expected.summary}, expected.summary)
        Books(log_of(self.store)).close(self, summary, 1_000_000)
        self.assertEqual(figures(self.demo("--input", path, "--payment-limit", limit)), figures(summary))

    def test_refused_rows_are_named_one_by_one_and_the_others_stand(self):
        path = self.place / "few.csv"
        path.write_text(",".join(COLUMNS) + '\n1,a,"two\nlines",2,,1.50,,\n1,b,,0,,1,,\n1,,,1,,1,,\n"1,c,,1,,1,,\n'
                        "1,d,,1,,1e3,,\n1,a,,1,,1,,\n")
        done = run("demo", "--store", self.store, "--input", path, "--json")
        self.assertEqual(done.returncode, 0)
        summary = json.loads(done.stdout)
        self.assertEqual([line.removeprefix(f"{path}:") for line in done.stderr.splitlines()],
                         ["4: refused: the quantity is not above zero", "5: refused: no stock code",
                          "6: refused: a quoted field is not closed before the next row",
                          '7: refused: price "1e3" is not an amount'])
        self.assertEqual((summary["rows_refused"], summary["units_sold"], summary["revenue_cents"]), (4, 3, 400))

    def test_stock_comes_from_a_file(self):
        path, stock = self.write_input(invoices=40, skus=5), self.place / "stock.csv"
        codes = sorted(Expected(path).codes)
        stock.write_text("StockCode,Quantity\n" + "".join(f"{code},{1000 * n}\n" for n, code in enumerate(codes)))
        summary = self.demo("--input", path, "--stock", stock)
        self.assertGreater(summary["cancelled_by_reason"]["out_of_stock"], 0)  # of the first code there is nothing
        received = {line["sku"]: line["quantity"] for line in log_of(self.store)[0]["payload"]["lines"]}
        self.assertEqual(received, {code: 1000 * n for n, code in enumerate(codes) if n > 0})

    def write_rows(self, rows):
        path = self.place / "rows.csv"
        path.write_text(",".join(COLUMNS) + "\n" + "".join(rows))
        return path

    def test_case_84_more_stock_codes_than_one_delivery_may_have_come_in_several(self):
        rows = [f"{n // 3000},S{n},,1,01/12/2010 08:26,1,,UK\n" for n in range(9_000)]
        summary = self.demo("--input", self.write_rows(rows))
        self.assertEqual((summary["orders_shipped"], summary["units_sold"], summary["parked"]), (3, 9_000, 0))
        self.assertEqual(figures(self.demo("--input", self.place / "rows.csv")), figures(summary))

    def test_case_84_an_invoice_of_too_many_lines_is_refused_and_the_others_are_carried_out(self):
        rows = [f"1,S{n},,1,,1,,UK\n" for n in range(4_001)] + ["2,S0,,1,,1,,UK\n"]
        done = run("demo", "--store", self.store, "--input", self.write_rows(rows), "--json")
        self.assertEqual(done.returncode, 0)
        refused = done.stderr.splitlines()
        self.assertEqual(len(refused), 4_001)
        self.assertTrue(refused[0].endswith("rows.csv:2: refused: invoice 1 has 4001 lines, at most 4000"), refused[0])
        self.assertEqual(json.loads(done.stdout)["orders_shipped"], 1)

    def test_case_84_it_fails_when_something_is_parked_and_says_what(self):
        few = self.place / "few.toml"
        few.write_text("command_events_max = 10\n")
        rows = [f"1,S{n},,1,,1,,UK\n" for n in range(20)]
        done = run("demo", "--store", self.store, "--input", self.write_rows(rows), "--config", few, "--json")
        self.assertEqual(done.returncode, 1)
        self.assertGreater(json.loads(done.stdout)["parked"], 0)
        self.assertIn("parked: restocking: position 1 of restocking-initial-stock: too_large", done.stderr)

    def test_case_85_reports_go_by_the_date_of_the_invoice(self):
        path = self.write_rows(["1,A,,2,01/12/2010 08:26,1.5,,UK\n", "2,A,,1,02/12/2010 09:00,1.5,,UK\n", "C3,A,,-1,31/12/2010 10:00,1,,UK\n"])
        self.demo("--input", path)
        report = json.loads(run("report", "--store", self.store, "--json").stdout)
        self.assertEqual([(day["day"], day["total"]["units"], day["units_returned"]) for day in report["days"]],
                         [("2010-12-01", 2, 0), ("2010-12-02", 1, 0), ("2010-12-31", 0, 1)])
        done = run("demo", "--input", path, "--month-first", "--json")
        self.assertIn('rows.csv:4: refused: date "31/12/2010 10:00" is not month/day/year or ISO 8601', done.stderr)

    def test_case_86_a_stray_quote_loses_the_lines_that_are_named_and_no_other(self):
        good = [f"{n},A,,1,,1,,UK\n" for n in range(50)]
        rows = [*good[:10], '10,A,"LAMP,1,,1,,UK\n', *good[11:40], '40,A,LAMP",1,,1,,UK\n', *good[41:]]
        done = run("demo", "--store", self.store, "--input", self.write_rows(rows), "--json")
        self.assertEqual([line.split(": ")[0].rsplit(":")[-1] for line in done.stderr.splitlines()], ["12", "42"])
        self.assertEqual(json.loads(done.stdout)["orders_shipped"], 48)

    def test_another_stock_to_begin_with_is_refused_on_a_store_that_has_begun(self):
        before = self.demo("--orders", 5)
        self.assertIn("another stock", self.refused("demo", "--store", self.store, "--orders", 5, "--initial-stock", 7))
        self.assertEqual(figures(self.demo("--orders", 5)), figures(before))

    def test_deleting_derived_state_changes_nothing(self):
        path = self.write_input(invoices=60)
        before = self.demo("--input", path)
        log = log_of(self.store)
        shutil.rmtree(self.store / "derived")
        self.assertEqual(figures(self.demo("--input", path)), figures(before))
        self.assertEqual(log_of(self.store), log)

    def test_without_a_store_it_leaves_nothing_behind(self):
        with_own_tmp = {"env": {**os.environ, "TMPDIR": str(self.place)}}
        self.assertEqual(run("demo", "--orders", 5, "--json", **with_own_tmp).returncode, 0)
        self.assertEqual(list(self.place.iterdir()), [])
        with Running("demo", "--orders", 100_000, **with_own_tmp) as demo:
            self.assertTrue(demo.until(lambda: any(map(log_bytes, self.place.glob("*/store")))))
            self.assertGreater(demo.kill(signal.SIGTERM), 0)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_the_table_says_the_same(self):
        summary = self.demo("--orders", 50)
        table = run("demo", "--orders", 50, "--store", self.store)
        self.assertEqual((table.returncode, table.stderr), (0, ""))
        said = {line[:30].strip(): line[30:].strip() for line in table.stdout.splitlines()}
        self.assertEqual(said["orders placed"], "50")
        self.assertEqual(said["head of the log"], f"{summary['head_position']:,}")
        self.assertEqual(said["revenue"], f"{summary['revenue_cents'] / 100:,.2f}")

    def test_it_takes_its_options_from_a_file(self):
        tiny = self.place / "tiny.toml"
        tiny.write_text('shards = 1\nthreads = 1\nbatch_records_max = 3\naggregates_resident_max = 2\n'
                        'commands_in_flight_max = 7\nprojection_batch_records = 1\nindex_flush_records = 5\n')
        summary = self.demo("--orders", 20, "--config", tiny)
        self.assertEqual(figures(summary), figures(self.demo("--orders", 20, store=self.place / "other")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
