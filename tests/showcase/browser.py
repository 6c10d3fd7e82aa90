"""A headless Chromium, spoken to over pipes by its DevTools protocol, so that no driver is needed."""

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

VIDEOS = (
    "[...document.querySelectorAll('video')].map(v => ({at: v.currentTime, wide: v.videoWidth, failed: !!v.error}))"
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """The browser on this machine; skips the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: install it (apt-get install chromium) to check pages in a browser")
    return found


class Browser:
    """One page in a browser; a context manager."""

    def __init__(self, folder: Path, width: int = 1280, height: int = 900) -> None:
        commands, answers = os.pipe(), os.pipe()
        arguments = [
            *("--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio", "--remote-debugging-pipe"),
            *(
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--autoplay-policy=no-user-gesture-required",
            ),
            *(f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}", "about:blank"),
        ]
        # The protocol's pipes are file descriptors 3 and 4 of the browser.
        script = f'exec "$0" "$@" 3<&{commands[0]} 4>&{answers[1]}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, find_chromium(), *arguments],
            pass_fds=(commands[0], answers[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands[0])
        os.close(answers[1])
        self._out, self._in = os.fdopen(commands[1], "wb"), os.fdopen(answers[0], "rb")
        self._count = 0
        self.events: list[dict[str, Any]] = []
        targets = self._send("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self._send("Target.attachToTarget", targetId=page, flatten=True)
        self._session: str | None = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._out.close()
        self._in.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol to the page."""
        return self._send(method, self._session, **parameters)

    def open(self, path: Path, dark: bool = False) -> None:
        """Load a file and wait until it is there."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=path.as_uri())
        self.evaluate(
            "new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))"
        )

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited where it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> Path:
        """A picture of the whole page, as PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path

    def wait_until_playing(self) -> list[dict[str, Any]]:
        """Wait until every video of the page plays; place, width and failure of each."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            videos: list[dict[str, Any]] = self.evaluate(VIDEOS)
            if all(video["at"] > 0 for video in videos):
                return videos
            time.sleep(0.1)
        raise AssertionError(f"a video does not play: {videos}")

    @property
    def errors(self) -> list[str]:
        """What went wrong on the page: exceptions, console errors and warnings, files not found."""
        found = []
        for event in self.events:
            method, given = event["method"], event["params"]
            if (
                method == "Runtime.exceptionThrown"
                or (method == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning", "assert"))
                or (method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"))
            ):
                found.append(json.dumps(given)[:500])
        return found

    def _send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        self._out.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        self._out.flush()
        while True:
            answer = json.loads(self._read())
            if answer.get("id") == self._count:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> bytes:
        parts = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            assert byte, "the browser is gone"
            parts += byte
        return bytes(parts)
