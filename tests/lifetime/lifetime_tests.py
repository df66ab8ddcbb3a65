"""Hosts as processes: where they keep a runtime, how they end, what happens when they fork, and when there are no threads."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["LIFETIME_PROGRAM"]
TIMES = 5  # a runtime that outlives what it stands on breaks in most runs, not in all
LONGEST = 120  # seconds; a run that takes so long never ends


def run(way):
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([PROGRAM, way, str(pathlib.Path(place) / "store")], capture_output=True, text=True,
                              timeout=LONGEST, check=False)
    return done


class Lifetime(unittest.TestCase):
    def ends_well(self, way):
        for _ in range(TIMES):
            done = run(way)
            self.assertEqual(done.returncode, 0, f"{way}: {done.stderr}")

    def test_case_67_a_runtime_at_namespace_scope(self):
        self.ends_well("namespace_scope")

    def test_case_67_a_runtime_at_namespace_scope_that_was_closed(self):
        self.ends_well("namespace_scope_closed")

    def test_case_67_a_runtime_at_namespace_scope_that_was_never_started(self):
        self.ends_well("not_started")

    def test_case_67_a_runtime_at_namespace_scope_started_by_a_thread_that_has_ended(self):
        self.ends_well("started_in_a_thread")

    def test_case_67_a_runtime_in_a_static_of_a_function(self):
        self.ends_well("function_static")

    def test_case_67_a_runtime_in_a_singleton(self):
        self.ends_well("singleton")

    def test_case_67_a_static_object_that_sends_and_subscribes_while_it_is_destroyed(self):
        self.ends_well("asks_at_the_end")

    def test_case_67_a_process_ends_while_its_threads_wait_for_a_runtime(self):
        self.ends_well("threads_still_wait")

    def test_case_68_a_thread_that_subscribed_lives_on(self):
        self.ends_well("pool_thread")

    def test_case_68_a_thread_that_closed_lives_on(self):
        self.ends_well("closed_by_another_thread")

    def test_case_68_the_last_owner_is_a_callback(self):
        self.ends_well("destroyed_in_a_callback")

    def test_case_68_an_effect_that_does_not_end_is_left_behind_and_said(self):
        self.ends_well("stuck")

    def test_case_68_a_process_ends_while_an_effect_does_not(self):
        self.ends_well("stuck_at_the_end")

    def test_case_71_a_child_is_told_and_ends(self):
        self.ends_well("fork")

    def test_case_71_a_child_does_not_keep_its_parents_lock(self):
        self.ends_well("fork_and_outlive")


class FewThreads(unittest.TestCase):
    def test_case_66_each_thread_that_cannot_be_started_is_an_error_of_start(self):
        done = run("few_threads")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
