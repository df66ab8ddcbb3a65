"""shop_order_tests.py PROGRAM DIRECTORY: an independent receiver takes the whole trace of one shop order. Its packages are installed in
DIRECTORY."""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from program import Program, Receiver, install

PROGRAM, PLACE = sys.argv[1:3]
del sys.argv[1:3]
HERE = pathlib.Path(__file__).parent
SKIPPED = 77
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PRODUCER, CONSUMER = 4, 5

# The children of each span, in the order of their names.
SHIPPED = {"commit": {}, "send ship_stock": {"decide ship_stock": {}, "commit": {}, "apply stock_levels": {}},
           "send ship_order": {"decide ship_order": {}, "commit": {}, "apply order_board": {}}}
CONFIRMED = {"decide confirm_order": {}, "commit": {}, "apply order_board": {}, "observe fulfilment": SHIPPED}
CAPTURED = {"decide capture_payment": {}, "commit": {}, "observe fulfilment": {"commit": {}, "send confirm_order": CONFIRMED}}
AUTHORIZED = {"load payment": {}, "decide authorize_payment": {}, "commit": {},
              "observe fulfilment": {"commit": {}, "send capture_payment": CAPTURED}}
RESERVED = {"decide reserve_stock": {}, "commit": {}, "apply stock_levels": {},
            "observe fulfilment": {"commit": {}, "send authorize_payment": AUTHORIZED}}
PLACED = {"load order": {}, "decide place_order": {}, "commit": {}, "apply order_board": {},
          "observe fulfilment": {"load fulfilment": {}, "commit": {}, "send reserve_stock": RESERVED}}
SPANS = str(PLACED).count("{}") + str(PLACED).count(": {'") + 1


def shape(spans, above):
    below = [one for one in spans if one["parent"] == above]
    names = [one["name"] for one in below]
    assert len(names) == len(set(names)), names
    return {one["name"]: shape(spans, one["id"]) for one in below}


class ShopOrder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install(PLACE, HERE)

    def setUp(self):
        self.receiver = Receiver(PLACE)
        self.addCleanup(self.receiver.end)
        place = tempfile.TemporaryDirectory(prefix="annals-test-")
        self.addCleanup(place.cleanup)
        self.program = Program(PROGRAM, pathlib.Path(place.name) / "store", self.receiver.url)
        self.addCleanup(self.program.end)

    def received(self, count):
        spans = []
        while len(spans) < count:
            taken = json.loads(self.receiver.said())
            self.assertNotIn("refused", taken)
            spans += taken["spans"]
        return spans

    def test_is_one_trace_of_the_shape_that_the_guide_shows(self):
        self.assertEqual(self.program.tell(f"order 7 00-{TRACE}-{PARENT}-01"), "order shipped")
        spans = self.received(SPANS)
        self.assertEqual(shape(spans, PARENT), {"send place_order": PLACED})
        self.assertEqual(len(spans), SPANS)
        self.assertEqual({one["trace"] for one in spans}, {TRACE})
        self.assertEqual({one["service"] for one in spans}, {"shop"})
        for one in spans:
            with self.subTest(one["name"]):
                doing = one["name"].split()[0]
                self.assertEqual(one["kind"], {"send": PRODUCER, "apply": CONSUMER, "observe": CONSUMER}.get(doing, 1))
                self.assertFalse(one["failed"])
                known = {"annals.stream", "annals.version", "annals.position", "annals.outcome", "annals.batch.events", "messaging.system",
                         "messaging.operation.type", "messaging.destination.name"}
                self.assertLessEqual(set(one["attributes"]), known)
                if one["kind"] == CONSUMER:
                    self.assertEqual(one["links"], [{"trace": TRACE, "id": one["parent"]}])
                if one["kind"] != 1:
                    self.assertEqual(one["attributes"]["messaging.system"], "annals")
                    self.assertEqual(one["attributes"]["messaging.destination.name"], one["attributes"]["annals.stream"].split("-")[0])
        sent, = (one for one in spans if one["name"] == "send place_order")
        self.assertEqual(sent["attributes"]["annals.stream"], "order-7")
        self.assertEqual(sent["attributes"]["annals.outcome"], "accepted")
        self.assertEqual(sent["attributes"]["messaging.operation.type"], "send")
        self.program.until(lambda now: now["exported"] == SPANS and now["waiting"] == 0)

    def test_nothing_is_exported_of_what_is_not_sampled(self):
        self.assertEqual(self.program.tell(f"order 7 00-{TRACE}-{PARENT}-00"), "order shipped")
        self.assertEqual(self.program.counts(), {"exported": 0, "dropped": 0, "failed": 0, "waiting": 0})

    def test_the_receiver_refuses_what_is_no_trace(self):
        import urllib.error
        import urllib.request
        span = {"traceId": TRACE, "spanId": PARENT, "name": "a", "kind": 1, "startTimeUnixNano": "2", "endTimeUnixNano": "3"}

        def answer(**changed):
            service = {"key": "service.name", "value": {"stringValue": "a"}}
            body = {"resourceSpans": [{"resource": {"attributes": [service]},
                                       "scopeSpans": [{"scope": {"name": "a"}, "spans": [{**span, **changed}]}]}]}
            asked = urllib.request.Request(self.receiver.url + "/v1/traces", json.dumps(body).encode(), {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(asked, timeout=240) as given:
                    return given.status
            except urllib.error.HTTPError as refused:
                refused.close()
                return refused.code
        self.assertEqual(answer(), 200)
        for changed in ({"traceId": "0" * 32}, {"spanId": "0" * 16}, {"spanId": PARENT.upper()}, {"endTimeUnixNano": "1"}, {"unknown": 1},
                        {"parentSpanId": ""}, {"kind": 9}, {"name": ""}):
            with self.subTest(changed):
                self.assertEqual(answer(**{"spanId": "00f067aa0ba902b8", **changed}), 400)


if __name__ == "__main__":
    for needed in ("node", "npm"):
        if not shutil.which(needed):
            print(f"{needed} is missing: install it, or set ANNALS_WITHOUT_NODE=1 to skip this test")
            sys.exit(SKIPPED if os.environ.get("ANNALS_WITHOUT_NODE") == "1" else 1)
    unittest.main()
