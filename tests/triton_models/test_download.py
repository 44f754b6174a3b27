"""Fetching a file from its address, from a real HTTPS server."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from triton_models import download
from triton_models.errors import DownloadError

FILE = bytes(range(256)) * 8192


class _Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.end_headers()
            return
        self.send_response(200 if self.path in {"/file", "/cut"} else 404)
        body = FILE if self.path == "/file" else FILE[:1000]
        self.send_header("Content-Length", str(len(FILE) if self.path == "/cut" else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Nothing on the screen."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return path


@pytest.fixture
def address(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server whose certificate is trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/file", "/moved"])
def test_a_file_is_fetched_and_progress_told(address: str, path: str) -> None:
    lines: list[str] = []
    assert download.fetch(address + path, len(FILE), lines.append) == FILE
    assert "2.0 MiB" in lines[0] and lines[-1].strip() == "100 %"


@pytest.mark.parametrize(
    ("path", "size_bytes", "said"),
    [
        ("/nothing", len(FILE), "answered 404"),
        ("/file", len(FILE) - 1, "or more, expected 2097151"),
        ("/file", len(FILE) + 1, "gave 2097152 bytes, expected 2097153"),
        ("/cut", len(FILE), "can't be reached"),
    ],
)
def test_another_answer_than_the_file_is_explained(address: str, path: str, size_bytes: int, said: str) -> None:
    with pytest.raises(DownloadError, match=said) as error:
        download.fetch(address + path, size_bytes, lambda line: None)
    assert "--models-dir" in str(error.value)


def test_a_certificate_that_nobody_trusts_is_explained(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DownloadError, match="CERTIFICATE_VERIFY_FAILED"):
        download.fetch(f"{address}/file", len(FILE), lambda line: None)
