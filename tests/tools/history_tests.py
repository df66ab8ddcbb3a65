"""What is read from the log: statements, figures of the store, states as they were; also beside a writer."""
import collections
import json
import os
import subprocess
import unittest

from annals_command import PATIENCE, Running, StoreTest, lines_of, log_bytes, log_of, one, run

BANK_STORE = os.environ["BANK_STORE"]


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
        self.assertRegex(lines[3], r"^ +2  \S+Z  deposited +10\.00 +10\.00  -  salary  teller-3$")
        self.assertRegex(lines[-1], r"^ +14  \S+Z  withdrawn +-300\.50 +479\.50  t1  \S+  -$")
        self.assertRegex(lines[2], r"^ +1  \S+Z  opened +0\.00  -  -  -$")

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


class State(Bank):
    def look(self, *arguments, stream="account-a"):
        return one("state", stream, "--store", self.store, *arguments)

    def test_as_of_every_version_position_and_time(self):
        events, cents = account_events(self.store, "a"), 0
        for event in events:
            cents += {"money_withdrawn": -1}.get(event["type"], 1) * event["payload"].get("cents", 0)
            expected = {"stream": "account-a", "version": event["version"], "position": event["position"],
                        "time": event["time"], "state": {"known": True, "open": True, "cents": cents}}
            self.assertEqual(self.look("--version", event["version"]), expected)
            self.assertEqual(self.look("--at", event["position"]), expected)
            if sum(other["time"] == event["time"] for other in events) == 1:
                self.assertEqual(self.look("--time", event["time"]), expected)
        self.assertEqual(self.look(), expected)
        self.assertEqual(self.look("--time", "2999-12-31T23:59Z"), expected)
        before = {"stream": "account-a", "version": 0, "position": 0, "time": None,
                  "state": {"known": False, "open": False, "cents": 0}}
        for when in (("--at", 0), ("--version", 0), ("--time", "2010-12-01"), ("--time", 1_291_161_600_000_000)):
            self.assertEqual(self.look(*when), before)

    def test_case_106_what_is_still_to_come_is_no_version_and_no_position(self):
        newest = account_events(self.store, "a")[-1]["version"]
        for how in ((), ("--diff",)):
            self.assertIn(f"there is no version {newest + 1} of account-a (the stream has {newest} versions)",
                          self.refused("state", "account-a", "--store", self.store, "--version", newest + 1, *how))
            self.assertIn("the log ends at", self.refused("state", "account-a", "--store", self.store, "--at", 10**9, *how))

    def test_case_105_a_key_that_is_no_text_is_named_as_it_is_shown(self):
        store = self.place / "odd"
        self.assertEqual(run(store, "odd", program=BANK_STORE).returncode, 0)
        shown = "account-\\xff\\\\"
        self.assertEqual([s["stream"] for s in lines_of("streams", "--store", store)], [shown])
        self.assertEqual(lines_of("streams", "--store", store, "--prefix", "account-\\xff")[0]["stream"], shown)
        self.assertEqual([r["stream"] for r in lines_of("stream", shown, "--store", store)], [shown])
        self.assertEqual(one("state", shown, "--store", store)["stream"], shown)
        self.assertEqual(one("statement", shown.removeprefix("account-"), "--store", store)["owner"], "Ada")
        self.assertIn(shown, run("streams", "--store", store).stdout)
        self.assertIn(shown, run("log", "--store", store).stdout)

    def test_of_a_process_manager(self):
        state = self.look(stream="transferring-t1")["state"]
        self.assertEqual(state["state"], {"from": "a", "to": "b", "cents": 30_050, "reason": "", "ended": True})
        self.assertEqual(self.look(stream="transferring-t2")["state"]["state"]["ended"], True)

    def test_for_people(self):
        lines = run("state", "account-a", "--store", self.store, "--version", 2).stdout.splitlines()
        self.assertRegex(lines[0], r"^account-a at version 2, position 4, \S+Z$")
        self.assertEqual(json.loads("".join(lines[1:])), {"known": True, "open": True, "cents": 1_000})

    def test_what_each_event_changed(self):
        changes = lines_of("state", "account-a", "--diff", "--store", self.store)
        events = account_events(self.store, "a")
        self.assertEqual([(c["version"], c["position"], c["time"], c["type"]) for c in changes],
                         [(e["version"], e["position"], e["time"], e["type"]) for e in events])
        self.assertEqual(changes[0]["changes"], [{"path": "known", "before": False, "after": True},
                                                 {"path": "open", "before": False, "after": True}])
        self.assertEqual(changes[2]["changes"], [{"path": "cents", "before": 1_000, "after": 3_000}])
        self.assertEqual(lines_of("state", "account-a", "--diff", "--store", self.store, "--version", 3), changes[:3])
        self.assertEqual(lines_of("state", "account-a", "--diff", "--store", self.store, "--at", 0), [])
        text = run("state", "account-a", "--diff", "--store", self.store, "--version", 2).stdout
        self.assertRegex(text, r"(?m)^version 2, position 4, \S+Z  money_deposited\n  cents: 0 → 1000$")
        begun = lines_of("state", "transferring-t1", "--diff", "--store", self.store)[0]["changes"]
        self.assertIn({"path": "state.from", "before": "", "after": "a"}, begun)

    def test_what_cannot_be_shown_is_named(self):
        for wrong, named in ((("account-zz",), "account-zz"), (("nobody-1",), "nobody-1"), (("account-zz", "--diff"), "account-zz"),
                             (("nobody-1", "--diff"), "nobody-1"), (("account-a", "--time", "yesterday"), "yesterday"),
                             (("account-a", "--time", "2010-02-30"), "2010-02-30"), (("account-a", "--version", "-1"), "--version"),
                             (("account-a", "--at", 1, "--version", 1), "--version"), (("account-a", "--at", 1, "--time", 1), "--time")):
            self.assertIn(named, self.refused("state", "--store", self.store, *wrong))


