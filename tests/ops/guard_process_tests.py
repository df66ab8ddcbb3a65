"""What the console of a program refuses, asked over sockets."""
import http.client
import json
import ssl
import subprocess
import unittest

from asked import Browser, ConsoleTest, Program, until_read

EVERY_ANSWER = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
                "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
                "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                                           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}


class Guards(ConsoleTest):
    def test_login_by_a_token_that_is_good_once(self):
        program = self.program()
        browser = Browser(program.url)
        self.assertRegex(program.url, r"\Ahttp://127\.0\.0\.1:\d+/#t=[\w-]{43}\Z")
        self.assertEqual(browser.get("/api/session").status, 401)
        answer = browser.login()
        self.assertEqual(answer.status, 200)
        self.assertRegex(answer.headers["Set-Cookie"], rf"\Aannals_{browser.port}=[\w-]{{43}}; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200\Z")
        session = browser.get("/api/session").json
        self.assertEqual((session["mode"], session["actions"], session["csrf"]), ("inside", False, browser.csrf))
        self.assertEqual(Browser(program.url).login().status, 403)
        again = program.tell("login").split()[1]
        other = Browser(again)
        self.assertEqual(other.login().status, 200)
        self.assertEqual(other.post("/api/logout", {}).status, 204)
        self.assertEqual(other.get("/api/session").status, 401)
        self.assertEqual(browser.get("/api/session").status, 200)
        for _ in range(10):
            Browser(program.url).login("wrong")
        self.assertEqual(Browser(program.url).login("wrong").status, 429)

    def test_every_answer_has_the_headers_and_none_allows_another_origin(self):
        browser = self.logged_in(self.program())
        answers = [browser.get("/"), browser.get("/api/overview"), browser.get("/nowhere"), browser.get("/api/nowhere"), browser.get("/health"),
                   browser.get("/", Host="evil.example"), browser.ask("PUT", "/"), browser.get("/api/session", Cookie="a=b"),
                   browser.get("/%zz"), browser.ask("NONSENSE", "/")]
        self.assertEqual([a.status for a in answers], [200, 200, 404, 404, 200, 421, 405, 401, 400, 400])
        for answer in answers:
            self.assertEqual({name: answer.headers[name] for name in EVERY_ANSWER}, EVERY_ANSWER)
            self.assertFalse([name for name in answer.headers if name.lower().startswith("access-control")])

    def test_names_methods_origins_and_sizes(self):
        browser = self.logged_in(self.program("host=console.example"))
        for name in ("evil.example", f"evil.example:{browser.port}", "127.0.0.1.evil.example"):
            self.assertEqual(browser.get("/api/session", Host=name).status, 421)
        for name in ("localhost", f"localhost:{browser.port}", "[::1]:80", "console.example"):
            self.assertEqual(browser.get("/api/session", Host=name).status, 200)
        self.assertEqual(browser.get("/api/actions/skip").status, 405)
        self.assertEqual(browser.post("/api/actions/skip", {}).status, 405)
        self.assertEqual(browser.post("/api/overview", {}).status, 405)
        for origin in ("http://evil.example", "null", None, f"https://127.0.0.1:{browser.port}"):
            self.assertEqual(browser.post("/api/logout", {}, Origin=origin).status, 403)
        for csrf in (None, "wrong"):
            self.assertEqual(browser.post("/api/logout", {}, X_Annals_CSRF=csrf).status, 403)
        self.assertEqual(browser.post("/api/logout", {}, Content_Type="text/plain").status, 400)
        self.assertEqual(browser.post("/api/login", {"token": "x" * 70_000}).status, 413)
        self.assertEqual(browser.get("/api/session").status, 200)

    def test_options_that_cannot_be(self):
        program = self.program()
        port = Browser(program.url).port
        for words, wanted in ((["address=0.0.0.0"], "bad_option: address: 0.0.0.0 is not a loopback address"),
                              ([f"port={port}"], f"bad_option: the console cannot listen at 127.0.0.1:{port} (Address already in use)"),
                              (["address=nowhere"], "bad_option"), (["tails=0"], "bad_option: tails_max"), (["host=a b:c"], "bad_option: hosts"),
                              (["tls=/nowhere"], "bad_option: the console's TLS key: No such file"),
                              (["actions", "no_operators"], "not_hosted: actions need host_operators()")):
            with Program(self.place / "other", *words) as other:
                self.assertTrue(other.first.startswith("error " + wanted), (other.first, wanted))
        with Program(self.place / "other", "address=0.0.0.0", "behind_proxy") as other:
            self.assertTrue(other.first.startswith("url http://0.0.0.0:"), other.first)

    def test_tls(self):
        name = self.place / "console"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.pem"],
                       check=True, capture_output=True)
        program = self.program(f"tls={name}")
        self.assertTrue(program.url.startswith("https://127.0.0.1:"))
        browser = Browser(program.url, context=ssl.create_default_context(cafile=f"{name}.pem"))
        self.assertTrue(browser.login().headers["Set-Cookie"].endswith("; Secure"))
        self.assertEqual(browser.get("/api/overview").status, 200)
        silent = [browser.open("") for _ in range(40)]  # handshakes that never begin
        self.assertEqual(browser.get("/api/overview").status, 200)
        for each in silent:
            each.close()
        with self.assertRaises((http.client.HTTPException, OSError)):
            Browser(program.url.replace("https", "http")).get("/")

    def test_pages_are_gzipped_and_any_screen_is_the_one_page(self):
        browser = Browser(self.program().url)
        page = browser.get("/", Accept_Encoding="gzip")
        self.assertEqual((page.status, page.headers["Content-Encoding"], page.headers["Content-Type"]), (200, "gzip", "text/html; charset=utf-8"))
        for path in ("/login", "/streams", "/stream?id=a", "/instance", "/parked", "/models", "/live", "/options", "/processes"):
            self.assertEqual(browser.get(path).body, page.body)
        self.assertEqual(browser.get("/", Accept_Encoding="identity").status, 406)
        self.assertEqual(browser.get("/assets/../../etc/passwd").status, 404)


