"""`python -m portal_cli` is `portal`."""

from portal_cli.main import main

main()
