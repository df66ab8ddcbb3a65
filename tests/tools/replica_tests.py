"""`annals replica` and `annals promote`: a copy of a served store, and what becomes of it."""
import json
import signal
import unittest

from annals_command import Running, run
from served import EVERYTHING, ServedTest


class Replica(ServedTest):
    def setUp(self):
        super().setUp()
        self.write_peers(EVERYTHING + 'admin = ["*"]\n')
        self.copy = self.place / "copy"

    def follow(self, node):
        return Running("replica", "--json", "--store", self.copy, "--from", node.address, "--as", self.remote)

    def log_of(self, store):
        return self.printed_by("log", "--json", "--store", store)

    def caught_up(self, following):
        self.until(lambda: "caught up" in following.printed() or following.complained())
        self.assertEqual(following.complained(), "")

    def test_a_copy_has_the_same_records_and_is_promoted(self):
        with self.serve() as node:
            self.far_demo(node, "--orders", 100)
            with self.follow(node) as following:
                self.caught_up(following)
                self.far_demo(node, "--orders", 150)
                self.until(lambda: self.log_of(self.copy) == self.log_of(self.store))
                self.assertEqual(following.kill(signal.SIGTERM), 0)
            with self.follow(node) as following:  # goes on where it was
                self.caught_up(following)
                self.assertEqual(following.kill(signal.SIGTERM), 0)
        self.assertEqual(run("promote", "--store", self.store).returncode, 1)
        before = self.log_of(self.copy)
        done = run("promote", "--json", "--store", self.copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(said["position"], len(before.splitlines()))
        self.assertNotEqual(said["history"], said["former_history"])
        self.assertEqual(run("promote", "--store", self.copy).returncode, 1)
        self.assertEqual(self.log_of(self.copy), before)
        self.assertEqual(run("verify", "--store", self.copy).returncode, 0)
        more = run("demo", "--json", "--store", self.copy, "--orders", 200)
        self.assertEqual(more.returncode, 0, more.stderr)

    def test_without_the_right_to_admin_there_is_no_copy(self):
        self.write_peers(EVERYTHING)
        with self.serve() as node:
            done = run("replica", "--store", self.copy, "--from", node.address, "--as", self.remote)
        self.assertEqual(done.returncode, 1)
        self.assertIn("forbidden", done.stderr)
        self.assertFalse(self.copy.exists())


if __name__ == "__main__":
    unittest.main()
