"""Ceph's radosgw, a real S3 from Debian's packages, on loopback and in memory while a benchmark runs.

    python -m benchmarks.radosgw [--port 9000]

One monitor, one OSD that keeps its objects in memory and one radosgw, as ordinary processes in a temporary
folder: no systemd, nothing outside the folder, nothing left afterwards. Packages that are missing are
installed first, which needs root or sudo. Up in a few seconds.
Source: https://docs.ceph.com/en/pacific/install/manual-deployment/
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from portal.local.processes import CannotStart, accepts_connections, free_port

# Which program comes with which package.
PACKAGES = {
    "ceph-mon": "ceph-mon", "ceph-osd": "ceph-osd", "radosgw": "radosgw", "radosgw-admin": "radosgw",
    "ceph": "ceph-common", "ceph-authtool": "ceph-common", "monmaptool": "ceph-common",
}  # fmt: skip
CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
}
# What is deleted goes within seconds rather than hours: it lies in memory, in pages that the next takes over.
# The monitor's short intervals save seconds of the start: each of a dozen pools waits for one.
SETTINGS = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {folder}/keyring
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
run dir = {folder}
log file = {folder}/$name.log
admin socket =
pid file =
mon allow pool size one = true
mon data avail crit = 1
paxos propose interval = 0.1
paxos min wait = 0.01
osd objectstore = memstore
memstore device bytes = {memory}
memstore page set = true
memstore page size = 1048576
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
rgw enable apis = s3
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw gc obj min wait = 2
rgw gc processor period = 2
rgw gc processor max time = 2
"""
# Memory once taken is kept: a virtual machine may hand out fresh memory at half a GB/s, and no way of sending
# should be measured by that.
KEEP_MEMORY = {
    "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**40),
}  # fmt: skip
MEMORY_BYTES = 12 * 2**30  # at most; it takes what its objects take
START_SECONDS = 60
STOP_SECONDS = 5


class Radosgw:
    """A context manager: `with Radosgw() as s3: ... s3.endpoint, s3.access_key, s3.secret_key`."""

    def __init__(self, port: int = 0, access_key: str = "AKIALOCALROOT") -> None:
        self.port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.access_key = access_key
        self.secret_key = secrets.token_hex(20)
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Radosgw:
        install_missing()
        self._temporary = tempfile.TemporaryDirectory(prefix="radosgw-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def _start(self) -> None:
        fsid, mon_port, osd = str(uuid4()), free_port(), str(uuid4())
        told = {"fsid": fsid, "mon_port": mon_port, "folder": self.folder, "port": self.port}
        (self.folder / "ceph.conf").write_text(SETTINGS.format(memory=MEMORY_BYTES, **told))
        for each in ("mon", "osd", "rgw"):
            (self.folder / each).mkdir()
        self._keys()
        monmap = str(self.folder / "monmap")
        self._do(
            "monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{mon_port}]", "--fsid", fsid, monmap
        )
        keyring = str(self.folder / "keyring")
        self._do("ceph-mon", "--mkfs", "-i", "a", "--keyring", keyring, "--monmap", monmap)
        self._run("ceph-mon", "-f", "-i", "a")
        self._do("ceph", "osd", "new", osd)
        self._do("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd)
        self._run("ceph-osd", "-f", "-i", "0")
        self._do("radosgw-admin", "user", "create", "--uid", "benchmark", "--display-name", "Benchmark",
                 "--access-key", self.access_key, "--secret-key", self.secret_key)  # fmt: skip
        self._run("radosgw", "-f", "-n", "client.admin")
        self._wait()

    def _keys(self) -> None:
        keyring = str(self.folder / "keyring")
        self._do("ceph-authtool", "--create-keyring", keyring)
        for name, allowed in CAPABILITIES.items():
            caps = [word for service, what in allowed.items() for word in ("--cap", service, what)]
            self._do("ceph-authtool", keyring, "--gen-key", "-n", name, *caps)

    def _do(self, *command: str) -> None:
        """Run to its end. Raises CannotStart with what it said."""
        try:
            subprocess.run(
                command, env=self._environment, capture_output=True, timeout=START_SECONDS, check=True
            )
        except subprocess.TimeoutExpired:
            raise CannotStart(f"{command[0]} did not end; the logs were in {self.folder}") from None
        except subprocess.CalledProcessError as ended:
            raise CannotStart(f"{' '.join(command)}: {ended.stderr.decode()[-2000:]}") from None

    def _run(self, *command: str) -> None:
        """Start, to end with us at the latest: the kernel tells it when this process is gone."""
        with (self.folder / f"{command[0]}.out").open("ab") as output:
            self._running.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *command],
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not accepts_connections(self.port):
            if self._running[-1].poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "radosgw.out").read_text(errors="replace")
                raise CannotStart(f"radosgw did not start: {said[-2000:]}")
            time.sleep(0.05)

    @property
    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, **KEEP_MEMORY, "CEPH_ARGS": f"--conf {self.folder / 'ceph.conf'}"}

    def stop(self) -> None:
        """The gateway first: an OSD without its monitor, or a gateway without its OSD, waits for it."""
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        self._temporary.cleanup()


def install_missing() -> None:
    missing = sorted({package for program, package in PACKAGES.items() if not shutil.which(program)})
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise CannotStart(f"This needs Ceph, as Debian packages it: {' '.join(missing)}")
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {' '.join(missing)}", flush=True)
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        subprocess.run([*as_root, "apt-get", *step], env=quiet, stdout=subprocess.DEVNULL, check=True)


def end_in_order() -> None:
    """Let being told to end (SIGTERM) leave nothing behind either, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def main() -> None:
    parser = argparse.ArgumentParser(description="Ceph's radosgw on loopback until Ctrl-C.")
    parser.add_argument("--port", type=int, default=0)
    end_in_order()
    try:
        with Radosgw(parser.parse_args().port) as s3:
            print(f"{s3.endpoint}\nAWS_ACCESS_KEY_ID={s3.access_key}\nAWS_SECRET_ACCESS_KEY={s3.secret_key}")
            while True:
                time.sleep(60)
    except KeyboardInterrupt:
        print("\nStopped; nothing was kept.")


if __name__ == "__main__":
    main()
