"""dev_tests.py DEV: what the script installs, configures and runs, in any order. Debian and CMake are stood in for."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

DEV = sys.argv.pop(1)

# What stands in: `installed` has a package and its version a line, `done` a line for each thing that was done.
TOOLS = {
    "dpkg-query": """
for word; do case $word in -W) ;; -f=*) format=${word#-f=} ;; *)
  version=$(sed -n "s/^$word //p" "$PLACE/installed")
  [ -z "$version" ] || case $format in
    *Version*) echo "$word $version install ok installed" ;;
    *) printf 'install ok installed' ;;
  esac
esac; done""",
    "apt-get": """
[ "$1" = install ] || exit 0
for word; do case $word in install|-*) ;; *) echo "$word 1" >>"$PLACE/installed" ;; esac; done
echo install >>"$PLACE/done" """,
    "cmake": """
if [ "$1" = --preset ]; then
  mkdir -p "build/$2/tools" && touch "build/$2/build.ninja"
  [ ! -f "$PLACE/broken" ] || exit 1
  echo "configure $2 with $(grep -c . "$PLACE/installed")" >>"$PLACE/done"
else
  printf '#!/bin/sh\\necho "$1" >>"$PLACE/done"\\n' >"build/$3/tools/annals" && chmod +x "build/$3/tools/annals"
fi""",
    "ctest": 'echo test >>"$PLACE/done"',
    "sudo": 'exec "$@"',
}


class Dev(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        shutil.copy(DEV, self.place / "dev")
        (self.place / "installed").touch()
        (self.place / "tools").mkdir()
        for name, text in TOOLS.items():
            path = self.place / "tools" / name
            path.write_text("#!/bin/sh" + ("" if text.startswith("\n") else "\n") + text + "\n")
            path.chmod(0o755)

    def dev(self, *arguments, status=0, cwd=None):
        """What it does."""
        done = self.place / "done"
        done.write_text("")
        path = f"{self.place / 'tools'}:{os.environ['PATH']}"
        ended = subprocess.run([self.place / "dev", *arguments], capture_output=True, text=True, timeout=240, cwd=cwd,
                               env={**os.environ, "PATH": path, "PLACE": str(self.place)})
        self.assertEqual(ended.returncode, status, ended.stdout + ended.stderr)
        return done.read_text().splitlines()

    def installed(self):
        return dict(line.split() for line in (self.place / "installed").read_text().splitlines())

    def change(self, **versions):
        now = {**self.installed(), **versions}
        (self.place / "installed").write_text("".join(f"{name} {v}\n" for name, v in now.items() if v))

    def test_case_64_tests_after_the_demo_are_configured_with_what_was_installed_for_them(self):
        first = self.dev("demo")
        some = len(self.installed())
        self.assertEqual(first, ["install", f"configure release with {some}", "demo"])
        then = self.dev("test")
        self.assertGreater(len(self.installed()), some)
        self.assertEqual(then, ["install", f"configure release with {len(self.installed())}", "test"])
        self.assertEqual(self.dev("demo"), ["demo"])
        self.assertEqual(self.dev("test"), ["test"])

    def test_case_64_the_demo_after_the_tests_finds_all_in_place(self):
        first = self.dev("test")
        self.assertEqual(first, ["install", f"configure release with {len(self.installed())}", "test"])
        self.assertEqual(self.dev("demo"), ["demo"])
        self.assertEqual(self.dev("test"), ["test"])

    def test_case_64_what_somebody_else_has_installed_or_replaced_is_noticed(self):
        self.dev("demo")
        self.change(**{"librocksdb-dev": "1"})
        self.assertEqual(self.dev("demo"), [f"configure release with {len(self.installed())}", "demo"])
        self.change(**{"librocksdb-dev": "2"})
        self.assertEqual(self.dev("demo"), [f"configure release with {len(self.installed())}", "demo"])
        self.change(**{"librocksdb-dev": None})
        self.assertEqual(self.dev("demo"), [f"configure release with {len(self.installed())}", "demo"])
        self.change(unrelated="1")
        self.assertEqual(self.dev("demo"), ["demo"])

    def test_case_64_each_preset_is_configured_by_itself(self):
        self.dev("test")
        self.assertEqual(self.dev("test", "dev"), [f"configure dev with {len(self.installed())}", "test"])
        self.change(**{"libsqlite3-dev": "2"})
        for preset in ("release", "dev"):
            self.assertEqual(self.dev("test", preset), [f"configure {preset} with {len(self.installed())}", "test"])

    def test_case_64_a_configuration_that_failed_is_tried_again(self):
        (self.place / "broken").touch()
        self.dev("demo", status=1)
        (self.place / "broken").unlink()
        self.assertEqual(self.dev("demo"), [f"configure release with {len(self.installed())}", "demo"])

    def test_certificates_are_signed_by_the_ca_that_comes_with_them_and_never_overwritten(self):
        made = self.place / "tls"
        self.dev("certificates", "tls", cwd=self.place)
        verified = subprocess.run(["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost",
                                   "-CAfile", made / "ca.pem", made / "node.pem"], capture_output=True, text=True, timeout=60)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertEqual({file.name: oct(file.stat().st_mode & 0o777) for file in made.iterdir()},
                         dict.fromkeys(("ca.pem", "ca-key.pem", "node.pem", "node-key.pem"), "0o600"))
        before = {file.name: file.read_bytes() for file in made.iterdir()}
        self.dev("certificates", str(made), status=1)
        self.assertEqual({file.name: file.read_bytes() for file in made.iterdir()}, before)
        self.dev("certificates", status=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
