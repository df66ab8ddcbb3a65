"""What cannot be done is refused in one clear line, and a damaged store is told by the first bad place."""
import json
import os
import pathlib
import shutil
import stat
import unittest

from annals_command import ANNALS, StoreTest, lines_of, log_of, run
from retail import COLUMNS

LOOKS = (("log",), ("streams",), ("stream", "order-500000"), ("verify",), ("backup", "copy"))


class WrongOptions(StoreTest):
    def test_wrong_options_are_refused(self):
        for wrong in ((), ("nonsense",), ("log",), ("log", "--store"), ("verify", "--store", "x", "--quickly"),
                      ("stream", "--store", "x"), ("backup", "--store", "x"), ("log", "--store", "x", "--limit", "-1"),
                      ("log", "--store", "x", "--limit", "many"), ("log", "--store", "x", "--from", "-1"),
                      ("log", "--store", "x", "--from", "99999999999999999999999"), ("demo", "--orders", "-5"),
                      ("demo", "--orders", "1.5"), ("demo", "--orders", "1000000000000"),
                      ("demo", "--initial-stock", "-1"), ("demo", "--initial-stock", "lots"),
                      ("demo", "--payment-limit", "-1"), ("demo", "extra")):
            self.refused(*wrong)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_a_moment_that_is_none_is_never_passed_over(self):
        for wrong in ("", "yesterday", "2010-02-30", "2010-12-01T08:26+01:00"):
            for more in ((), ("--diff",)):
                done = run("state", "account-a", "--store", self.store, "--time", wrong, *more)
                self.assertEqual((done.returncode, done.stdout), (2, ""), wrong)
                self.assertRegex(done.stderr, r"\Aannals: --time: [^\n]*\bUTC\b[^\n]*\n\Z")

    def test_help_and_version_are_no_mistakes(self):
        for asked in (("--help",), ("log", "--help"), ("--version",)):
            done = run(*asked)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("annals" if asked[0] != "log" else "--from", done.stdout)

    def test_case_63_files_that_cannot_be_read_are_named(self):
        nothing, other = self.place / "nothing.csv", self.place / "other.csv"
        other.write_text("a,b\n1,2\n")
        for option in ("--input", "--stock"):
            for path in (nothing, self.place):
                self.assertIn(str(path), self.refused("demo", "--store", self.store, option, path))
            self.assertIn(f"{other}:1", self.refused("demo", "--store", self.store, option, other))
        self.assertFalse(self.store.exists())

    def test_case_55_a_mistake_in_the_configuration_is_named_by_file_and_line(self):
        config = self.place / "annals.toml"
        for text, line in (("create = true\nshard = 2\n", 2), ("\n\nshards = 65\n", 3), ("shards = \n", 1),
                           ('close_deadline = "10 secs"\n', 1)):
            config.write_text(text)
            self.assertIn(f"{config}:{line}", self.refused("demo", "--store", self.store, "--config", config))
        for path in (self.place, self.place / "none.toml"):
            self.assertIn(str(path), self.refused("demo", "--store", self.store, "--config", path))
        self.assertFalse(self.store.exists())

    def test_case_46_no_store_is_created_when_the_configuration_forbids_it(self):
        config = self.place / "annals.toml"
        config.write_text("create = false\n")
        self.assertIn("store_missing", self.refused("demo", "--store", self.store, "--config", config))
        self.assertFalse(self.store.exists())


