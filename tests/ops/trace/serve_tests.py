"""serve_tests.py DIRECTORY, with ANNALS in the environment: an independent receiver takes the spans of what `annals serve` is sent. The packages
of the receiver are installed in DIRECTORY."""
import json
import os
import pathlib
import shutil
import signal
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))
from program import Receiver, install
from served import ServedTest, run

PLACE = sys.argv.pop(1)
SKIPPED = 77
ORDERS = 5


class Serve(ServedTest):
    @classmethod
    def setUpClass(cls):
        install(PLACE, HERE)

    def setUp(self):
        super().setUp()
        self.write_config(runtime="trace_ratio = 1")
        self.receiver = Receiver(PLACE)
        self.addCleanup(self.receiver.end)

    def test_the_spans_of_what_it_is_sent_leave_at_the_end_at_the_latest(self):
        for arguments, service in (((), "ledger"), (("--service", "books"), "books")):
            with self.subTest(service):
                with self.serve("--traces", self.receiver.url, *arguments, store=self.place / service) as node:
                    self.far_demo(node, "--orders", ORDERS)
                    node.process.send_signal(signal.SIGTERM)
                    self.assertEqual(node.process.wait(60), 0)
                sent = 0
                while sent < ORDERS:
                    taken = json.loads(self.receiver.said())
                    self.assertNotIn("refused", taken)
                    sent += sum((one["name"], one["service"]) == ("send place_order", service) for one in taken["spans"])

    def test_an_endpoint_that_is_none_is_refused(self):
        done = run("serve", "--store", self.store, "--config", self.config, "--traces", "collector:4318")
        self.assertEqual(done.returncode, 1)
        self.assertIn("endpoint", done.stderr)


if __name__ == "__main__":
    for needed in ("node", "npm"):
        if not shutil.which(needed):
            print(f"{needed} is missing: install it, or set ANNALS_WITHOUT_NODE=1 to skip this test")
            sys.exit(SKIPPED if os.environ.get("ANNALS_WITHOUT_NODE") == "1" else 1)
    unittest.main()
