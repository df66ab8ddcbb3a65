"""System calls of the demo fail, one after the other: it ends by itself and says what failed, and the next run comes to the same
figures. strace makes them fail; it counts the calls of each thread by itself, so the Nth of every thread that has so many fails."""
import collections
import concurrent.futures
import json
import os
import re
import resource
import shutil
import subprocess
import unittest

from annals_command import ANNALS, PATIENCE, StoreTest, figures, run

ORDERS = 30
SAMPLES = 4  # of the calls of a kind: the first, the last, and some between
NO_SPACE = ["ENOSPC", "EIO"]
FAULTS = {
    "pwrite64": NO_SPACE, "pwritev2": NO_SPACE, "pwritev": NO_SPACE, "writev": NO_SPACE, "fdatasync": NO_SPACE, "fsync": ["EIO"],
    "openat": ["EIO", "EMFILE"], "ftruncate": NO_SPACE, "fallocate": ["ENOSPC", "EOPNOTSUPP"], "rename": NO_SPACE, "mmap": ["ENOMEM"],
    "clone3": ["EAGAIN"],
}
# What is asked of the store's own files; what the loader of programs opens and maps before main() is not ours.
OF_THE_STORE = {"openat", "mmap", "ftruncate", "fallocate", "rename"}
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}  # which traces, too


def sampled(numbers):
    numbers = sorted(numbers)
    if len(numbers) <= SAMPLES:
        return numbers
    return sorted({numbers[i * (len(numbers) - 1) // (SAMPLES - 1)] for i in range(SAMPLES)})


class Faults(StoreTest):
    def traced(self, store, *how):
        """The demo, under strace; killed when it hangs."""
        command = ["strace", "-f", "-qq", "-y", *how, ANNALS, "demo", "--json", "--store", str(store), "--orders", str(ORDERS)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=ENVIRONMENT)

    def calls(self):
        """The numbers, in its thread, of each call that an undisturbed run makes."""
        trace = self.place / "trace"
        done = self.traced(self.place / "counted", "-o", trace, "-e", "trace=" + ",".join(FAULTS))
        self.assertEqual(done.returncode, 0, done.stderr)
        so_far, numbers = collections.Counter(), collections.defaultdict(set)
        for thread, call, rest in re.findall(r"^(\d+) +(\w+)\((.*)", trace.read_text(), re.MULTILINE):
            so_far[thread, call] += 1
            if call not in OF_THE_STORE or str(self.place) in rest:
                numbers[call].add(so_far[thread, call])
        return numbers

    def check(self, call, code, number, for_good):
        what = f"{call} {code} from {number} on" if for_good else f"{call} {code} at {number}"
        store = self.place / what.replace(" ", "-")
        how = f"inject={call}:error={code}:when={number}{'+' if for_good else ''}"
        try:
            done = self.traced(store, "-o", "/dev/null", "-e", f"trace={call}", "-e", how)
        except subprocess.TimeoutExpired:
            return f"{what}: does not end"
        if done.returncode == 127 and "error while loading shared libraries" in done.stderr:
            return None  # before main()
        if done.returncode < 0 or "terminate called" in done.stderr:
            return f"{what}: ended by signal {-done.returncode}: {done.stderr[-500:]}"
        if done.returncode > 0 and not re.search(r"^annals: [a-z_]+: [^\n]{5,}\n\Z", done.stderr, re.MULTILINE):
            return f"{what}: status {done.returncode}, and does not say why: {done.stderr[-500:]!r}"
        if done.returncode == 0 and self.said(done.stdout) != self.whole:
            return f"{what}: other figures: {done.stdout}"
        again = run("demo", "--json", "--store", store, "--orders", ORDERS)
        if again.returncode != 0 or self.said(again.stdout) != self.whole:
            return f"{what}: the next run: {again.stderr[-500:]}{again.stdout}"
        verified = run("verify", "--store", store)
        shutil.rmtree(store)
        return None if verified.returncode == 0 else f"{what}: {verified.stderr}"

    @staticmethod
    def said(printed):
        return figures(json.loads(printed))

    def test_case_65_whatever_fails_the_demo_ends_and_the_next_run_makes_up_for_it(self):
        if not shutil.which("strace"):
            self.fail("strace is not installed: ./dev test installs it")
        self.whole = figures(self.demo("--orders", ORDERS, store=self.place / "undisturbed"))
        numbers = self.calls()
        for call in ("pwrite64", "fdatasync", "openat", "mmap", "clone3"):  # or this would test little
            self.assertTrue(numbers[call], call)
        trials = [(call, code, number, for_good) for call, codes in FAULTS.items()
                  for code in codes for number in sampled(numbers[call]) for for_good in (False, True)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            wrong = [one for one in pool.map(lambda trial: self.check(*trial), trials) if one]
        self.assertEqual(wrong, [], f"{len(wrong)} of {len(trials)}")

    def test_case_116_a_limit_on_the_size_of_files_ends_the_demo_with_an_error(self):
        self.whole = figures(self.demo("--orders", ORDERS, store=self.place / "undisturbed"))
        for bytes_max in (8_000, 40_000, 100_000, 300_000):
            with self.subTest(bytes_max):
                store = self.place / str(bytes_max)
                limit = (bytes_max, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
                done = run("demo", "--json", "--store", store, "--orders", ORDERS,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertRegex(done.stderr, r"(?m)^annals: store_failed: [^\n]{5,}\n\Z")
                self.assertEqual(self.said(run("demo", "--json", "--store", store, "--orders", ORDERS).stdout), self.whole)


if __name__ == "__main__":
    unittest.main(verbosity=2)