class WrongDirectories(StoreTest):
    def all_refuse(self, store, code):
        before = {str(path): path.read_bytes() for path in self.place.rglob("*") if path.is_file()}
        for command in (*LOOKS, ("demo", "--orders", 1)):
            if (command[0], code) == ("demo", "store_missing"):
                continue  # it would create one
            line = self.refused(*command, "--store", store, cwd=self.place)
            self.assertIn(code, line)
            self.assertIn(str(store), line)
        after = {str(path): path.read_bytes() for path in self.place.rglob("*") if path.is_file()}
        self.assertEqual({path: data for path, data in after.items() if not path.endswith("lock.mdb")},
                         {path: data for path, data in before.items() if not path.endswith("lock.mdb")})

    def test_case_46_a_missing_directory(self):
        self.all_refuse(self.store, "store_missing")
        self.store.mkdir()
        self.all_refuse(self.store, "store_missing")
        self.assertIn("store_missing", self.refused("demo", "--store", ANNALS))  # a file

    def test_case_46_a_directory_that_may_not_be_written_to(self):
        self.store.mkdir()
        self.place.chmod(0o755)
        self.store.chmod(0o555)
        how = {}
        if os.geteuid() == 0:  # who may write anywhere
            reachable = all(path.stat().st_mode & stat.S_IXOTH for path in pathlib.Path(ANNALS).parents)
            if not reachable:
                self.skipTest("nobody else can run the command here")
            how = {"user": 65534}
        self.assertIn("not writable", self.refused("demo", "--store", self.store, "--orders", 1, **how))

    def test_case_47_a_directory_of_something_else(self):
        self.store.mkdir()
        (self.store / "thesis.txt").write_text("years of work")
        self.all_refuse(self.store, "store_foreign")

    def test_case_47_a_log_that_is_empty_truncated_or_foreign(self):
        whole = self.place / "whole"
        self.demo("--orders", 3, store=whole)
        size = (whole / "log" / "data.mdb").stat().st_size
        spoilers = {
            "empty directory": lambda log: (log / "data.mdb").unlink(),
            "empty file": lambda log: os.truncate(log / "data.mdb", 0),
            "half": lambda log: os.truncate(log / "data.mdb", size // 2),
            "short": lambda log: os.truncate(log / "data.mdb", 100),
            "foreign": lambda log: (log / "data.mdb").write_bytes(b"x" * size),
        }
        for name, spoil in spoilers.items():
            with self.subTest(name):
                shutil.rmtree(self.store, ignore_errors=True)
                shutil.copytree(whole, self.store)
                spoil(self.store / "log")
                self.all_refuse(self.store, "store_foreign")

    def test_case_47_derived_state_of_another_store_is_dropped(self):
        other = self.place / "other"
        summary = self.demo("--orders", 3)
        self.demo("--orders", 4, store=other)
        for spoil in (lambda: shutil.copytree(other / "derived", self.store / "derived"),
                      lambda: (self.store / "derived").mkdir()):
            shutil.rmtree(self.store / "derived")
            spoil()
            done = run("demo", "--orders", 3, "--json", "--store", self.store)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["head_position"], summary["head_position"])

    def test_case_54_a_log_older_than_derived_state_is_told_with_what_it_lost(self):
        self.demo("--orders", 3)
        copy = self.place / "copy"
        self.assertEqual(run("backup", copy, "--store", self.store).returncode, 0)
        head = len(log_of(copy))
        later = self.demo("--orders", 20)["head_position"]
        shutil.rmtree(self.store / "log")
        shutil.copytree(copy / "log", self.store / "log")
        line = self.refused("demo", "--orders", 20, "--store", self.store)
        self.assertRegex(line, rf"derived_ahead: .*\b{head + 1} to {later}\b")


