"""Killed at any moment and run again until it ends, the demo comes to the figures of an uninterrupted run.

A life ends when the log has grown by so many bytes, which a seeded generator picks: no clock is involved. Set
ANNALS_TEST_SEED to see other moments."""
import json
import os
import random
import shutil
import signal
import unittest

from annals_command import Running, StoreTest, figures, log_bytes, log_of, run
from books import Books
from retail import Expected, write_invoices

SEED = int(os.environ.get("ANNALS_TEST_SEED", "1"))


class Interrupted(StoreTest):
    def setUp(self):
        super().setUp()
        self.input = self.place / "invoices.csv"
        write_invoices(self.input, invoices=250, seed=SEED)

    def live_interrupted(self, arguments, moments, how=signal.SIGKILL):
        """Runs it again and again, killed at each of these moments; how many lives were cut short."""
        cut_short = 0
        for moment in moments:
            with Running("demo", "--json", "--store", self.store, *arguments) as demo:
                if demo.until(moment) and demo.is_running():
                    status = demo.kill(how)
                    if status == -signal.SIGKILL or "stopped by a signal" in demo.complained():
                        cut_short += 1
                    else:
                        self.assertEqual(status, 0, demo.complained())
        return cut_short

    def small_batches(self):
        """More commits, and so more moments between them."""
        path = self.place / "small.toml"
        path.write_text("batch_records_max = 40\n")
        return "--config", path

    def moments(self, dice, whole, lives):
        """As conditions: while the store is made, while it begins, and all over the growth of the log."""
        yield self.store.exists
        yield lambda: any(self.store.glob("log*"))
        yield (self.store / "log").exists
        for _ in range(lives):
            # Some end before they begin; the others together cover about the whole run.
            least = log_bytes(self.store) + dice.choice([0, 1, dice.randrange(5 * whole // lives)])
            yield lambda least=least: log_bytes(self.store) >= least

    def check_against_uninterrupted(self, dice, *arguments):
        arguments = ("--input", self.input, *arguments)
        whole_store = self.place / "uninterrupted"
        whole = self.demo(*arguments, store=whole_store)
        cut_short = self.live_interrupted(arguments, self.moments(dice, log_bytes(whole_store), 24))
        self.assertGreater(cut_short, 8, "too few kills came before the end")
        self.verify()
        summary = self.demo(*arguments)
        self.assertEqual(figures(summary), figures(whole))
        self.verify()
        Books(log_of(self.store)).close(self, summary, 1_000_000)
        self.assertEqual(figures(self.demo(*arguments)), figures(whole))

    def test_killed_again_and_again_it_comes_to_the_same_figures(self):
        self.check_against_uninterrupted(random.Random(SEED))

    def test_killed_again_and_again_with_declined_payments_it_comes_to_the_same_figures(self):
        totals = sorted(map(Expected(self.input).total, Expected(self.input).orders))
        self.check_against_uninterrupted(random.Random(SEED + 1), "--payment-limit", totals[len(totals) // 2],
                                         *self.small_batches())

    def test_killed_again_and_again_with_scarce_stock_everything_adds_up(self):
        stock = 80  # about a third of what is ordered
        arguments = ("--input", self.input, "--initial-stock", stock, "--payment-limit", 30_000)
        whole_store = self.place / "uninterrupted"
        self.demo(*arguments, store=whole_store)
        dice = random.Random(SEED + 2)
        self.assertGreater(self.live_interrupted(arguments, self.moments(dice, log_bytes(whole_store), 10)), 5)
        Books(log_of(self.store))  # it adds up half-way too
        summary = self.demo(*arguments)
        self.verify()
        self.assertGreater(summary["orders_shipped"], 20)
        self.assertGreater(summary["cancelled_by_reason"]["out_of_stock"], 20)
        self.assertGreater(summary["cancelled_by_reason"]["payment_declined"], 5)
        Books(log_of(self.store)).close(self, summary, stock)
        self.assertEqual(figures(self.demo(*arguments)), figures(summary))

    def test_derived_state_lost_between_kills_changes_nothing(self):
        arguments = ("--input", self.input)
        whole_store = self.place / "uninterrupted"
        whole = self.demo(*arguments, store=whole_store)
        for part in range(4):
            least = log_bytes(whole_store) * (part + 1) // 6
            self.live_interrupted(arguments, [lambda least=least: log_bytes(self.store) >= least])
            shutil.rmtree(self.store / "derived", ignore_errors=True)
        self.assertEqual(figures(self.demo(*arguments)), figures(whole))
        self.verify()

    def test_case_61_sigterm_stops_it_in_order_and_it_goes_on_next_time(self):
        whole = self.demo("--input", self.input, store=self.place / "uninterrupted")
        stopped = 0
        for how in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            # Behind the first growth its handlers are there; before that a signal ends it as any other process.
            least = log_bytes(self.store) + 20_000
            with Running("demo", "--json", "--store", self.store, "--input", self.input, *self.small_batches()) as demo:
                if not demo.until(lambda least=least: log_bytes(self.store) >= least):
                    break  # it came to its end
                status = demo.kill(how, within=30)
                if status == 0:
                    break  # before the signal did
                self.assertEqual(status, 1)
                self.assertEqual(demo.printed(), "")
                self.assertRegex(demo.complained().splitlines()[-1], r"\Aannals: closed: stopped by a signal")
                stopped += 1
            self.verify()
            Books(log_of(self.store))
        self.assertGreater(stopped, 0)
        self.assertEqual(figures(self.demo("--input", self.input)), figures(whole))

    def test_case_51_a_command_that_was_answered_before_the_kill_is_there_after_it(self):
        with Running("demo", "--store", self.store, "--orders", 50_000) as demo:
            self.assertTrue(demo.until(lambda: log_bytes(self.store) > 3_000_000))
            seen = run("log", "--store", self.store, "--json").stdout.splitlines()
            demo.kill()
        after = run("log", "--store", self.store, "--json", "--limit", len(seen)).stdout.splitlines()
        self.assertGreater(json.loads(seen[-1])["position"], 1000)
        self.assertEqual(after, seen)  # what a reader had seen, every reader will see


if __name__ == "__main__":
    unittest.main(verbosity=2)
