"""board_tests.py DIRECTORY: ops/grafana/annals.json is what board.mjs makes. Installs Grafana's builder in DIRECTORY, not in the sources."""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

import listed

PATIENCE = 240
HERE = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None
SOURCES = ["board.mjs", "panels.mjs", "rows.mjs", "package.json", "package-lock.json"]


def run(*command):
    return subprocess.run(list(map(str, command)), cwd=HERE, capture_output=True, text=True, timeout=PATIENCE)


class Board(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        HERE.mkdir(parents=True, exist_ok=True)
        for name in SOURCES:
            shutil.copy(listed.BOARD.parent / name, HERE / name)
        installed = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if installed.returncode != 0:
            raise AssertionError(f"npm ci: {installed.stdout}{installed.stderr}")

    def test_the_committed_board_is_what_is_made(self):
        done = run("node", "board.mjs", "--check", listed.BOARD)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_board_that_was_changed_by_hand_is_noticed(self):
        changed = HERE / "changed.json"
        board = json.loads(listed.BOARD.read_text(encoding="utf-8"))
        board["panels"][1]["title"] = "Changed"
        changed.write_text(json.dumps(board, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        done = run("node", "board.mjs", "--check", changed)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r'changed\.json:\d+: is not what board\.mjs makes.*\n- .*"Changed"')


if __name__ == "__main__":
    listed.need("node", "nodejs", "ANNALS_WITHOUT_NODE")
    listed.need("npm", "npm", "ANNALS_WITHOUT_NODE")
    unittest.main()
