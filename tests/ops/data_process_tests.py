"""What the console of a program shows, and what an operator may change."""
import json
import subprocess
import unittest

from asked import ANNALS, Browser, ConsoleTest

EVIL = "<img src=x onerror=alert(1)>"


class Data(ConsoleTest):
    def setUp(self):
        super().setUp()
        self.told = self.program("actions")
        self.browser = self.logged_in(self.told)

    def get(self, path, status=200):
        answer = self.browser.get(path)
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (status, "application/json"), (path, answer.body[:500]))
        return answer.json

    def post(self, path, body, status=200, **headers):
        answer = self.browser.post(path, body, **headers)
        self.assertEqual(answer.status, status, (path, answer.body[:500]))
        return answer.json

    def tell(self, *words):
        """Waits until readers see it: the answer to a command comes as soon as it is durable."""
        self.assertEqual(self.told.tell(*words), "noted")
        self.until(self.is_readable)

    def is_readable(self):
        overview = self.get("/api/overview")
        return overview["readable"] == overview["durable"] == overview["head"]["position"]

    def note(self, *words):
        self.tell("note", *words)

    def parked(self, count):
        """Waits until so many are parked; the derived store may lag by a moment."""
        self.until(lambda: self.get("/api/parked")["count"] == count)
        return self.get("/api/parked")

    def test_health_for_an_orchestrator(self):
        self.browser.cookie = None
        self.assertEqual(self.get("/health"), {"live": True, "ready": True})
        self.assertEqual((self.get("/health/live"), self.get("/health/ready")), ({"live": True}, {"ready": True}))

    def test_a_read_model_that_hangs_keeps_no_answer_waiting(self):
        self.note("a", "one")
        self.until(lambda: self.get("/api/models")["followers"][0]["position"] == 1)
        self.assertEqual(self.told.tell("hang", "a"), "hanging")
        self.addCleanup(self.told.tell, "release")
        for _ in range(12):  # more than there are threads for pages
            self.assertEqual(self.get("/health"), {"live": True, "ready": True})
        for path in ("/api/overview", "/api/models"):
            follower, = self.get(path)["followers"]
            self.assertEqual((follower["name"], follower["position"], follower["state"], follower["lag_events"]), ("likes", 1, "behind", 1))
        self.assertEqual(self.get("/api/parked")["count"], 0)
        self.assertIn(b'annals_follower_position{kind="projection",name="likes"} 1\n', self.browser.get("/metrics").body)

    def test_a_stream_its_states_and_its_changes(self):
        self.note("a", "one")
        self.note("a", EVIL)
        self.note("b", "three")
        stream = self.get("/api/stream?id=pad-a")
        self.assertEqual((stream["kind"], stream["first"]["version"], stream["last"]["version"], stream["next"]), ("aggregate", 1, 2, None))
        self.assertEqual([r["payload"] for r in stream["records"]], [{"text": "one"}, {"text": EVIL}])
        self.assertEqual([r["version"] for r in self.get("/api/stream?id=pad-a&order=backward&limit=1")["records"]], [2])
        self.assertEqual(self.get("/api/stream?id=pad-a&order=backward&limit=1")["next"], 1)
        self.assertEqual(self.get("/api/stream?id=pad-a&limit=1")["next"], 2)
        second = self.get("/api/state?id=pad-a&version=2")
        self.assertEqual(second["state"], {"count": 2, "last": EVIL, "now": "good"})
        self.assertEqual(second["changes"], [{"path": ["count"], "what": "changed", "before": 1, "after": 2},
                                             {"path": ["last"], "what": "changed", "before": "one", "after": EVIL}])
        self.assertEqual((second["record"]["version"], second["type"]), (2, "noted"))
        initial = self.get("/api/state?id=pad-a&version=0")
        self.assertEqual((initial["version"], initial["record"], initial["state"]), (0, None, {"count": 0, "last": "", "now": "none"}))
        self.assertEqual(self.get("/api/state?id=pad-a&position=1")["version"], 1)
        self.assertEqual(self.get(f"/api/state?id=pad-a&time={second['time']}")["version"], 2)
        self.assertEqual(self.get("/api/state?id=pad-a&time=2001-01-01")["version"], 0)
        ticks = self.get("/api/ticks?id=pad-a")
        self.assertEqual([(t["version"], t["changed"]) for t in ticks["ticks"]], [(1, True), (2, True)])
        self.assertEqual(self.get("/api/record?position=3")["stream"], "pad-b")
        for path in ("/api/stream?id=pad-c", "/api/state?id=pad-a&version=9", "/api/record?position=99", "/api/ticks?id=x"):
            self.assertEqual(self.get(path, 404)["error"]["code"], "not_found")
        for path in ("/api/stream", "/api/state?id=pad-a&version=x", "/api/stream?id=a&limit=201", "/api/stream?id=a&order=up", "/api/record",
                     "/api/state?id=pad-a&time=noon"):
            self.assertEqual(self.get(path, 400)["error"]["code"], "bad_option")

    def test_a_long_stream_is_sampled_and_comes_in_pages(self):
        self.tell("notes", "long", 3_000)
        ticks = self.get("/api/ticks?id=pad-long&max=100")
        self.assertEqual((ticks["versions"], ticks["sampled"], len(ticks["ticks"])), (3_000, True, 100))
        self.assertEqual((ticks["ticks"][0]["version"], ticks["ticks"][-1]["version"]), (1, 3_000))
        seen, after = [], 1
        while after:
            page = self.get(f"/api/stream?id=pad-long&from={after}")
            seen += [r["version"] for r in page["records"]]
            after = page["next"]
        self.assertEqual(seen, list(range(1, 3_001)))
        self.assertEqual(self.get("/api/state?id=pad-long&version=2999")["state"]["count"], 2_999)

    def test_streams_by_name_and_by_change(self):
        for name in ("a", "b", "c", EVIL.replace(" ", "")):
            self.note(name, "x")
        self.note("a", "y")
        names = [s["stream"] for s in self.get("/api/streams?prefix=pad-")["streams"]]
        self.assertEqual(names, sorted(["pad-a", "pad-b", "pad-c", "pad-" + EVIL.replace(" ", "")]))
        first = self.get("/api/streams?category=pad&limit=3")
        self.assertEqual([s["stream"] for s in self.get(f"/api/streams?category=pad&after={first['next']}")["streams"]], names[3:])
        recent = self.get("/api/streams?order=recent&limit=2")
        self.assertEqual([s["stream"] for s in recent["streams"]], ["pad-a", "pad-" + EVIL.replace(" ", "")])
        self.assertEqual([s["stream"] for s in self.get(f"/api/streams?order=recent&after={recent['next']}")["streams"]], ["pad-c", "pad-b"])
        self.assertEqual(self.get("/api/streams?type=nothing")["streams"], [])
        self.assertEqual(self.get("/api/streams?category=other&prefix=pad-")["streams"], [])
        self.until(lambda: self.get("/api/categories")["streams"] >= 4)
        self.assertEqual(self.get("/api/categories")["types"], ["annals.operator_acted", "jotted", "noted"])

    def test_the_options_in_force(self):
        told = self.get("/api/options")
        options = {o["name"]: (o["value"], o["unit"], o["is_default"]) for o in told["options"]}
        self.assertEqual(options["snapshots_kept"], ("3", None, False))
        self.assertEqual((options["log_map_bytes"], options["stderr_level"]), (("256", "GiB", True), ("warning", None, True)))
        self.assertEqual([name for name, (_, _, is_default) in options.items() if not is_default], ["snapshots_kept"])
        self.assertIn({"name": "actions", "value": "on"}, told["console"])

    def test_the_search_box(self):
        self.note("a", "x")
        self.note("ab", "y")
        self.assertEqual((self.get("/api/find?q=2")["understood"], self.get("/api/find?q=2")["records"][0]["stream"]), ("position", "pad-ab"))
        self.assertFalse(self.get("/api/find?q=1,234")["found"])
        exact = self.get("/api/find?q=pad-a")
        self.assertEqual((exact["understood"], exact["stream"]["versions"]), ("stream", 1))
        self.assertEqual([s["stream"] for s in self.get("/api/find?q=pad")["streams"]], ["pad-a", "pad-ab"])
        self.assertFalse(self.get("/api/find?q=%3Cimg%3E")["found"])

    def test_the_overview_and_the_models(self):
        self.note("a", "x")
        self.until(lambda: [f for f in self.get("/api/overview")["followers"] if f["name"] == "likes"][0]["state"] == "head")
        self.until(lambda: self.get("/api/past")["samples"])  # one is taken at once, and then one every 5 s
        first = self.get("/api/past")["samples"][0]
        self.assertLessEqual(first["head"]["position"], 1)
        self.assertEqual(first["counters"]["commands"]["rejected"], 0)
        overview = self.get("/api/overview")
        self.assertEqual((overview["mode"], overview["head"]["position"], overview["health"]),
                         ("inside", 1, {"storage_full": False, "journal_stopped": None}))
        follower, = self.get("/api/models")["followers"]
        self.assertEqual((follower["position"], follower["exact"], follower["lag_events"], follower["lag_seconds"], follower["model_at"]),
                         (1, True, 0, 0, True))
        self.assertEqual(self.get("/api/model?name=likes")["model"], {"count": 1})
        self.assertEqual(self.get("/api/model?name=nobody", 404)["error"]["code"], "not_hosted")

    def test_parked_events_are_retried_and_skipped_with_a_record(self):
        for n in range(3):
            self.note("a", f"bad {n}")
        group, = self.parked(3)["groups"]
        self.assertEqual((group["of"], group["kind"], group["count"], group["retry"]), ("likes", "projection", 3, True))
        self.assertIn(EVIL, group["error"])
        self.assertEqual(group["events"][0]["record"]["payload"], {"text": "bad 0"})
        page = self.get(f"/api/parked?group={group['id']}&limit=2")
        self.assertEqual(([e["position"] for e in page["events"]], page["next"]), ([1, 2], 2))
        self.assertEqual(self.post("/api/actions/retry", {"of": "likes", "position": 1}, 500)["error"]["code"], "projection_failed")
        session = self.get("/api/session")
        skip = {"of": "likes", "position": 3, "store": session["store"]["id"][:8]}
        self.assertEqual(self.post("/api/actions/skip", {**skip, "store": "0" * 8}, 403)["error"]["code"], "forbidden")
        self.assertEqual(self.post("/api/actions/skip", skip, 403, X_Annals_CSRF=None)["error"]["code"], "forbidden")
        self.assertEqual(self.post("/api/actions/skip", skip)["position"], 3)
        self.told.tell("mend")
        self.assertEqual(self.post("/api/actions/retry", {"of": "likes", "position": 1})["position"], 1)
        group, = self.parked(1)["groups"]
        done = self.post("/api/actions/retry_group", {"of": "likes", "group": group["id"]})
        self.assertEqual((done["done"], done["failed"], done["left"]), (1, [], 0))
        self.parked(0)
        self.until(self.is_readable)
        acts = self.get("/api/stream?id=annals.operator-console")["records"]
        self.assertEqual([(a["payload"]["what"], a["payload"]["positions"]) for a in acts],
                         [("retry", [1]), ("skip", [3]), ("retry", [1]), ("retry_group", [2])])
        self.assertEqual({a["principal"] for a in acts}, {"console session 1"})
        self.assertEqual(done["act"], acts[-1]["position"])

    def test_the_policy_of_what_has_parked_events(self):
        self.note("a", "bad")
        self.note("b", "good")
        self.assertEqual(self.told.tell("refuse"), "refused")
        groups = {g["of"]: g for g in self.parked(2)["groups"]}
        self.assertEqual({of: (g["kind"], g["on_failure"], g["retry"]) for of, g in groups.items()},
                         {"likes": ("projection", "park_event", True), "subscription/mail": ("subscription", "park_stream", False)})
        mail, = [f for f in self.get("/api/models")["followers"] if f["kind"] == "subscription"]
        self.assertEqual((mail["members"], mail["in_flight_max"]), (1, 256))

    def test_a_rebuild_begins_with_a_record(self):
        self.note("a", "x")
        self.assertEqual(self.post("/api/actions/rebuild", {"name": "nobody"}, 404)["error"]["code"], "not_hosted")
        begun = self.post("/api/actions/rebuild", {"name": "likes"}, 202)
        self.until(self.is_readable)
        self.assertEqual(self.get(f"/api/record?position={begun['act']}")["payload"], {"what": "rebuild", "of": "likes", "positions": []})
        for body in ([], "x", {}, {"name": 7}):
            self.assertEqual(self.post("/api/actions/rebuild", body, 400)["error"]["code"], "bad_option")


