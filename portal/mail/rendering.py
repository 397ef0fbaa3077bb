"""The emails, written: both bodies, in the sender's language and zone, nothing in them to be misused (R56).

Knows Jinja and the catalogues but not Flask, since the schedule writes emails too. Each email is a folder of
templates under templates/email/.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined, select_autoescape

from portal import formatting
from portal.accent import DARK, LIGHT, accent
from portal.config.settings import Config
from portal.domain.contacts.mailboxes import normalize
from portal.domain.links import codes
from portal.domain.mail.email_message import OutgoingMail, single_line
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.mail.unsubscribe_tokens import SwitchKeys
from portal.domain.shares.digests import DigestEntry, EndingEntry
from portal.domain.shares.expiry import zone
from portal.domain.shares.share import Recipient, Share
from portal.mail.harmless_text import (
    LINKED,
    bracket_links,
    bracket_links_in_name,
    harmless_end,
    pieces,
)

PORTAL = Path(__file__).parents[1]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
SHOWN_NEWS = 20
SHOWN_FILES = 10  # the others are counted: an email is read, not scrolled
NAME_CHARACTERS = 40  # leaves a subject of 78 characters room for what was sent (RFC 5322, 2.1.1)


class MailRenderer:
    """Writes the portal's emails from its templates, for one organisation."""

    def __init__(self, config: Config, loader: BaseLoader) -> None:
        self.config = config
        self.loader = loader
        self.switches = SwitchKeys.from_secrets(config.secret_keys)
        self.environments: dict[str, Environment] = {}

    @classmethod
    def from_config(cls, config: Config) -> MailRenderer:
        return cls(config, default_loader())

    def render_invitation(self, share: Share, recipient: Recipient, address: str) -> OutgoingMail:
        """The email that brings a recipient their link; `address` is the whole link."""
        sender = single_line(share.owner_name, NAME_CHARACTERS) or self.organisation
        words = self.describe_share(share, recipient, address, sender)
        return self.write("invitation", recipient.address, words, self.via(sender, words["language"]))

    def render_notification(
        self, notice: Notification, share: Share, recipient: Recipient, address: str
    ) -> OutgoingMail:
        """Any other email: to a recipient in the sender's name, to the sender in the portal's own."""
        sender = single_line(share.owner_name, NAME_CHARACTERS) or self.organisation
        link = "" if notice.kind is NotificationKind.DECLINED else address
        words = self.describe_share(share, recipient, link, sender) | {"values": notice.values}
        if not notice.person_id:
            return self.write(notice.kind, notice.to, words, self.via(sender, words["language"]))
        words |= self.describe_owner(notice, share)
        return self.write(
            notice.kind, notice.to, words | partner(recipient), self.organisation, words["unsubscribe"]
        )

    def render_digest(self, news: Sequence[DigestEntry]) -> OutgoingMail:
        """One email that tells an owner one or several things; what is told of is the same person's."""
        notice, share, recipient = news[0]
        sender = single_line(share.owner_name, NAME_CHARACTERS) or self.organisation
        about = recipient or Recipient("", share.id, "")
        words = self.describe_share(share, about, "", sender) | partner(about) | {"values": notice.values}
        words |= self.describe_owner(notice, share, *(each.notice.kind for each in news))
        kind: str = notice.kind
        if len(news) > 1:
            kind, words["news"] = "digest", news[:SHOWN_NEWS]
            words |= {"count": len(news), "rest": len(news[SHOWN_NEWS:])}
            words["address"] = f"{self.config.public_url}/shares"
        return self.write(kind, notice.to, words, self.organisation, words["unsubscribe"])

    def describe_owner(self, notice: Notification, share: Share, *kinds: NotificationKind) -> dict[str, Any]:
        """What an email to an owner says differently: where it leads, and how to have no more of its kind."""
        token = self.switches.token(notice.person_id, kinds or (notice.kind,))
        return {
            "to": notice.to,
            "reply_to": "",
            "address": f"{self.config.public_url}/shares/{share.id}",
            "unsubscribe": f"{self.config.public_url}/mails/{token}",
        }

    def render_handover(self, notice: Notification) -> OutgoingMail:
        """About no share either."""
        words = self.frame(self.config.languages[0]) | {"reply_to": "", "values": notice.values}
        words["values"] = {**notice.values, "other": single_line(notice.values["other"], NAME_CHARACTERS)}
        words["address"] = f"{self.config.public_url}/files"
        return self.write(notice.kind, notice.to, words, self.organisation)

    def render_scan_news(self, notice: Notification) -> OutgoingMail:
        """About a file and no share, in the portal's own language and name."""
        words = self.frame(self.config.languages[0]) | {"reply_to": "", "values": notice.values}
        words["address"] = f"{self.config.public_url}/files/{notice.values['file']}"
        return self.write(notice.kind, notice.to, words, self.organisation)

    def render_endings(self, news: Sequence[EndingEntry]) -> OutgoingMail:
        """About files and no share, the first to end first, in the portal's own language, name and zone."""
        notice, language = news[0].notice, self.config.languages[0]
        files = sorted(
            {each for entry in news for each in entry.files}, key=lambda each: str(each.keep_until)
        )
        now, token = notice.created_at, self.switches.token(notice.person_id, (notice.kind,))
        rows = [
            {"file": each, "until": until(each.keep_until, "UTC", language, now or each.keep_until)}
            for each in files if each.keep_until
        ]  # fmt: skip
        words = self.frame(language) | {"reply_to": "", "to": notice.to, "rows": rows[:SHOWN_NEWS]}
        words |= {"count": len(rows), "more": len(rows[SHOWN_NEWS:]), "name": files[0].name}
        words["unsubscribe"] = f"{self.config.public_url}/mails/{token}"
        one = f"/{files[0].id}" if len(files) == 1 else ""
        words["address"] = f"{self.config.public_url}/files{one}"
        return self.write(notice.kind, notice.to, words, self.organisation, words["unsubscribe"])

    def render_data_news(self, notice: Notification) -> OutgoingMail:
        """In the portal's own language and name; it leads to a page, never to the archive."""
        words = self.frame(self.config.languages[0]) | {"reply_to": ""}
        words["address"] = f"{self.config.public_url}/account/data"
        return self.write(notice.kind, notice.to, words, self.organisation)

    def render_webhook_news(self, notice: Notification) -> OutgoingMail:
        """In the portal's own language and name; it leads to the webhook's page."""
        words = self.frame(self.config.languages[0]) | {"reply_to": ""}
        words["values"] = {**notice.values, "name": single_line(notice.values["name"], NAME_CHARACTERS)}
        place = "admin" if notice.values["whose"] else "account"
        words["address"] = f"{self.config.public_url}/{place}/webhooks/{notice.values['webhook']}"
        return self.write(notice.kind, notice.to, words, self.organisation)

    def render_not_sent(self, notice: Notification) -> OutgoingMail:
        """About a draft, in the language that its page was in, with the refusal's own words."""
        values, known = notice.values, self.config.languages
        language = values["language"] if values["language"] in known else known[0]
        said = {name.removeprefix("of_"): text for name, text in values.items() if name.startswith("of_")}
        sentence = values["words"]
        why = catalogue(language).gettext(sentence)
        words = self.frame(language) | {"reply_to": "", "why": why % said if said else why}
        words["address"] = f"{self.config.public_url}/send/{values['draft']}"
        return self.write(notice.kind, notice.to, words, self.organisation)

    def render_code(self, share: Share, recipient: Recipient, code: str, language: str) -> OutgoingMail:
        """The email that brings a one-time code, in the language of the page that asked for it; no link."""
        sender = single_line(share.owner_name, NAME_CHARACTERS) or self.organisation
        minutes = int(codes.LIFETIME.total_seconds()) // 60
        words = self.describe_share(replace(share, language=language), recipient, "", sender)
        words |= {"reply_to": "", "code": code, "minutes": minutes}
        return self.write("code", recipient.address, words, self.organisation)

    def via(self, sender: str, language: str) -> str:
        via = catalogue(language).gettext("%(name)s via %(organisation)s")
        return single_line(via % {"name": sender, "organisation": self.organisation})

    def write(
        self, kind: str, to: str, words: dict[str, Any], from_name: str, unsubscribe: str = ""
    ) -> OutgoingMail:
        """The email of one folder of templates; its subject is also its heading."""
        language = words["language"]
        subject = single_line(self.render(language, f"{kind}/subject.txt", words))
        words = words | {"title": subject}
        return OutgoingMail(
            to=to,
            from_name=from_name,
            reply_to=words["reply_to"],
            subject=subject,
            text=self.render(language, f"{kind}/body.txt", words),
            html=self.render(language, f"{kind}/body.html", words),
            unsubscribe=unsubscribe,
        )

    @property
    def organisation(self) -> str:
        return single_line(self.config.organisation_name, NAME_CHARACTERS)

    def describe_share(self, share: Share, recipient: Recipient, address: str, sender: str) -> dict[str, Any]:
        """What the templates are told."""
        language = share.language if share.language in self.config.languages else self.config.languages[0]
        return {
            "sender": sender,
            "reply_to": normalize(share.owner_address) or "",
            "to": recipient.address,
            "address": address,
            "file_count": share.file_count,
            "shown": share.first_files[:SHOWN_FILES],
            "more": max(0, share.file_count - SHOWN_FILES),
            "message": share.message.strip(),
            "has_address": bool(LINKED.search(share.message)),
            "download_limit": share.download_limit,
            "confirm": share.confirm,
            "password": bool(share.password_hash),
            "until": until(share.expires_at, share.zone, language, share.created_at),
            **self.frame(language),
        }

    def frame(self, language: str) -> dict[str, Any]:
        """What the frame of every email is told."""
        return {
            "organisation": self.organisation,
            "logo_url": self.config.logo_url,
            "unsubscribe": "",
            "language": language,
            "font": FONT,
            "light": LIGHT,
            "dark": DARK,
            "light_accent": accent(self.config.accent_colour, LIGHT),
            "dark_accent": accent(self.config.accent_colour, DARK),
        }

    def render(self, language: str, name: str, words: dict[str, Any]) -> str:
        if language not in self.environments:
            self.environments[language] = environment(language, self.loader)
        return self.environments[language].get_template(f"email/{name}").render(words).strip() + "\n"