class Tails(ConsoleTest):
    def test_a_place_too_many_is_refused_and_pages_still_answer(self):
        browser = self.logged_in(self.program("tails=16"))
        tails = [browser.tail() for _ in range(16)]
        for each in tails:
            until_read(each, b"event: beat")
        self.assertEqual(browser.get("/api/tail").status, 503)
        self.assertEqual(browser.get("/api/overview").status, 200)
        for each in tails[:8]:
            each.close()
        more = []

        def enter():
            made = browser.tail()
            if b" 200 " in made.recv(15):
                more.append(made)
            else:
                made.close()
            return len(more) == 8
        self.until(enter)
        for each in tails[8:] + more:
            each.close()

    def test_a_tail_shows_what_comes_and_goes_on_where_it_was(self):
        program = self.program()
        browser = self.logged_in(program)
        program.tell("note", "a", "first")
        made = browser.tail()
        until_read(made, b'"first"')
        program.tell("note", "a", "<img src=x onerror=alert(1)>")
        shown = until_read(made, b"onerror").decode()
        self.assertIn("event: records\nid: 2\n", shown)
        made.close()
        program.tell("note", "b", "third")
        again = browser.open(f"GET /api/tail HTTP/1.1\r\nHost: localhost\r\nCookie: {browser.cookie}\r\nLast-Event-ID: 2\r\n\r\n")
        shown = until_read(again, b'"third"').decode()
        self.assertNotIn("first", shown)
        again.close()
        program.tell("notes", "many", 5_000)
        self.until(lambda: browser.get("/api/overview").json["head"]["position"] == 5_003)
        late = browser.tail("/api/tail?after=1")
        self.assertIn(b'event: skipped\nid: 4803\ndata: {"from":2,"to":4803,"count":4802}', until_read(late, b"event: records"))
        late.close()
        chosen = browser.tail("/api/tail?prefix=pad-b&type=noted")
        found = until_read(chosen, b"event: beat").split(b"event: records\n")[1].split(b"data: ")[1].split(b"\n")[0]
        self.assertEqual([record["stream"] for record in json.loads(found)], ["pad-b"])
        chosen.close()

    def test_close_ends_tails_and_silent_connections(self):
        program = self.program()
        browser = self.logged_in(program)
        tails, silent = [browser.tail() for _ in range(4)], [browser.open("GET / HTTP/1.1\r\n") for _ in range(30)]
        for each in tails:
            until_read(each, b"event: beat")
        self.assertEqual(program.tell("close"), "closed")
        for each in tails + silent:
            while each.recv(65536):
                pass
            each.close()
        self.assertTrue(program.tell("login").startswith("error closed"))
        self.assertEqual(program.tell("note", "a", "goes", "on"), "noted")

    def test_a_child_of_a_fork_leaves_the_console_alone(self):
        program = self.program()
        browser = self.logged_in(program)
        made = browser.tail()
        until_read(made, b"event: beat")
        self.assertEqual(program.tell("fork"), "forked 0")
        until_read(made, b"event: beat")
        self.assertEqual(browser.get("/api/session").status, 200)
        made.close()

    def test_headers_that_never_end_stop_nobody(self):
        browser = self.logged_in(self.program())
        slow = [browser.open("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ") for _ in range(100)]
        for _ in range(10):
            self.assertEqual(browser.get("/api/session").status, 200)
        for each in slow:
            self.assertEqual(each.recv(1), b"")
            each.close()


if __name__ == "__main__":
    unittest.main()