class LiveHistory(LiveBank):
    def test_case_59_states_and_what_changed_them(self):
        for _ in range(5):
            state = one("state", "account-c", "--store", self.store)
            self.assertEqual(state["state"]["cents"], state["version"] - 1)
            changes = lines_of("state", "account-c", "--diff", "--store", self.store)
            self.assertGreaterEqual(len(changes), state["version"])
            for version, change in enumerate(changes[1:], 2):
                self.assertEqual((change["version"], change["changes"]),
                                 (version, [{"path": "cents", "before": version - 2, "after": version - 1}]))

    def test_case_59_derived_state_agrees_and_replays_while_it_is_written(self):
        for _ in range(30):
            seen = one("verify", "--store", self.store)
            self.assertTrue(seen["ok"])
        self.assertGreater(seen["derived"]["indexed"], 0)
        self.assertGreater(seen["derived"]["snapshots"], 0)
        for _ in range(5):
            seen = one("verify", "--replay", "--store", self.store)
            self.assertGreaterEqual(seen["replayed"]["events"], seen["records"])

    def test_case_59_figures(self):
        for _ in range(10):
            stats = one("stats", "--store", self.store)
            self.assertGreaterEqual(stats["durable"], stats["readable"])
            self.assertGreaterEqual(stats["readable"], stats["derived"]["indexed"])
            self.assertEqual(stats["categories"]["account"]["streams"], 3)