def partner(recipient: Recipient) -> dict[str, str]:
    """A recipient as an owner's email names them; a subject takes no address (see `single_line`)."""
    return {"partner": recipient.address, "partner_name": recipient.address.partition("@")[0]}


def environment(language: str, loader: BaseLoader) -> Environment:
    made = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"], default=False),  # pages of email, not their text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        filesize=lambda size: formatting.size(size, language),
        pieces=pieces,
        bracketed=bracket_links,
        bracketed_name=bracket_links_in_name,
        harmless_end=harmless_end,
    )
    return made


def default_loader() -> BaseLoader:
    compiled = PORTAL / "web" / "compiled_templates"
    return ModuleLoader(compiled) if compiled.is_dir() else FileSystemLoader(PORTAL.parent / "templates")


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The words of a language; English where there is no catalogue, since the messages are English."""
    return gettext.translation("messages", str(PORTAL / "web" / "translations"), [language], fallback=True)


def until(expires_at: datetime, zone_name: str, language: str, now: datetime) -> str:
    """ "Friday 27 Nov, 18:00 (Lisbon time)": the sender's zone, named, since the reader's is not known."""
    at = zone(zone_name)
    city = formatting.city(at, language)
    named = city if city == "UTC" else catalogue(language).gettext("%(city)s time") % {"city": city}
    return f"{formatting.weekday(expires_at, at, language, now)} ({named})"
