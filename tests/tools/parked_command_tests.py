"""`annals parked`: what was set aside is listed, shown, tried again and skipped, as tables, as JSON, and not by mistake."""
import json
import os
import subprocess
import unittest

from annals_command import PATIENCE, StoreTest, lines_of, log_of, run

BANK_STORE = os.environ["BANK_STORE"]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
MAIL = "subscription/mail"


class Parked(StoreTest):
    """Both large deposits to account a are parked by the balances, and the second by a subscription."""

    def setUp(self):
        super().setUp()
        subprocess.run([BANK_STORE, self.store, "park"], check=True, timeout=PATIENCE, stderr=subprocess.DEVNULL)
        self.first, self.second = (r["position"] for r in log_of(self.store) if r["payload"].get("cents", 0) > 10_000)

    def parked(self, command, *arguments, **how):
        return run("parked", command, *arguments, "--store", self.store, **how)

    def listed(self):
        return [(one["of"], one["position"]) for one in lines_of("parked", "list", "--store", self.store)]

    def bytes_of_log(self):
        """Every writable open changes them."""
        return (self.store / "log" / "data.mdb").read_bytes()

    def done(self, *arguments):
        ran = self.parked(*arguments)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), arguments)
        return ran.stdout


class Looking(Parked):
    def test_list(self):
        everything = [("balances", self.first), ("balances", self.second), (MAIL, self.second)]
        self.assertEqual(self.listed(), everything)
        for one, (of, position) in zip(lines_of("parked", "list", "--store", self.store), everything):
            self.assertRegex(one.pop("time"), rf"\A{TIME}\Z")
            self.assertIn("no such address" if of == MAIL else "too much", one.pop("error"))
            self.assertEqual(one, {"of": of, "position": position, "stream": "account-a", "attempts": 1})
        lines = self.done("list").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], rf"^ +{self.first}  balances  account-a  1 attempts, {TIME}: .*too much")
        self.assertRegex(lines[2], rf"^ +{self.second}  {MAIL}  account-a  1 attempts, {TIME}: .*no such address")

    def test_nothing_is_said_to_people_and_left_out_of_json(self):
        nothing = self.place / "nothing"
        subprocess.run([BANK_STORE, nothing], check=True, timeout=PATIENCE)
        self.assertEqual(run("parked", "list", "--store", nothing).stdout, "no events are parked\n")
        self.assertEqual(run("parked", "list", "--store", nothing, "--json").stdout, "")

    def test_show(self):
        record = log_of(self.store)[self.first - 1]
        for of, position in (("balances", self.first), (MAIL, self.second)):
            one, event = lines_of("parked", "show", of, position, "--store", self.store)
            self.assertEqual((one["of"], one["position"], event), (of, position, log_of(self.store)[position - 1]))
        lines = self.done("show", "balances", self.first).splitlines()
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], rf"^ +{self.first}  balances  account-a  1 attempts")
        self.assertRegex(lines[1], rf"^ +{self.first}  {TIME}  account-a +{record['version']}  money_deposited +{{")

    def test_looking_changes_nothing(self):
        before, everything = self.bytes_of_log(), self.listed()
        self.done("list")
        self.done("show", "balances", self.first)
        self.assertEqual((self.bytes_of_log(), self.listed()), (before, everything))


