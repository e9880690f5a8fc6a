#!/usr/bin/env python3
"""Makes the wheel `reimport-users`, which holds the command `reimport` and no Python code.

    packaging/pypi/make.py OUT TRIPLE=COMMAND...

The command is that of the archive, byte for byte. The same input makes the same wheel.
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import release  # noqa: E402

# `reimport` on PyPI is an unrelated module.
NAME = "reimport-users"
# The Linux command is static: it needs neither the C library of manylinux nor that of musllinux.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "aarch64-unknown-linux-musl": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "x86_64-apple-darwin": "macosx_10_12_x86_64",
    "aarch64-apple-darwin": "macosx_11_0_arm64",
    "x86_64-pc-windows-msvc": "win_amd64",
}


def metadata(facts):
    head = [
        "Metadata-Version: 2.4",
        f"Name: {NAME}",
        f"Version: {facts.version}",
        f"Summary: {release.SUMMARY}",
        "Author: the reimport developers",
        f"License-Expression: {facts.license}",
        *(f"License-File: {name}" for name in release.LICENSES),
        f"Project-URL: Repository, {facts.repository}",
        "Keywords: auth0,migration,users,import,export",
        "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown",
        "",
    ]
    return "\n".join(head) + "\n" + (HERE / "README.md").read_text()


def tags(triple):
    lines = [f"Tag: py3-none-{platform}" for platform in PLATFORMS[triple].split(".")]
    return "\n".join(["Wheel-Version: 1.0", "Generator: reimport", "Root-Is-Purelib: false", *lines, ""])


def make(facts, target, command, out):
    stem = f"{NAME.replace('-', '_')}-{facts.version}"
    files = {
        f"{stem}.data/scripts/{target.command}": command,
        f"{stem}.dist-info/METADATA": metadata(facts).encode(),
        f"{stem}.dist-info/WHEEL": tags(target.triple).encode(),
    }
    for name in release.LICENSES:
        files[f"{stem}.dist-info/licenses/{name}"] = (release.ROOT / name).read_bytes()
    record = f"{stem}.dist-info/RECORD"
    rows = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{stem}-py3-none-{PLATFORMS[target.triple]}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            wheel.writestr(entry, content)
    return path


def main(out, *commands):
    for triple, command in (argument.split("=", 1) for argument in commands):
        print(make(release.facts(), release.target(triple), pathlib.Path(command).read_bytes(), pathlib.Path(out)))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
