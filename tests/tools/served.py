"""A store behind `annals serve`, and who may connect to it."""
import json
import time

from annals_command import PATIENCE, Running, StoreTest, run

EVERYTHING = 'append = ["*"]\nread = ["*"]\nask = ["*"]\nreplay = ["*"]\noperate = ["*"]\n'


class Served(Running):
    """The node, from the moment when others can connect."""

    def __init__(self, *arguments, **how):
        super().__init__("serve", "--json", *arguments, **how)
        self.until(lambda: "\n" in self.printed())

    @property
    def said(self):
        """The line about itself."""
        if not self.printed():
            raise AssertionError(self.complained())
        return json.loads(self.printed().splitlines()[0])

    @property
    def address(self):
        return self.said["address"]


class ServedTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.keys = {name: self.make_key(name) for name in ("ledger", "shop-web", "stranger")}
        self.peers = self.place / "peers.toml"
        self.config = self.place / "serve.toml"
        self.remote = self.place / "remote.toml"
        self.write_peers(EVERYTHING)
        self.write_config()
        self.write_remote()

    def make_key(self, name):
        done = run("keys", "new", name, "--json", cwd=self.place)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["key"]

    def write_peers(self, rights):
        self.peers.write_text(f'[[peer]]\nname = "shop-web"\nkeys = ["{self.keys["shop-web"]}"]\n{rights}')

    def write_config(self, runtime="", listen="", at="127.0.0.1:0"):
        self.config.write_text(f'{runtime}\n[listen]\nat = "{at}"\nname = "ledger"\nkey = "ledger.key"\npeers = "peers.toml"\n{listen}')

    def write_remote(self, key="shop-web", server="ledger", more='time_out = "60 s"\n'):
        self.remote.write_text(f'[remote]\nname = "shop-web"\nkey = "{key}.key"\nserver_keys = ["{self.keys[server]}"]\n{more}')

    def serve(self, *arguments, store=None):
        return Served("--store", store or self.store, "--config", self.config, *arguments)

    def far(self, node):
        """The arguments of a command that looks there."""
        return ("--connect", node.address, "--as", self.remote)

    def far_demo(self, node, *arguments):
        done = run("demo", "--json", *self.far(node), *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def printed_by(self, *arguments):
        done = run(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def until(self, condition):
        """Waits for it."""
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end)
