"""A connection with a slow line in its middle: so many bytes a second each way, held or cut on demand."""
import select
import socket
import threading
import time

PIECE = 16 * 1024


class Proxy(threading.Thread):
    def __init__(self, to, rate=None):
        super().__init__(daemon=True)
        self.to, self.rate = to, rate
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.held = {"up": False, "down": False}  # nothing is read from this side any more: the other one's writes pile up
        self.carried = {"up": 0, "down": 0}
        self.connections = 0
        self.pairs, self.lock = [], threading.Lock()
        self.sockets, self.carriers = [self.listening], []
        self.changed = threading.Event()
        self.ends = False
        self.start()

    def cut(self):
        """All connections that stand."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for one in pair:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.ends = True
        self.changed.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.cut()
        self.join()
        for one in self.carriers:
            one.join()
        for one in self.sockets:
            one.close()

    def run(self):
        while not self.ends:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            self.connections += 1
            self.sockets += [client, server]
            with self.lock:
                self.pairs.append((client, server))
            for way, source, sink in (("up", client, server), ("down", server, client)):
                self.carriers.append(threading.Thread(target=self.carry, args=(way, source, sink), daemon=True))
                self.carriers[-1].start()

    def carry(self, way, source, sink):
        due = time.monotonic()
        try:
            while not self.ends:
                if self.held[way]:
                    self.changed.wait(0.01)
                    continue
                if not select.select([source], [], [], 0.1)[0]:
                    continue
                if self.held[way]:
                    continue
                piece = source.recv(PIECE)
                if not piece:
                    break
                if self.rate:
                    due = max(due, time.monotonic()) + len(piece) / self.rate
                    self.changed.wait(max(0, due - time.monotonic()))
                sink.sendall(piece)
                self.carried[way] += len(piece)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