class Large(ConsoleTest):
    def test_a_read_model_is_shown_up_to_a_size_and_what_is_larger_is_omitted(self):
        told = self.program("texts")
        browser = self.logged_in(told)
        for position in range(1, 51):
            self.assertEqual(told.tell("note", "a", f"{position:02}" + "x" * 29_998), "noted")
        self.until(lambda: browser.get("/api/overview").json["head"]["position"] == 50)
        for position, size in ((5, 150_000), (20, 600_000), (50, None)):  # shown, above 256 KiB as JSON, above 1 MiB encoded
            answer = browser.get(f"/api/model?name=texts&position={position}")
            model = answer.json
            self.assertEqual((answer.status, model["position"], model["model_omitted"]), (200, position, size != 150_000))
            self.assertEqual(len(model["model"]["all"]) if size == 150_000 else model["model"], 5 if size == 150_000 else None)
            if size:
                self.assertAlmostEqual(model["bytes"], size, delta=200)
            else:
                self.assertIsNone(model["bytes"])


class Stuck(ConsoleTest):
    def test_an_instance_whose_command_is_held(self):
        told = self.program("messenger")
        browser = self.logged_in(told)
        get = lambda path: browser.get(path).json
        self.assertEqual(told.tell("note", "a", "ask"), "noted")
        self.until(lambda: get("/api/processes")["managers"][0]["counts"]["stuck"] == 1)
        manager, = get("/api/processes")["managers"]
        self.assertEqual((manager["counts"], manager["instances"], manager["follower"]["held"]),
                         ({"stuck": 1, "parked": 0, "open": 0, "timer": 0, "idle": 0}, 1, 1))
        for state in ("stuck", "all"):
            listed = get(f"/api/instances?category=messenger&state={state}")
            row, = listed["instances"]
            self.assertEqual((listed["total"], row["stream"], row["state"], row["command"]),
                             (1, "messenger-ask", "stuck", {"command": "deliver", "to": "office-1", "version": 2}))
            self.assertIn("no such command", row["error"])
        self.assertEqual(get("/api/instances?category=messenger&state=open")["instances"], [])
        one = get("/api/instance?id=messenger-ask")
        self.assertEqual((one["state"], one["error"]["command"], one["error"]["to"]), ("stuck", "deliver", "office-1"))
        self.until(lambda: get("/api/overview")["processes"]["stuck"] == 1)