class Damage(StoreTest):
    def test_case_100_a_torn_copy_is_told_how_to_be_made_whole(self):
        self.demo("--orders", 3)
        path = self.store / "log" / "data.mdb"
        whole = path.read_bytes()
        for torn in (whole[:len(whole) // 2], whole[:8192] + bytes(len(whole) - 8192)):
            path.write_bytes(torn)
            line = self.refused("verify", "--store", self.store)
            for text in ("torn copy?", "annals backup", "annals salvage", str(self.store)):
                self.assertIn(text, line)

    def test_case_104_damage_that_heals_by_itself_has_an_exit_status_of_its_own(self):
        self.demo("--orders", 3)
        os.truncate(self.store / "derived" / "data.mdb", 100)
        done = run("verify", "--store", self.store)
        self.assertEqual((done.returncode, done.stderr), (3, ""))
        self.assertNotIn("all is well", done.stdout)
        self.assertIn("will be rebuilt", done.stdout)
        self.assertFalse(json.loads(run("verify", "--json", "--store", self.store).stdout)["ok"])
        self.demo("--orders", 3)  # a writer builds it again
        self.verify()
        shutil.rmtree(self.store / "derived")  # not there is not damaged
        self.verify()

    def test_case_73_salvage_gets_back_what_is_sound_and_lists_the_gaps(self):
        self.demo("--orders", 50)
        path = self.store / "log" / "data.mdb"
        data = bytearray(path.read_bytes())
        log = log_of(self.store)
        sent = [r["command_id"].encode() for r in log if "command_id" in r]
        lost = sent[len(sent) // 2]
        for at in range(8192, len(data), 4096):  # each copy of the page with the record in the middle
            if lost in data[at:at + 4096]:
                data[at:at + 4096] = bytes(4096)
        path.write_bytes(data)
        # The write-ahead log still has the newest records, and how many these are depends on the size of the batches.
        front = self.store / "log" / "front"
        front.write_bytes(front.read_bytes().replace(lost, bytes(len(lost))))
        line = self.refused("verify", "--store", self.store)
        self.assertRegex(line, r"corrupt_record: .* records cannot be read: ")
        copy, aside = self.place / "copy", self.place / "aside.jsonl"
        done = run("salvage", copy, "--store", self.store, "--set-aside", aside, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        said = json.loads(done.stdout)
        self.assertGreater(said["lost"], 0)
        self.assertEqual(said["records"] + said["lost"] + len(aside.read_text().splitlines()), len(log))
        self.assertEqual(path.read_bytes(), bytes(data))
        self.verify(copy)
        kept = [r for r in log_of(copy) if r["type"] != "annals.lost"]
        self.assertEqual(kept, [r for r in log if r["position"] in {k["position"] for k in kept}])

    def flip(self, text):
        """One bit in every copy of a text: LMDB leaves older copies of a page behind."""
        path = self.store / "log" / "data.mdb"
        data = bytearray(path.read_bytes())
        at, flips = data.find(text), 0
        while at >= 0:
            data[at] ^= 1
            at, flips = data.find(text, at + 1), flips + 1
        path.write_bytes(data)
        return flips

    def test_case_48_flipped_bits_are_named_by_the_first_bad_position(self):
        invoices = self.place / "invoices.csv"
        invoices.write_text(",".join(COLUMNS) + "\n" +
                            "".join(f"{n},a,,1,,1,customer-of-{n},\n" for n in range(100, 160)))
        self.demo("--input", invoices)
        log = log_of(self.store)
        self.verify()
        places = {r["payload"]["order"]: r["position"] for r in log if r["type"] == "order_placed"}
        first, second = (places[n] for n in ("120", "150"))
        for number, bad in (("150", second), ("120", min(first, second))):
            self.assertGreater(self.flip(b"customer-of-" + number.encode()), 0)
            self.assertRegex(self.refused("verify", "--store", self.store), rf"corrupt_record: .*\b{bad}\b")
            said = json.loads(run("verify", "--json", "--store", self.store).stdout)
            self.assertEqual((said["ok"], said["position"]), (False, bad))
        # What is whole can still be read, before the damage and behind it.
        bad = min(first, second)
        self.assertEqual(lines_of("log", "--store", self.store, "--limit", bad - 1), log[:bad - 1])
        behind = max(first, second)
        self.assertEqual(lines_of("log", "--store", self.store, "--from", behind + 1), log[behind:])
        # Up to the damage it prints what is there, and says where it stopped.
        done = run("log", "--json", "--store", self.store)
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], log[:bad - 1])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"\Aannals: corrupt_record: [^\n]*\b{bad}\b[^\n]*\n\Z")


if __name__ == "__main__":
    unittest.main(verbosity=2)
