"""Servers for the fetch room's tests."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from feedserver import FeedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([openssl, *kind, *name, "-keyout", pem, "-out", f"{pem}.crt"], check=True, capture_output=True)
    pem.write_text(pem.read_text() + Path(f"{pem}.crt").read_text())
    return pem


@pytest.fixture
def secure(certificate: Path) -> Iterator[FeedServer]:
    """A running https server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FeedServer(tls=context) as running:
        yield running


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    """Trust in that certificate and no other."""
    return ssl.create_default_context(cafile=str(certificate))


_AUTHORITY = """
[ca]
default_ca = me
[me]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
x509_extensions = host
[any]
commonName = supplied
[host]
subjectAltName = IP:127.0.0.1
"""


@pytest.fixture(scope="session")
def expired(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself and ended in 2020, with its key in the same file."""
    folder = tmp_path_factory.mktemp("expired")
    (folder / "index").touch()
    (folder / "serial").write_text("01")
    (folder / "ca.cnf").write_text(_AUTHORITY.format(folder=folder))
    openssl = shutil.which("openssl") or "openssl"
    wish = [openssl, "req", "-new", "-key", certificate, "-subj", "/CN=127.0.0.1", "-out", folder / "wish"]
    sign = [openssl, "ca", "-selfsign", "-batch", "-notext", "-config", folder / "ca.cnf", "-keyfile", certificate]
    days = ["-startdate", "20200101000000Z", "-enddate", "20200131000000Z", "-in", folder / "wish", "-out", folder / "crt"]
    for command in (wish, sign + days):
        subprocess.run(command, check=True, capture_output=True)
    key = certificate.read_text().partition("-----BEGIN CERTIFICATE")[0]
    (folder / "server.pem").write_text(key + (folder / "crt").read_text())
    return folder / "server.pem"
