"""A CA and certificates of nodes, made by the openssl command."""
import os
import subprocess


class Certificates:
    def __init__(self, place, name="ca", nodes=("a", "b")):
        self.place = place / f"{name}.tls"
        self.place.mkdir()
        (self.place / "index.txt").touch()
        (self.place / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=us\n[us]\ndir={self.place}\ndatabase=$dir/index.txt\nnew_certs_dir=$dir\nrand_serial=yes\n"
            "default_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n")
        self.make_key("ca")
        self.openssl("req", "-x509", "-key", "ca.key", "-subj", f"/CN={name}", "-days", "2", "-out", "ca.pem")
        for one in nodes:
            self.make(one)

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.place, umask=0o077, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"openssl {words}: {done.stderr}")

    def make_key(self, name):
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")

    def make(self, name, *dates):
        self.make_key(name)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        self.openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
                     *(dates or ("-days", "2")), "-out", f"{name}.pem")

    def files(self, name):
        return {"ca": self.place / "ca.pem", "certificate": self.place / f"{name}.pem", "tls_key": self.place / f"{name}.key"}

    def options(self, name):
        return {which: str(path) for which, path in self.files(name).items()}

    def replace(self, name, by, other):
        """Each file of a node is replaced at once by another one."""
        for which, path in by.files(other).items():
            made = self.place / "new"
            made.write_bytes(path.read_bytes())
            os.chmod(made, 0o600)
            os.replace(made, self.files(name)[which])
