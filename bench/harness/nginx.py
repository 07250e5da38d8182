"""Starts nginx on a free port of 127.0.0.1, with a certificate made for the occasion.

As a program: prints the base URL and the CA's file, and serves until it is interrupted.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

ANSWER_SIZE = 347
PREFIX = "/client/v4"
BENCH = pathlib.Path(__file__).resolve().parent.parent


def answer():
    """A create's answer in the API's form; the comments fill it up."""

    def text(comments):
        entry = {
            "id": "4d8f2a0e-6b1c-4f7a-9c3d-5e2b8a7f1d60",
            "pattern": "1234567.example",
            "pattern_type": "DOMAIN",
            "is_regex": False,
            "comments": comments,
            "created_at": "2026-11-01T12:00:00.123456Z",
            "modified_at": "2026-11-01T12:00:00.123456Z",
            "last_modified": "2026-11-01T12:00:00.123456Z",
        }
        envelope = {"success": True, "errors": [], "messages": [], "result": entry}
        return json.dumps(envelope, separators=(",", ":"))

    room = ANSWER_SIZE - len(text(""))
    return text("seen in the feed of the day"[:room].ljust(room, "."))


def make_certificate(directory):
    """A CA of its own, and a certificate of it for 127.0.0.1."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=benchmark CA")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (directory / "server.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "server.ext", "-out", "server.pem")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_serving(port, ca_file):
    context = ssl.create_default_context(cafile=ca_file)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1"):
                return True
    except OSError:
        return False


class Nginx:
    def __init__(self, process, port, ca_file):
        self.process = process
        self.port = port
        self.ca_file = ca_file
        self.origin = f"https://127.0.0.1:{port}"
        self.base_url = self.origin + PREFIX
        self.trust = ssl.create_default_context(cafile=ca_file)

    def arguments(self):
        return ["--base-url", self.base_url, "--ca-file", self.ca_file]

    def requests_served(self):
        with urllib.request.urlopen(self.origin + "/status", context=self.trust) as status:
            return int(status.read().split()[9])


@contextlib.contextmanager
def serve(cpu=None):
    """A running server, its worker on the given core."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-nginx-"))
    process = None
    try:
        # Run by root, nginx gives its worker to another user.
        directory.chmod(0o755)
        make_certificate(directory)
        ca_file = str(directory / "ca.pem")
        template = (BENCH / "nginx.conf").read_text()
        pinned = ["taskset", "-c", str(cpu)] if cpu is not None else []
        # nginx cannot choose a port, and another program may take one between our choice and its
        # start; its certificate tells whether it is ours that answers.
        for _ in range(10):
            port = free_port()
            config = directory / "nginx.conf"
            config.write_text(template.replace("@dir@", str(directory))
                              .replace("@port@", str(port)).replace("@answer@", answer()))
            process = subprocess.Popen(
                [*pinned, "nginx", "-p", str(directory), "-c", str(config)],
                env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"},
                stderr=subprocess.DEVNULL)
            while process.poll() is None and not is_serving(port, ca_file):
                time.sleep(0.02)
            if process.poll() is None:
                break
        else:
            raise SystemExit("nginx does not start:\n" + (directory / "error.log").read_text())
        yield Nginx(process, port, ca_file)
    finally:
        if process and process.poll() is None:
            process.terminate()
            process.wait()
        shutil.rmtree(directory)


def main():
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with contextlib.suppress(KeyboardInterrupt), serve() as server:
        print(" ".join(server.arguments()), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
