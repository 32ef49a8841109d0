"""nginx before several processes, with the configuration of docs/nginx.conf, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crm.bench.server import free_port
from crm.settings import ROOT

CONFIGURATION = ROOT / "docs" / "nginx.conf"
_PATIENCE = 10.0
"""Seconds that a start may take."""
_AROUND = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {content}
}}
"""


@contextmanager
def proxy(ports: Sequence[int], certificate: Path | None = None) -> Iterator[str]:
    """-> one address for the processes at these ports: https with `certificate`, a folder with crm.pem and crm.key."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise SystemExit("nginx is not installed: several processes cannot be measured.")
    with TemporaryDirectory(prefix="crm-nginx-") as folder:
        port, file = free_port(), Path(folder) / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        file.write_text(_AROUND.format(user=user, folder=folder, content=_placed(ports, port, certificate)))
        command = [program, "-c", str(file), "-p", folder, "-e", "stderr"]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                _wait(port, process)
                yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
            finally:
                process.terminate()


def _placed(ports: Sequence[int], port: int, certificate: Path | None) -> str:
    """The configuration with these ports; everything else is as it stands in the file."""
    servers = "\n".join(f"server 127.0.0.1:{each};" for each in ports)
    content = re.sub(r"(?:\s*server 127\.0\.0\.1:\d+;)+", f"\n{servers}", CONFIGURATION.read_text(encoding="utf-8"))
    if certificate is None:
        content = re.sub(r"\s*ssl_certificate\w* .*", "", content)
    content = content.replace("/etc/ssl/certs", str(certificate)).replace("/etc/ssl/private", str(certificate))
    return content.replace("listen 443 ssl;", f"listen 127.0.0.1:{port}{' ssl' if certificate else ''};")


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        if process.poll() is not None or time.monotonic() > end:
            told = process.stderr.read() if process.stderr and process.poll() is not None else b"nginx did not start."
            raise RuntimeError(told.decode()[-2000:])
        with socket.socket() as found:
            if found.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
