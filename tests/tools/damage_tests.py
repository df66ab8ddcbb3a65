"""The demo on a store with one damaged bit, byte or page in any of its files: it ends by itself. Either all is as it would have been
without, or the error names what is damaged. So do the commands that only look, and salvage."""
import concurrent.futures
import json
import pathlib
import random
import re
import shutil
import subprocess
import unittest

from annals_command import StoreTest, figures, run

ORDERS = 40
MORE = 60  # what the demo comes to on a damaged store
TRIALS = 200
PAGE = 4096


def damage(file, rng):
    """A bit, a byte, some bytes (of a page's head, half of the time), or a page of zeros or of noise."""
    data = bytearray(file.read_bytes())
    kind = rng.choice(["bit", "byte", "bytes", "zeros", "noise"])
    at = rng.randrange(len(data))
    if kind == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "byte":
        data[at] ^= rng.randrange(1, 256)
    else:
        size = 16 if kind == "bytes" else PAGE
        at = at // PAGE * PAGE if kind != "bytes" or rng.random() < 0.5 else at
        size = min(size, len(data) - at)
        data[at:at + size] = bytes(size) if kind == "zeros" else rng.randbytes(size)
    file.write_bytes(data)
    return f"{kind} at {at}"


class Damage(StoreTest):
    def ended(self, what, *arguments):
        """What it ended with, and whether that is wrong."""
        try:
            done = run(*arguments)
        except subprocess.TimeoutExpired:
            return None, f"{what}: {arguments[0]} does not end"
        if done.returncode < 0 or "terminate called" in done.stderr:
            return None, f"{what}: {arguments[0]} was ended by signal {-done.returncode}: {done.stderr[-500:]}"
        # 3: damage that heals by itself, which verify prints.
        named = re.search(r"^annals: [a-z_]+: [^\n]{5,}\n\Z", done.stderr, re.MULTILINE) or " is damaged (" in done.stderr
        if done.returncode not in (0, 3) and not named:
            return None, f"{what}: {arguments[0]} ended with {done.returncode}, and does not say why: {done.stderr[-500:]!r}"
        return done, None

    def check(self, number):
        rng = random.Random(number)
        store = self.place / f"damaged-{number}"
        shutil.copytree(self.store, store)
        file = rng.choice(self.files)
        what = f"{number}: {file}, {damage(store / file, rng)}"
        salvaged = self.place / f"salvaged-{number}"
        try:
            for command in (("verify", "--store", store), ("salvage", salvaged, "--store", store, "--json")):
                done, wrong = self.ended(what, *command)
                if wrong:
                    return wrong
            if done.returncode == 0:
                said = json.loads(done.stdout)
                aside = sum(cut["set_aside"] for cut in said["cut"])
                if said["records"] + said["lost"] + aside != self.records:
                    return f"{what}: salvage does not account for {self.records} records: {done.stdout}"
                checked = run("verify", "--store", salvaged)
                if checked.returncode != 0:
                    return f"{what}: what was salvaged is not sound: {checked.stderr}"
            elif str(file) == "log/data.mdb":
                return f"{what}: nothing was salvaged: {done.stderr}"
            done, wrong = self.ended(what, "demo", "--json", "--store", store, "--orders", MORE)
            if wrong:
                return wrong
            if done.returncode == 0 and figures(json.loads(done.stdout)) != self.whole:
                return f"{what}: other figures: {done.stdout}"
            return None
        finally:
            shutil.rmtree(store)
            shutil.rmtree(salvaged, ignore_errors=True)

    def test_case_73_the_demo_on_a_damaged_store_ends_with_the_same_figures_or_an_error(self):
        self.demo("--orders", ORDERS)
        self.files = sorted(p.relative_to(self.store) for p in pathlib.Path(self.store).rglob("*") if p.is_file() and p.stat().st_size > 0)
        self.files += [pathlib.Path("log/data.mdb"), pathlib.Path("derived/data.mdb")] * 3
        self.records = json.loads(run("verify", "--json", "--store", self.store).stdout)["records"]
        undisturbed = self.place / "undisturbed"
        shutil.copytree(self.store, undisturbed)
        self.whole = figures(self.demo("--orders", MORE, store=undisturbed))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            wrong = [one for one in pool.map(self.check, range(TRIALS)) if one]
        self.assertEqual(wrong, [], f"{len(wrong)} of {TRIALS}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