class Stats(StoreTest):
    def test_they_add_up_to_what_the_log_has(self):
        summary = self.demo("--orders", 2_000)
        stats, log = one("stats", "--store", self.store), log_of(self.store)
        self.assertEqual((stats["records"], stats["durable"], stats["readable"]), (len(log),) * 3)
        self.assertEqual(stats["records"], summary["head_position"])
        categories = collections.defaultdict(lambda: {"streams": set(), "records": 0})
        for record in log:
            category = categories[record["stream"].split("-")[0]]
            category["streams"].add(record["stream"])
            category["records"] += 1
        self.assertEqual(stats["categories"], {name: {"streams": len(c["streams"]), "records": c["records"]}
                                               for name, c in categories.items()})
        self.assertEqual(stats["streams"], sum(c["streams"] for c in stats["categories"].values()))
        for name, where in (("log_bytes", "log/data.mdb"), ("front_bytes", "log/front"), ("derived_bytes", "derived/**/*")):
            files = [path for path in self.store.glob(where) if path.is_file() and path.name != "lock.mdb"]
            self.assertEqual(stats[name], sum(path.stat().st_size for path in files))
        followers = stats["derived"]["followers"]
        self.assertIn("process fulfilment", followers)
        self.assertIn("projection revenue", followers)
        self.assertIn("revenue", [image["projection"] for image in stats["derived"]["images"]])
        for follower in followers.values():
            self.assertEqual(follower["at"] + follower["checkpoint_behind"], len(log))
        for image in stats["derived"]["images"]:
            self.assertEqual(image["at"] + image["image_behind"], len(log))
        table = run("stats", "--store", self.store).stdout
        self.assertRegex(table, rf"(?m)^  records +{len(log):,}$")
        self.assertRegex(table, r"(?m)^    order +[0-9,]+  in 2,000 streams$")

    def test_what_is_behind_is_said_of_the_image_and_not_of_its_model(self):
        at = self.demo("--orders", 2_000)["head_position"]
        # Its models reach the head, but so few records are worth no new image.
        subprocess.run([BANK_STORE, self.store], check=True, timeout=PATIENCE)
        stats, table = one("stats", "--store", self.store), run("stats", "--store", self.store).stdout
        behind = stats["records"] - at
        self.assertGreater(behind, 10)
        images = {image["projection"]: image for image in stats["derived"]["images"]}
        self.assertEqual((images["revenue"]["at"], images["revenue"]["image_behind"]), (at, behind))
        self.assertGreater(stats["derived"]["followers"]["projection revenue"]["at"], at)
        self.assertRegex(table, rf"(?m)^    image of revenue +{at:,}  image {behind} behind, [0-9,]+ bytes$")
        follower = stats["derived"]["followers"]["process transferring"]
        self.assertRegex(table, rf"(?m)^    process transferring +{follower['at']:,}  checkpoint {follower['checkpoint_behind']:,} behind$")


class Verify(StoreTest):
    def write(self, *how):
        subprocess.run([BANK_STORE, self.store, *how], check=True, timeout=PATIENCE)

    def test_derived_state_is_compared_with_the_log(self):
        self.write()
        seen = one("verify", "--store", self.store)
        self.assertEqual(seen["derived"]["indexed"], seen["records"])
        self.assertGreater(seen["derived"]["snapshots"], 0)
        self.assertIn("derived state agrees", run("verify", "--store", self.store).stdout)

    def test_case_104_derived_state_of_no_use_is_said_and_has_a_status_of_its_own(self):
        self.write()
        data = self.store / "derived" / "data.mdb"
        os.truncate(data, data.stat().st_size - 4096)
        done = run("verify", "--json", "--store", self.store)
        seen = json.loads(done.stdout)
        self.assertEqual((done.returncode, done.stderr, seen["ok"], seen["derived"]), (3, "", False, None))
        self.assertIn("derived", seen["why_no_derived"])
        for path in (self.store / "derived").iterdir():
            path.unlink()
        (self.store / "derived").rmdir()
        self.assertIn("does not exist", one("verify", "--store", self.store)["why_no_derived"])
        self.assertIn("derived state is not verified", run("verify", "--store", self.store).stdout)

    def test_a_stream_index_that_contradicts_the_log_is_named(self):
        self.write("misplace")
        self.assertRegex(self.refused("verify", "--store", self.store), r"version 2 of stream account-a at position 3\b.*\bposition 4\b")
        said = json.loads(run("verify", "--json", "--store", self.store).stdout)
        self.assertEqual((said["ok"], said["position"]), (False, 4))

    def test_case_23_a_replay_that_parts_from_a_snapshot_names_the_event(self):
        self.write("lie")
        self.assertTrue(one("verify", "--store", self.store)["ok"])
        line = self.refused("verify", "--replay", "--store", self.store)
        self.assertRegex(line, r"not_deterministic: .*snapshot of version \d+ .*money_\w+, version \d+ of account-a")
        said = json.loads(run("verify", "--replay", "--json", "--store", self.store).stdout)
        self.assertIn(said["position"], [r["position"] for r in account_events(self.store, "a")])

    def test_every_stream_of_the_shop_replays(self):
        self.demo("--orders", 300)
        seen = one("verify", "--replay", "--store", self.store)
        self.assertEqual((seen["replayed"]["events"], seen["replayed"]["left_out"]), (seen["records"], 0))
        self.assertIn("replays give the same states", run("verify", "--replay", "--store", self.store).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
