"""Of Zappa's zip stays what is used, and each module once."""

from __future__ import annotations

import zipfile
from pathlib import Path

from infrastructure.repack import list_inherited, repack

FILES = {
    "portal/__init__.py": b"", "portal/__pycache__/__init__.cpython-313.pyc": b"compiled",
    "portal/app.py": b"source", "portal/__pycache__/app.cpython-313.pyc": b"compiled app",
    "odd/python4.py": b"does not compile", "odd/__init__.py": b"", "static/__init__.py": b"",
    "static/a.css": b"a", "babel/locale-data/de.dat": b"de", "babel/locale-data/root.dat": b"root",
    "babel/locale-data/ja.dat": b"ja", "babel/locale-data/en_001.dat": b"en_001",
    "babel/locale-data/LICENSE.unicode": b"licence", "wtforms/locale/de/a.mo": b"de",
    "wtforms/locale/ja/a.mo": b"ja",
    "flask-3.1.3.dist-info/METADATA": b"version", "flask-3.1.3.dist-info/RECORD": b"hashes",
    "flask-3.1.3.dist-info/licenses/LICENSE.txt": b"licence", "waitress/server.py": b"serves",
    "pytz/zoneinfo/UTC": b"zone", "pytz/zoneinfo/__init__.py": b"", "tzdata/zoneinfo/UTC": b"zone",
    "tzdata/zoneinfo/zone.tab": b"a list", "markupsafe/_speedups.pyi": b"types", "six.py": b"source",
    "__pycache__/six.cpython-313.pyc": b"compiled six",
}  # fmt: skip


def test_each_module_stays_once_and_the_unused_goes(tmp_path: Path) -> None:
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name, content in FILES.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            made.writestr(entry, content)
    repack(archive, {"de", "en_GB"})
    with zipfile.ZipFile(archive) as smaller:
        assert {each: smaller.read(each) for each in smaller.namelist()} == {
            "portal/__init__.pyc": b"compiled", "portal/app.pyc": b"compiled app", "six.pyc": b"compiled six",
            "odd/python4.py": b"does not compile", "static/a.css": b"a", "babel/locale-data/de.dat": b"de",
            "babel/locale-data/root.dat": b"root", "babel/locale-data/en_001.dat": b"en_001",
            "babel/locale-data/LICENSE.unicode": b"licence", "flask-3.1.3.dist-info/METADATA": b"version",
            "flask-3.1.3.dist-info/licenses/LICENSE.txt": b"licence", "tzdata/zoneinfo/UTC": b"zone",
            "wtforms/locale/de/a.mo": b"de",
        }  # fmt: skip
        assert {each.external_attr >> 16 for each in smaller.infolist()} == {0o755}


def test_a_locale_brings_those_it_is_completed_from() -> None:
    assert list(list_inherited("en_GB")) == ["en_GB", "en_001", "en", "root"]
    assert list(list_inherited("de")) == ["de", "root"]
