"""Nodes with TLS from end to end: who is refused, and how certificates are replaced while commands run."""
import subprocess

from node import NodesTest, main
from tls import Certificates


class Tls(NodesTest):
    def setUp(self):
        super().setUp()
        self.ours = Certificates(self.place)
        self.link = {"heartbeat": 200, "link_time_out": 2_000}

    def refused(self, port, options, name="shop"):
        """Never gets a link: why, as its first failure says."""
        client = self.node()
        self.connect(client, port, name, linked=False, time_out=1_500, **options)
        why = client.line("news far failed")
        self.assertEqual(self.send(client, "far", "a", 1, "refused")[0], "not_written")
        self.assertNotIn("news far linked", client.said)
        self.assertIsNone(client.process.poll())
        client.close()
        return why

    def check_serves(self, server, port, options):
        client = self.client(port, **options)
        self.assertEqual(self.send(client, "far", "b", 1, "good")[0], "ok")
        client.close()

    def test_case_125_42_strangers_are_refused_and_the_host_lives(self):
        server, port = self.serve(**self.ours.options("a"))
        foreign = Certificates(self.place, "foreign")
        self.assertIn("certificate", self.refused(port, foreign.options("a")))
        self.refused(port, {})
        shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", self.ours.files("a")["ca"]],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertNotIn("annals", shown.stdout)
        self.check_serves(server, port, self.ours.options("b"))
        self.assertEqual(self.counts(server)["links"], 1)

    def test_case_125_42_a_node_with_tls_refuses_a_plain_one(self):
        server, port = self.serve()
        self.refused(port, self.ours.options("b"))
        self.check_serves(server, port, {})

    def test_case_125_42_files_that_cannot_be_used_are_named(self):
        self.ours.make("old", "-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
        node = self.node()
        node.tell("open", self.place / "store")
        node.line("opened")
        one = self.ours.options("a")
        for wrong, word in (({**one, "certificate": self.place / "none.pem"}, "none.pem"),
                            (self.ours.options("old"), "old.pem"),
                            ({**one, "tls_key": self.ours.options("b")["tls_key"]}, "b.key")):
            both = (("listen", "at=127.0.0.1:0", "name=ledger", f"peers={self.place / 'peers.toml'}"),
                    ("connect", "far", "to=127.0.0.1:1", "name=shop", f"server={self.public['ledger']}"))
            for words in both:
                said = node.ask(*words, f"key={self.place / 'ledger.key'}", *self.named(wrong), answer="never")
                self.assertEqual(said[:2], ["error", "bad_option"], said)
                self.assertIn(word, " ".join(said))

    def test_case_126_certificates_are_replaced_while_commands_run(self):
        server, port = self.serve(**self.ours.options("a"))
        client = self.client(port, **self.ours.options("b"))
        client.tell("load", "far", 1, 30_000, 64, 5)
        self.assertTrue(client.until_count(2_000))
        self.ours.make("a2")
        self.ours.replace("a", self.ours, "a2")
        self.assertEqual(server.ask("reload", answer="reloaded"), ["reloaded"])
        self.check_serves(server, port, self.ours.options("b"))

        # A file is missing, then half written: nothing changes.
        key = self.ours.files("a")["tls_key"]
        whole = key.read_bytes()
        key.unlink()
        said = server.ask("reload", answer="reloaded")
        self.assertEqual(said[:2], ["error", "bad_option"])
        self.assertIn(str(key), " ".join(said))
        self.check_serves(server, port, self.ours.options("b"))
        key.write_bytes(whole[:len(whole) // 2])
        key.chmod(0o600)
        self.assertEqual(server.ask("reload", answer="reloaded")[:2], ["error", "bad_option"])
        self.check_serves(server, port, self.ours.options("b"))

        # A key that belongs to another certificate.
        key.write_bytes(self.ours.files("b")["tls_key"].read_bytes())
        self.assertEqual(server.ask("reload", answer="reloaded")[:2], ["error", "bad_option"])
        self.check_serves(server, port, self.ours.options("b"))

        # Another CA: who is linked stays, who comes now needs the new one.
        other = Certificates(self.place, "other")
        self.ours.replace("a", other, "a")
        self.assertEqual(server.ask("reload", answer="reloaded"), ["reloaded"])
        self.check_serves(server, port, other.options("b"))
        before = Certificates(self.place, "before")
        self.refused(port, before.options("b"))

        client.line("loaded 1")
        self.assertNotIn("lost", " ".join(line for line in client.said if line.startswith("news")))
        numbers = [amount for _, key, amount, _ in self.log_of(server) if key.startswith("k-")]
        self.assertEqual(sorted(numbers), list(range(1, 30_001)))

    def test_case_126_a_client_reads_its_files_again_when_it_connects(self):
        server, port = self.serve(**self.ours.options("a"))
        client = self.client(port, **self.ours.options("b"))
        other = Certificates(self.place, "other")
        self.ours.replace("a", other, "a")
        self.ours.replace("b", other, "b")
        self.assertEqual(self.send(client, "far", "k", 1, "before")[0], "ok")  # the link goes on
        server.kill()
        server.close()
        self.serve(at=f"127.0.0.1:{port}", **self.ours.options("a"))
        self.assertEqual(self.send(client, "far", "k", 2, "after")[0], "ok")


if __name__ == "__main__":
    main()
