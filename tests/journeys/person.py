"""A person at a browser: a context of their own, and an eye for what is wrong with each page they see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

NARROWEST = 320
ZOOMED = 640
"""Half of 1280 px: what a desk's window is wide at 200% zoom (WCAG 1.4.10)."""
PATIENCE = 60_000
"""Milliseconds to wait for what must come: long, because other tests run beside this one."""
MOST_STOPS = 90
FOCUS_UNSEEN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.matches("main")) return "";
  const box = e.getBoundingClientRect(), look = getComputedStyle(e);
  const ringed = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  return ringed && box.width > 1 && box.height > 1 ? "" : e.outerHTML.slice(0, 200);
}"""
AXE_OPTIONS = {"resultTypes": ["violations"]}
WIDER_THAN_THE_SCREEN = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 0.5);
  return [`${document.documentElement.scrollWidth} > ${room}`, ...out.slice(0, 5).map((e) => e.outerHTML.slice(0, 160))];
}"""


SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary, [role=button]")]
  .filter((e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !e.closest(".skip, .visually-hidden"))
  .filter((e) => !(e.matches("a") && getComputedStyle(e).display === "inline" && e.closest("p, td, dd, .hint")))
  .map((e) => [e, (e.matches("input[type=checkbox], input[type=radio]") && e.closest("label")) || e])
  .map(([e, target]) => [e, target.getBoundingClientRect()])
  .filter(([, b]) => b.width > 0 && (b.width < 43.9 || b.height < 43.9))
  .map(([e, b]) => `${Math.round(b.width)} x ${Math.round(b.height)}: ${e.outerHTML.slice(0, 140)}`)"""
"""What is smaller than 44 CSS pixels either way. A link within a sentence may be (WCAG 2.5.5 and 2.5.8); a box's label belongs to it."""


class Person:
    """Somebody with a browser of one width, one language, with scripts or without.

    What the browser complains about (errors, also violations of the content security policy) is kept in ``faults``
    and looked at by ``see`` and at the end.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        width: int = 1280,
        language: str = "en",
        scripts: bool = True,
        signed_in: Any = None,
        still: bool = True,
    ) -> None:
        self.url, self.width, self.language, self.scripts = url, width, language, scripts
        self.faults: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 900},
            locale={"en": "en-GB", "lv": "lv-LV", "ru": "ru-RU"}[language],
            java_script_enabled=scripts,
            reduced_motion="reduce" if still else "no-preference",
            has_touch=width < 600,
            storage_state=signed_in,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))
        self.page: Page = self.context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type} on {message.page and message.page.url}: {message.text}")

    def go(self, path: str, status: int = 200) -> Page:
        """Opens a path of ours, or a whole address. Of an answer with another status the browser complains: that one
        complaint is no fault."""
        answer = self.page.goto(path if path.startswith("http") else self.url + path)
        assert answer and answer.status == status, (path, answer and answer.status)
        self.forgive(status)
        return self.page

    def forgive(self, status: int) -> None:
        """Forgets what the browser said about an answer with this status."""
        if status >= 400:
            self.faults = [fault for fault in self.faults if f"status of {status}" not in fault]

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def fill(self, **fields: str) -> None:
        """Types into the fields of these names."""
        for name, value in fields.items():
            self.find(f"[name={name}]:not([type=hidden])").first.fill(value)

    def press_button(self, selector: str) -> None:
        """Clicks it and waits for the page that follows."""
        with self.page.expect_navigation():
            self.find(selector).click()

    def tab_to(self, selector: str) -> None:
        """Reaches it with the Tab key alone, as people do who use no pointer; every stop on the way is visible."""
        wanted = self.find(selector).first
        for _stop in range(MOST_STOPS):
            if wanted.evaluate("(e) => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            fault = self.page.evaluate(FOCUS_UNSEEN)
            assert not fault, f"nothing shows that this has the focus: {fault}"
        raise AssertionError(f"{selector} is not reached with {MOST_STOPS} presses of Tab")

    def type_into(self, **fields: str) -> None:
        """Tabs to the fields of these names, one after the other, and types."""
        for name, value in fields.items():
            self.tab_to(f"main [name={name}]:not([type=hidden])")
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(value)

    def enter(self, selector: str) -> None:
        """Tabs to a link or button, presses Enter and waits for the page that follows."""
        self.tab_to(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def see(self, name: str) -> None:
        """Looks at the page: right language, nothing beyond the screen's edge at 320 px and at 200% zoom, targets of 44 px
        for fingers, nothing found by axe-core, no complaint from the browser; keeps a picture where TILLPAID_SCREENSHOTS asks for it."""
        assert self.page.get_attribute("html", "lang") == self.language, f"{name}: language"
        self.faultless(name)
        self.keep_picture(name)
        self.fits(name)
        if self.width < 600:
            small = self.page.evaluate(SMALL_TARGETS)
            assert small == [], f"{name}: too small for a finger: {small}"
        if self.scripts:
            self.accessible(name)

    def faultless(self, name: str) -> None:
        assert self.faults == [], f"{name}: {self.faults}"

    def fits(self, name: str) -> None:
        """Nothing is wider than the screen, at this width, at 320 px and, at a desk, zoomed to 200%."""
        size = self.page.viewport_size
        assert size
        for width in (self.width, *([ZOOMED] if self.width > ZOOMED else []), NARROWEST):
            self.page.set_viewport_size({"width": width, "height": size["height"]})
            assert self.page.evaluate(WIDER_THAN_THE_SCREEN) == [], f"{name} at {width} px"
        self.page.set_viewport_size(size)

    def accessible(self, name: str) -> None:
        """axe-core finds nothing; nor in the dark, where only the colours differ."""
        found = Axe().run(self.page, options=AXE_OPTIONS)
        assert found.violations_count == 0, f"{name}: {_told(found.response['violations'])}"
        self.page.emulate_media(color_scheme="dark")
        found = Axe().run(self.page, options={**AXE_OPTIONS, "runOnly": ["color-contrast"]})
        self.page.emulate_media(color_scheme="light")
        assert found.violations_count == 0, f"{name} in the dark: {_told(found.response['violations'])}"

    def keep_picture(self, name: str, *, dark: bool = False) -> None:
        folder = os.environ.get("TILLPAID_SCREENSHOTS")
        if not folder:
            return
        marks = [name, str(self.width), self.language, *(["plain"] if not self.scripts else []), *(["dark"] * dark)]
        path = Path(folder) / ("-".join(marks) + ".png")
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        for picture in self.find("img[loading=lazy]:visible").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=path, full_page=True)
        self.page.emulate_media(color_scheme="light")

    def leave(self) -> None:
        self.context.close()


def _told(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{v['id']} ({v['help']}): {[n['html'][:200] for n in v['nodes'][:3]]}" for v in violations]
