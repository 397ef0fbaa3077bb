"""A network as people have it, between a browser and a service on loopback: a proxy that lets each connection
carry so many bytes a second and no more, and holds each request back for a while first.

    python -m benchmarks.slow_proxy --listen 9001 --to 9000 [--megabytes 20] [--milliseconds 100]

What the portal itself asks of S3 passes as it is: in AWS it stands beside the bucket, and only the browser is
far away. It can only be told by its User-Agent, since a presigned address names one host for both.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import time

from portal.local.processes import end_with_parent

PIECE = 256 * 1024  # bytes handed on at once: large enough that a Python loop is not the limit
LONGEST_HEAD = 64 * 1024
CREDIT = 0.05  # seconds; a sleep of 10 ms may take 15 on a busy machine
LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
PORTAL = re.compile(rb"^user-agent: *boto", re.IGNORECASE | re.MULTILINE)


class Pace:
    """So many bytes a second from its making on. What a sleep was too long by is made up for, up to CREDIT;
    other time that was not used is lost."""

    def __init__(self, bytes_per_second: float) -> None:
        self.rate = bytes_per_second
        self.free_at = time.monotonic()

    async def spend(self, count: int) -> None:
        now = time.monotonic()
        self.free_at = max(self.free_at, now - CREDIT) + count / self.rate
        if self.free_at > now:
            await asyncio.sleep(self.free_at - now)


class Connection:
    """One from a client and one to the service; `slow` unless a head says that the portal asks."""

    def __init__(self, near: socket.socket, far: socket.socket, rate: float, delay: float) -> None:
        self.near, self.far, self.rate, self.delay = near, far, rate, delay
        self.slow = True
        self.loop = asyncio.get_running_loop()

    async def run(self) -> None:
        ways = [asyncio.create_task(self.requests()), asyncio.create_task(self.answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self.near.close()
            self.far.close()

    async def requests(self) -> None:
        piece, early = memoryview(bytearray(PIECE)), b""
        while True:
            head, body = await self.head(early)
            self.slow = not PORTAL.search(head)
            if self.slow:
                await asyncio.sleep(self.delay)
            pace = Pace(self.rate)
            stated = LENGTH.search(head)
            left = int(stated.group(1)) if stated else 0
            body, early = body[:left], body[left:]
            await self.hand_on(head + body, self.far, pace)
            left -= len(body)
            while left:
                count = await self.loop.sock_recv_into(self.near, piece[: min(PIECE, left)])
                if not count:
                    return
                await self.hand_on(piece[:count], self.far, pace)
                left -= count

    async def head(self, begun: bytes) -> tuple[bytes, bytes]:
        """A request's head, and what came of its body with it. Raises ConnectionError when there is none."""
        while b"\r\n\r\n" not in begun:
            more = await self.loop.sock_recv(self.near, LONGEST_HEAD)
            if not more or len(begun) > LONGEST_HEAD:
                raise ConnectionError("no whole head")
            begun += more
        head, _, body = begun.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n", body

    async def answers(self) -> None:
        pace, piece = Pace(self.rate), memoryview(bytearray(PIECE))
        while count := await self.loop.sock_recv_into(self.far, piece):
            await self.hand_on(piece[:count], self.near, pace)

    async def hand_on(self, piece: bytes | memoryview, to: socket.socket, pace: Pace) -> None:
        if self.slow:
            await pace.spend(len(piece))
        await self.loop.sock_sendall(to, piece)


async def listen(port: int, to: int, rate: float, delay: float) -> None:
    loop, live = asyncio.get_running_loop(), set()
    server = socket.create_server(("127.0.0.1", port), backlog=64)
    server.setblocking(False)
    while True:
        near, _ = await loop.sock_accept(server)
        far = socket.socket()
        for each in (near, far):
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(far, ("127.0.0.1", to))
        task = asyncio.create_task(Connection(near, far, rate, delay).run())
        live.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(live.discard)


def main() -> None:
    parser = argparse.ArgumentParser(description="A slow network between a browser and a local service.")
    parser.add_argument("--listen", type=int, required=True, help="the port browsers ask")
    parser.add_argument("--to", type=int, required=True, help="the service's port")
    parser.add_argument("--megabytes", type=float, default=20, help="a second and connection, each way")
    parser.add_argument("--milliseconds", type=float, default=100, help="added to each request")
    asked = parser.parse_args()
    end_with_parent()
    asyncio.run(listen(asked.listen, asked.to, asked.megabytes * 1e6, asked.milliseconds / 1000))


if __name__ == "__main__":
    main()
