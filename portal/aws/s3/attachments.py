"""Addresses of files that the portal has written itself."""

from __future__ import annotations

from typing import Any


def sign_attachment(client: Any, bucket: str, key: str, file_name: str, seconds: int) -> str:
    """An address that a browser saves under this name, a plain one of ours. Makes no call."""
    parameters = {
        "Bucket": bucket, "Key": key, "ResponseContentDisposition": f'attachment; filename="{file_name}"',
    }  # fmt: skip
    return str(client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds))
