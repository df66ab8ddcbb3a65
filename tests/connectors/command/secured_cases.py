"""A relay whose brokers want TLS and a password. The mock cluster has neither, so the broker is one that answers until it has the password."""
import contextlib
import socket
import ssl
import struct
import subprocess
import threading

from brokers import Connector, seldom
from relays import RelayTest

PASSWORD = {"security.protocol": "SASL_SSL", "sasl.mechanisms": "PLAIN", "sasl.username": "shop", "sasl.password": "not told"}
API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36  # https://kafka.apache.org/protocol, "API keys"
TAKEN = {API_VERSIONS: (0, 0), SASL_HANDSHAKE: (0, 1), SASL_AUTHENTICATE: (0, 0)}  # lowest and highest version
UNSUPPORTED_VERSION = 35


class SecuredBroker:
    """Listens on loopback with this certificate; `passwords` has what clients have authenticated with."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"localhost:{self.listening.getsockname()[1]}"
        self.passwords = []
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()

    def close(self):
        if self.thread.is_alive():
            self.listening.shutdown(socket.SHUT_RDWR)
            self.thread.join()
        self.listening.close()

    def accept(self):
        """One client at a time; it is let go when it has authenticated, or does not like the certificate."""
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self.listening.accept()
                client.settimeout(10)
                with client, contextlib.suppress(OSError, struct.error), self.context.wrap_socket(client, server_side=True) as secured:
                    with secured.makefile("rb") as asked:
                        while self.answer(asked, secured):
                            pass

    def answer(self, asked, to):
        """One request of the protocol; false after the last."""
        size, api, version, number, client = struct.unpack(">ihhih", asked.read(14))
        body = asked.read(size - 10)[max(client, 0):]
        if api == SASL_AUTHENTICATE:
            self.passwords.append(body[4:])
            return False
        if api == API_VERSIONS:
            made = struct.pack(">hi", UNSUPPORTED_VERSION if version > 0 else 0, len(TAKEN))
            made += b"".join(struct.pack(">hhh", one, *versions) for one, versions in TAKEN.items())
        else:
            made = struct.pack(">hih", 0, 1, len("PLAIN")) + b"PLAIN"
        to.sendall(struct.pack(">ii", 4 + len(made), number) + made)
        return True


class Secured(RelayTest):
    def setUp(self):
        super().setUp()
        self.demo("--orders", 1)
        self.certificate, key = self.place / "broker.pem", self.place / "broker.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate],
                       check=True, capture_output=True)
        self.broker = SecuredBroker(self.certificate, key)
        self.addCleanup(self.broker.close)

    def write_secured(self, more):
        self.write_relay("", also=PASSWORD | {"broker.address.family": "v4"} | more, brokers=self.broker.address, stop_max="200 ms")

    def test_tls_and_a_password_reach_the_broker(self):
        self.write_secured({"ssl.ca.location": str(self.certificate)})
        with Connector("relay", "--store", self.store, "--config", self.relay) as relay:
            self.assertTrue(relay.until(seldom(lambda: self.broker.passwords)), relay.complained())
            self.assertEqual(relay.kill(15), 0, relay.complained())
        self.assertEqual(self.broker.passwords[0], b"\0shop\0not told")

    def test_a_broker_with_an_unknown_certificate_gets_no_password(self):
        self.write_secured({})
        with Connector("relay", "--store", self.store, "--config", self.relay) as relay:
            self.assertTrue(relay.until(seldom(lambda: self.broker.passwords or "certificate" in relay.complained())), relay.complained())
            self.assertNotIn("not told", relay.complained())
            self.assertEqual(relay.kill(15), 0, relay.complained())
        self.broker.close()
        self.assertEqual(self.broker.passwords, [])
