"""What a browser says it is, in plain words: "Firefox on Windows". A short closed list instead of a library:
a sender wants to recognise a device, not to study it, and whatever else is sent here is a stranger's text.
"""

from __future__ import annotations

from flask_babel import gettext

# In this order: most browsers also carry the names of those they descend from.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"), ("CriOS", "Chrome"), ("HeadlessChrome", "Headless Chrome"), ("Chrome", "Chrome"),
    ("Outlook", "Outlook"), ("Thunderbird", "Thunderbird"), ("Safari", "Safari"), ("curl", "curl"),
    ("Wget", "Wget"), ("python-requests", "Python"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device(agent: str) -> str:
    """ "Firefox on Windows", "Firefox", "a browser on Windows"; "a program that does not say what it is"."""
    browser, system = name_device(BROWSERS, agent), name_device(SYSTEMS, agent)
    if browser and system:
        return str(gettext("%(browser)s on %(system)s", browser=browser, system=system))
    if system:
        return str(gettext("a browser on %(system)s", system=system))
    return browser or str(gettext("an unknown device"))


def name_device(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in known if mark in agent), "")
