"""`annals keys new`: a file that only its owner can read, and the lines that make the node known to others."""
import json
import stat
import tomllib
import unittest

from annals_command import StoreTest, run


class Keys(StoreTest):
    def make(self, *arguments):
        done = run("keys", "new", *arguments, cwd=self.place)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_a_key_is_made_and_its_public_half_printed(self):
        printed = self.make("shop-web")
        file = self.place / "shop-web.key"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        lines = file.read_text().splitlines()
        self.assertEqual(lines[0], "annals-key-1")
        self.assertNotIn(lines[-1], printed)
        public, = [line.removeprefix("public key: ") for line in printed.splitlines() if line.startswith("public key: ")]
        self.assertRegex(public, r"\Aed25519:[A-Za-z0-9+/]{43}=\Z")
        self.assertIn("# " + public, lines)
        self.assertEqual(tomllib.loads(printed[printed.index("[[peer]]"):]), {"peer": [{"name": "shop-web", "keys": [public]}]})

    def test_a_name_with_any_characters_is_text_of_toml(self):
        name = 'Ä "quoted" \\ name/1'
        printed = self.make(name, "--out", "odd.key")
        self.assertEqual(tomllib.loads(printed[printed.index("[[peer]]"):])["peer"][0]["name"], name)

    def test_json_says_the_same(self):
        made = json.loads(self.make("shop-web", "--out", "here.key", "--json"))
        self.assertEqual((made["ok"], made["name"], made["file"]), (True, "shop-web", "here.key"))
        self.assertIn("# " + made["key"], (self.place / "here.key").read_text().splitlines())

    def test_a_file_that_exists_stays_as_it_is(self):
        self.make("shop-web")
        before = (self.place / "shop-web.key").read_bytes()
        self.assertIn("shop-web.key: already exists", self.refused("keys", "new", "shop-web", cwd=self.place).replace(" (", ": "))
        self.assertEqual((self.place / "shop-web.key").read_bytes(), before)

    def test_what_cannot_be_a_name_or_file_is_refused(self):
        for wrong in (("",), ("a\nb",), ("x" * 256,), ("a/b",), ("..",), ("shop-web", "--out", "no/such/directory.key"), ()):
            self.refused("keys", "new", *wrong, cwd=self.place)
        self.refused("keys", cwd=self.place)
        self.assertEqual(list(self.place.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
