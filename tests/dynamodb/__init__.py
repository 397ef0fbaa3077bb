"""DynamoDB in memory, behind the SDK's wire: quick, atomic, and as strict as its documentation.

The portal's own client stays in use: `wire.py` answers its HTTP requests. `test_contract*.py` runs the same
cases on this, on moto and on embedded AWS, so that it cannot drift.
"""