class Deciding(Parked):
    def balance(self):
        """Of account a, as the balances have it after another start."""
        return int(subprocess.run([BANK_STORE, self.store, "balance"], check=True, timeout=PATIENCE, stdout=subprocess.PIPE).stdout)

    def test_retry_handles_them(self):
        self.assertEqual(self.done("retry", "balances", self.first).splitlines()[-1],
                         f"handled position {self.first} of balances")
        self.assertNotIn(("balances", self.first), self.listed())
        self.assertEqual(self.balance(), 10_001 + 10_002)

    def test_retry_as_json(self):
        lines = self.done("retry", "balances", self.second, "--json").splitlines()
        self.assertEqual(json.loads(lines[-1]), {"ok": True, "of": "balances", "position": self.second})
        self.assertEqual(json.loads(lines[0])["position"], self.second)
        self.assertNotIn(("balances", self.second), self.listed())
        self.assertEqual(self.balance(), 10_001 + 10_002)

    def test_skip_leaves_one_out_for_ever(self):
        self.assertEqual(self.done("skip", "balances", self.first, "--yes"), f"skipped position {self.first} of balances\n")
        self.assertEqual(self.listed(), [("balances", self.second), (MAIL, self.second)])
        self.assertEqual(self.balance(), 10_002)

    def test_skip_as_json(self):
        for of, position in (("balances", self.second), (MAIL, self.second)):
            self.assertEqual(json.loads(self.done("skip", of, position, "--yes", "--json")), {"ok": True, "of": of, "position": position})
        self.assertEqual(self.listed(), [("balances", self.first)])
        self.assertEqual(self.balance(), 10_001)

    def test_skipping_wants_to_be_meant(self):
        before = self.bytes_of_log()
        for of in ("balances", MAIL):
            self.assertIn("--yes", self.refused("parked", "skip", of, self.second, "--store", self.store))
        self.assertEqual(self.bytes_of_log(), before)
        self.assertEqual(len(self.listed()), 3)

    def test_what_is_not_parked_is_named_and_nothing_is_written(self):
        before = self.bytes_of_log()
        for command, *more in (("show",), ("retry",), ("skip", "--yes")):
            for of, position in (("balances", 1), ("balances", 2**62), ("statement", self.first), ("subscription/post", self.second)):
                line = self.refused("parked", command, of, position, *more, "--store", self.store)
                self.assertIn(of, line)
        self.assertIn(MAIL, self.refused("parked", "retry", MAIL, self.second, "--store", self.store))
        self.assertRegex(self.refused("parked", "retry", "large_deposits", 1, "--store", self.store), "not_hosted: .*large_deposits")
        self.assertEqual(self.bytes_of_log(), before)

    def test_wrong_arguments_are_refused_before_anything_else(self):
        before = self.bytes_of_log()
        wrongs = [(), ("nonsense",), ("list", "balances"), ("list", "--yes"), ("list", "--config", "x"), ("show", "--config", "x", "balances", 1)]
        for command in ("show", "retry", "skip"):
            wrongs += [(command,), (command, "balances"), (command, "balances", "-1"), (command, "balances", "first"),
                       (command, "balances", self.first, self.second)]
        wrongs += [("retry", "balances", self.first, "--yes"), ("show", "balances", self.first, "--yes")]
        for wrong in wrongs:
            done = run("parked", *wrong, "--store", self.store)
            self.assertEqual((done.returncode, done.stdout), (2, ""), wrong)
        for command in ("list", "show", "retry", "skip"):
            self.assertEqual(run("parked", command).returncode, 2)  # no store
        self.assertEqual(self.bytes_of_log(), before)
        self.assertEqual(len(self.listed()), 3)

    def test_a_store_that_is_not_there_is_not_made(self):
        config = self.place / "annals.toml"
        config.write_text("create = true\n")
        nowhere = self.place / "nowhere"
        for command in (("list",), ("show", "balances", 1), ("retry", "balances", 1, "--config", config),
                        ("skip", "balances", 1, "--yes", "--config", config)):
            self.assertIn("store_missing", self.refused("parked", *command, "--store", nowhere))
        self.assertFalse(nowhere.exists())

    def test_options_of_the_runtime_are_taken_from_a_file(self):
        config = self.place / "annals.toml"
        for command, *more in (("retry",), ("skip", "--yes")):
            about = ("parked", command, "balances", self.first, *more, "--store", self.store, "--config", config)
            config.write_text("\nshards = 65\n")
            self.assertIn(f"{config}:2", self.refused(*about))
            # More than there are addresses.
            config.write_text('log_map_bytes = "64 TiB"\nderived_map_bytes = "64 TiB"\n')
            self.assertIn(str(64 * 2**40), self.refused(*about))
        config.write_text('log_map_bytes = "64 MiB"\nderived_map_bytes = "64 MiB"\n')
        self.done("retry", "balances", self.first, "--config", config)


if __name__ == "__main__":
    unittest.main(verbosity=2)
