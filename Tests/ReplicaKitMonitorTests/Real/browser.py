"""Looks at the status page with Chromium, spoken to over its DevTools pipe. Run by BrowserTests.swift: `input` is what
the test gives, `result` what it gets."""

import base64
import json
import os
import select
import subprocess
import tempfile
import time

import pymongo


class Browser:
    def __init__(self, profile):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def prepare():
            # The pipe is at descriptors 3 and 4, wherever these were before.
            one, other = os.dup(to_browser), os.dup(from_browser)
            os.dup2(one, 3)
            os.dup2(other, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
             "--hide-scrollbars", f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=prepare)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None

    def receive(self, limit):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], limit)
            if not ready:
                return None
            chunk = os.read(self.read_end, 1 << 20)
            if not chunk:
                raise RuntimeError("Chromium ended")
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = self.receive(1)
            if answer is None:
                continue
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.take(answer)
        raise RuntimeError(f"{method}: no answer")

    def take(self, event):
        self.events.append(event)
        if event.get("method") == "Fetch.requestPaused":
            self.send("Fetch.continueRequest", requestId=event["params"]["requestId"])
        if event.get("method") == "Fetch.authRequired":
            # What a person does: the name does not matter, the password is the token.
            self.send("Fetch.continueWithAuth", requestId=event["params"]["requestId"], authChallengeResponse={
                "response": "ProvideCredentials", "username": "me", "password": input["token"]})

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, "sessionId": self.session}
        os.write(self.write_end, json.dumps(message).encode() + b"\0")

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, what, expression, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            value = self.value(expression)
            if value:
                return value
            if time.monotonic() > deadline:
                raise RuntimeError(f"waited for {what}: {self.value('document.body.innerText')[:3000]}")
            time.sleep(0.1)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


# The lowest contrast of any text with what is behind it, as WCAG computes it.
CONTRAST = r"""
(() => {
  const parse = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let lowest = 21;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.getClientRects().length || node.closest("svg, noscript, script, .skip, .hidden")) continue;
    let behind = node, back = [0, 0, 0, 0];
    while (behind && (back = parse(getComputedStyle(behind).backgroundColor))[3] === 0) behind = behind.parentElement;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(back)].sort((x, y) => y - x);
    lowest = Math.min(lowest, (a + 0.05) / (b + 0.05));
  }
  return lowest;
})()
"""


def is_problem(event):
    parameters, method = event.get("params", {}), event.get("method")
    if method == "Runtime.exceptionThrown":
        return json.dumps(parameters["exceptionDetails"])[:500]
    if method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
        return json.dumps(parameters["args"])[:500]
    if method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
        return json.dumps(parameters["entry"])[:500]
    if method == "Network.loadingFailed" and not parameters.get("canceled"):
        return json.dumps(parameters)[:500]
    return None


def unnamed(browser):
    """Parts that a screen reader would call by no name."""
    roles = {"heading", "button", "link", "image", "img", "table", "navigation", "region", "list"}
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    found = []
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in roles - {"list", "table"}:
            continue
        if not node.get("name", {}).get("value"):
            found.append(role)
    return found


def step_down():
    for port in input["ports"]:
        client = pymongo.MongoClient("127.0.0.1", port, directConnection=True, username=input["user"],
                                     password=input["password"], serverSelectionTimeoutMS=5000)
        if client.admin.command("hello")["isWritablePrimary"]:
            client.admin.command("replSetStepDown", 60, secondaryCatchUpPeriodSecs=10)
            return
    raise RuntimeError("there is no primary")


def look():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Runtime", "Log", "Network", "Page", "Accessibility"):
                browser.call(f"{domain}.enable")
            browser.call("Fetch.enable", handleAuthRequests=True)
            browser.call("Page.navigate", url=input["url"] + "/")
            primary = "document.getElementById('primary')?.textContent"
            known = f"{primary} && !['…', 'None'].includes({primary}) ? {primary} : ''"
            found = {"first": browser.wait("the primary", known), "views": []}
            # A plot needs more than a point.
            browser.wait("some history", "document.querySelector('#lag-plot .line')?.getAttribute('d')?.length > 20")
            browser.value("window.stays = 1")
            for scheme in ("light", "dark"):
                browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                for width in (1280, 390):
                    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                                 mobile=width < 800)
                    browser.wait("the width", f"innerWidth === {width}")
                    image = f"{input['directory']}/page-{width}-{scheme}.png"
                    with open(image, "wb") as file:
                        shot = browser.call("Page.captureScreenshot", captureBeyondViewport=True)
                        file.write(base64.b64decode(shot["data"]))
                    found["views"].append({
                        "width": width, "scheme": scheme, "image": image, "unnamed": unnamed(browser),
                        "scrollWidth": browser.value("document.documentElement.scrollWidth"),
                        "lowestContrast": browser.value(CONTRAST),
                        "background": browser.value(
                            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")})
            step_down()
            found["second"] = browser.wait(
                "another primary", f"({known}) !== {json.dumps(found['first'])} ? ({known}) : ''")
            found["events"] = browser.wait("the election", "document.getElementById('events').innerText")
            found["reloads"] = 0 if browser.value("window.stays") == 1 else 1
            found["title"] = browser.value("document.title")
            browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
            seen = []
            for _ in range(40):
                for kind in ("keyDown", "keyUp"):
                    browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
                name = browser.value("document.activeElement.id || document.activeElement.innerText || "
                                     "document.activeElement.tagName")
                seen.append(" ".join(name.split()))
                if name == "state-plot":
                    for kind in ("keyDown", "keyUp"):
                        browser.call("Input.dispatchKeyEvent", type=kind, key="ArrowLeft", code="ArrowLeft",
                                     windowsVirtualKeyCode=37)
                    break
            found["focusable"] = seen
            found["readout"] = browser.value("document.getElementById('state-plot-readout').textContent")
            found["problems"] = [text for text in map(is_problem, browser.events) if text]
            asked = [event["params"]["request"]["url"] for event in browser.events
                     if event.get("method") == "Network.requestWillBeSent"]
            found["outside"] = sorted({url for url in asked
                                       if not url.startswith((input["url"] + "/", "data:", "about:"))})
            return found
        finally:
            browser.close()


result = look()
