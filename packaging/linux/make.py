#!/usr/bin/env python3
"""Makes the Debian and RPM packages, with the manual page and the completions.

    packaging/linux/make.py OUT TRIPLE=COMMAND...

Needs dpkg-deb and rpmbuild, the tools of the distributions. One of the commands must run on this machine: it prints the
manual page and the completions. The same input makes the same packages.
"""

import gzip
import hashlib
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import release  # noqa: E402

# Debian's name and RPM's name of each architecture.
ARCHITECTURES = {"x86_64": ("amd64", "x86_64"), "aarch64": ("arm64", "aarch64")}


def deb_name(facts, architecture):
    return f"reimport_{facts.version}_{architecture}.deb"


def rpm_name(facts, architecture):
    return f"reimport-{facts.version}-1.{architecture}.rpm"


def control(facts, architecture, kibibytes):
    lines = [
        "Package: reimport",
        f"Version: {facts.version}",
        "Section: utils",
        "Priority: optional",
        f"Architecture: {architecture}",
        "Maintainer: the reimport developers",
        f"Installed-Size: {kibibytes}",
        f"Homepage: {facts.repository}",
        f"Description: {release.SHORT}",
        *(f" {line}" for line in release.DESCRIPTION),
        "",
    ]
    return "\n".join(lines)


def copyright_file(facts):
    """Debian's machine-readable copyright file. The text of Apache-2.0 is on every Debian system."""
    _, owner, mit = (release.ROOT / "LICENSE-MIT").read_text().rstrip("\n").split("\n\n", 2)
    lines = [
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
        "Upstream-Name: reimport",
        f"Source: {facts.repository}",
        "",
        "Files: *",
        f"Copyright: {owner.removeprefix('Copyright (c) ')}",
        "License: MIT or Apache-2.0",
        "",
        "License: MIT",
        *(f" {line or '.'}" for line in mit.split("\n")),
        "",
        "License: Apache-2.0",
        " The text is in /usr/share/common-licenses/Apache-2.0.",
        "",
    ]
    return "\n".join(lines)


def spec(facts):
    lines = [
        "Name: reimport",
        f"Version: {facts.version}",
        "Release: 1",
        f"Summary: {release.SHORT}",
        f"License: {facts.license}",
        f"URL: {facts.repository}",
        "# The command is static: it needs nothing.",
        "AutoReqProv: no",
        "",
        "%description",
        *release.DESCRIPTION,
        "",
        "%install",
        "cp -a %{tree}/. %{buildroot}/",
        "",
        "%files",
        "%defattr(-,root,root,-)",
        "/usr/bin/reimport",
        "/usr/share/bash-completion/completions/reimport",
        "/usr/share/fish/vendor_completions.d/reimport.fish",
        "/usr/share/zsh/site-functions/_reimport",
        "%doc /usr/share/doc/reimport/CHANGELOG.md",
        "%doc /usr/share/doc/reimport/README.md",
        "%doc /usr/share/man/man1/reimport.1.gz",
        *(f"%license /usr/share/licenses/reimport/{name}" for name in release.LICENSES),
        "",
    ]
    return "\n".join(lines)


# The bytes of the command are those of the archive: nothing is stripped, compressed or linked to. xz is read by the rpm of
# every supported distribution.
MACROS = {
    "debug_package": "%{nil}",
    "__os_install_post": "%{nil}",
    "_build_id_links": "none",
    "_binary_payload": "w6.xzdio",
    "_build_name_fmt": "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
    "_buildhost": "reimport",
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",
}


def pages(command):
    """The files that both packages have, by their place under `/usr/share`."""

    def printed(*arguments):
        return subprocess.run([command, *arguments], check=True, stdout=subprocess.PIPE).stdout

    return {
        "man/man1/reimport.1.gz": gzip.compress(printed("man"), mtime=0),
        "bash-completion/completions/reimport": printed("completions", "bash"),
        "fish/vendor_completions.d/reimport.fish": printed("completions", "fish"),
        "zsh/_reimport": printed("completions", "zsh"),
        "doc/reimport/README.md": (release.ROOT / "README.md").read_bytes(),
        "doc/reimport/CHANGELOG.md": (release.ROOT / "CHANGELOG.md").read_bytes(),
    }


def tree(root, command, files):
    """Writes the files of a package below `root`, and returns the number of their bytes."""
    files = {f"usr/share/{name}": content for name, content in files.items()}
    files["usr/bin/reimport"] = pathlib.Path(command).read_bytes()
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if name == "usr/bin/reimport" else 0o644)
    for folder in [root, *root.rglob("*/")]:
        folder.chmod(0o755)
    return sum(map(len, files.values()))


def make_deb(facts, architecture, command, files, out):
    with tempfile.TemporaryDirectory() as work:
        root = pathlib.Path(work) / "deb"
        files = dict(files)
        files["zsh/vendor-completions/_reimport"] = files.pop("zsh/_reimport")
        files["doc/reimport/copyright"] = copyright_file(facts).encode()
        size = tree(root, command, files)
        packed = sorted(path for path in root.rglob("*") if path.is_file())
        sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in packed]
        release.write(root / "DEBIAN" / "control", control(facts, architecture, -(-size // 1024)))
        release.write(root / "DEBIAN" / "md5sums", "".join(sums))
        path = out / deb_name(facts, architecture)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, path], check=True, stdout=subprocess.DEVNULL)
    return path


def make_rpm(facts, architecture, command, files, out):
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        files = dict(files)
        files["zsh/site-functions/_reimport"] = files.pop("zsh/_reimport")
        for name in release.LICENSES:
            files[f"licenses/reimport/{name}"] = (release.ROOT / name).read_bytes()
        tree(work / "tree", command, files)
        release.write(work / "reimport.spec", spec(facts))
        macros = {**MACROS, "_topdir": work / "top", "_rpmdir": out.resolve(), "tree": work / "tree"}
        defines = [f"--define={name} {value}" for name, value in macros.items()]
        command = ["rpmbuild", "-bb", "--quiet", f"--target={architecture}-linux", *defines, work / "reimport.spec"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out / rpm_name(facts, architecture)


def main(out, *commands):
    facts, out = release.facts(), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    # The time in the packages, if the caller sets none. The wheels have it, too.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800")
    commands = {release.target(triple): command for triple, command in (argument.split("=", 1) for argument in commands)}
    here = [command for target, command in commands.items() if target.npm_os == "linux" and target.cpu == platform.machine()]
    if not here:
        raise SystemExit(f"expected a command for Linux on {platform.machine()}, which prints the manual page")
    files = pages(pathlib.Path(here[0]).resolve())
    for target, command in commands.items():
        if target.npm_os == "linux":
            debian, rpm = ARCHITECTURES[target.cpu]
            print(make_deb(facts, debian, command, files, out))
            print(make_rpm(facts, rpm, command, files, out))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
