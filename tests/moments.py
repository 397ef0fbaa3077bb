"""When the tests' clock begins: an ordinary morning, the moment that the environment names, or, for tests
marked `dates`, each of the moments at which dates go wrong.
"""

from __future__ import annotations

import os
from datetime import datetime

VARIABLE = "PORTAL_TEST_NOW"
ORDINARY = "2026-11-18T09:41:07.250+00:00"
BEGINS = datetime.fromisoformat(os.environ.get(VARIABLE, ORDINARY))
# By name; Berlin, where the portal's days are, has 23 hours on the one night and 25 on the other.
MOMENTS = {
    "31-january": "2027-01-31T12:00:00+00:00",
    "29-february": "2028-02-29T12:00:00+00:00",
    "last-half-minute-of-the-year": "2026-12-31T23:59:30+00:00",
    "clocks-go-forward": "2027-03-28T00:59:30+00:00",
    "clocks-go-back": "2026-10-25T00:59:30+00:00",
}