@unittest.skipUnless(ANNALS, "the command is not built")
class Beside(ConsoleTest):
    """`annals console`, beside nobody and beside a writer."""

    def beside(self, store, *words):
        process = subprocess.Popen([ANNALS, "console", "--json", "--port", "0", "--store", str(store), *words], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        browser = Browser(json.loads(process.stdout.readline())["url"])
        self.assertEqual(browser.login().status, 200)
        return process, browser

    def test_it_reads_a_store_that_another_process_writes(self):
        program = self.program()
        program.tell("note", "a", "x")
        process, browser = self.beside(self.store)
        session = browser.get("/api/session").json
        self.assertEqual((session["mode"], session["actions"], session["store"]["name"]), ("beside", False, "store"))
        self.until(lambda: browser.get("/api/overview").json["head"]["position"] == 1)
        program.tell("note", "a", "y")
        self.until(lambda: browser.get("/api/stream?id=pad-a").json["last"]["version"] == 2)
        self.assertEqual(browser.get("/api/state?id=pad-a").json["state_error"]["code"], "not_hosted")
        self.assertEqual(browser.post("/api/actions/rebuild", {"name": "likes"}).status, 405)
        process.terminate()
        self.assertEqual(process.wait(60), 0)

    def test_the_shop_with_its_processes(self):
        subprocess.run([ANNALS, "demo", "--store", str(self.store), "--orders", "30"], check=True, stdout=subprocess.DEVNULL)
        _, browser = self.beside(self.store)
        types = browser.get("/api/categories").json["types"]
        self.assertEqual(types, sorted(types))
        self.assertLessEqual({"order_placed", "annals.command_sent"}, set(types))
        managers = {m["category"]: m for m in browser.get("/api/processes").json["managers"]}
        self.assertGreaterEqual(managers["fulfilment"]["instances"], 30)
        listed = browser.get("/api/instances?category=fulfilment&limit=10").json
        self.assertEqual(len(listed["instances"]), 10)
        rest = browser.get(f"/api/instances?category=fulfilment&after={listed['next']}").json
        self.assertEqual(len(listed["instances"]) + len(rest["instances"]), listed["total"])
        one = browser.get(f"/api/instance?id={listed['instances'][0]['stream']}").json
        kinds = {item["kind"] for turn in one["turns"] for item in turn["items"]}
        self.assertIn("command", kinds)
        self.assertTrue(any(turn["observed"] for turn in one["turns"]))
        last = one["last"]["position"]
        causes = browser.get(f"/api/causes?position={last}").json
        self.assertTrue(causes["causes"])
        sent = [item for turn in one["turns"] for item in turn["items"] if item["kind"] == "command" and item["event"]][0]
        effects = browser.get(f"/api/causes?position={sent['event']['position']}").json["causes"]
        self.assertEqual((effects[0]["how"], effects[0]["stream"]), ("command", one["stream"]))
        found = browser.get(f"/api/find?q={one['stream']}%23{sent['version']}").json
        self.assertEqual((found["understood"], found["found"], found["records"][0]["position"]), ("command_id", True, sent["event"]["position"]))


if __name__ == "__main__":
    unittest.main()
