"""axe, the accessibility checker, run in the page that is open."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"


def assert_accessible(page: Page) -> None:
    """Fails with each finding's rule and the elements it names."""
    page.wait_for_load_state()
    page.evaluate(SOURCE.read_text())  # by the debugger: the page's policy lets in no script element
    found = page.evaluate("axe.run(document).then((result) => result.violations)")
    said = [f"{each['id']}: {[node['html'][:160] for node in each['nodes']][:3]}" for each in found]
    assert not said, f"{page.url}: " + "\n".join(said)
