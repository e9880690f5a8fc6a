#!/usr/bin/env python3
"""Fills the Homebrew, Scoop and winget manifests from the checksums of a release.

    packaging/manifests/make.py SUMS OUT

SUMS is the output of `sha256sum` for the archives of all targets.
"""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import release  # noqa: E402

IDENTIFIER = "reimport.reimport"


def checksums(facts, text):
    """The checksum of each target's archive, by triple."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = re.fullmatch(r"([0-9a-f]{64}) [ *](\S+)", line)
        if not match:
            raise SystemExit(f"line {number} of the checksums: expected 64 hexadecimal digits, two spaces and a name")
        found[match[2]] = match[1]
    missing = [facts.archive(target) for target in release.TARGETS if facts.archive(target) not in found]
    if missing:
        raise SystemExit(f"the checksums lack {', '.join(missing)}")
    return {target.triple: found[facts.archive(target)] for target in release.TARGETS}


def homebrew(facts, sums):
    def block(os, cpus):
        lines = [f"  on_{os} do"]
        for cpu, triple in cpus:
            url = facts.url(release.target(triple))
            lines += [f"    on_{cpu} do", f'      url "{url}"', f'      sha256 "{sums[triple]}"', "    end"]
        return lines + ["  end", ""]

    mac = block("macos", [("arm", "aarch64-apple-darwin"), ("intel", "x86_64-apple-darwin")])
    linux = block("linux", [("arm", "aarch64-unknown-linux-musl"), ("intel", "x86_64-unknown-linux-musl")])
    head = [
        "class Reimport < Formula",
        f'  desc "{release.SHORT}"',
        f'  homepage "{facts.repository}"',
        f'  version "{facts.version}"',
        '  license any_of: ["MIT", "Apache-2.0"]',
        "",
    ]
    tail = [
        "  def install",
        '    bin.install "reimport"',
        '    generate_completions_from_executable(bin/"reimport", "completions")',
        '    (man1/"reimport.1").write Utils.safe_popen_read(bin/"reimport", "man")',
        "  end",
        "",
        "  test do",
        '    assert_match version.to_s, shell_output("#{bin}/reimport --version")',
        "  end",
        "end",
        "",
    ]
    return "\n".join(head + mac + linux + tail)


def scoop(facts, sums):
    target = release.target("x86_64-pc-windows-msvc")
    folder = facts.archive(target).removesuffix(".zip")
    pattern = facts.url(target).replace(facts.version, "$version")
    document = {
        "version": facts.version,
        "description": release.SUMMARY,
        "homepage": facts.repository,
        "license": "MIT|Apache-2.0",
        "architecture": {"64bit": {"url": facts.url(target), "hash": sums[target.triple], "extract_dir": folder}},
        "bin": "reimport.exe",
        "checkver": {"github": facts.repository},
        "autoupdate": {
            "architecture": {"64bit": {"url": pattern, "extract_dir": folder.replace(facts.version, "$version")}},
            "hash": {"url": "$url.sha256"},
        },
    }
    return json.dumps(document, indent=4) + "\n"


def winget(facts, sums):
    """The three files of a winget manifest, by name."""
    target = release.target("x86_64-pc-windows-msvc")
    folder = facts.archive(target).removesuffix(".zip")

    def document(kind, lines):
        head = [f"PackageIdentifier: {IDENTIFIER}", f"PackageVersion: {facts.version}"]
        tail = [f"ManifestType: {kind}", "ManifestVersion: 1.6.0", ""]
        return "\n".join(head + lines + tail)

    installer = [
        "InstallerType: zip",
        "NestedInstallerType: portable",
        "NestedInstallerFiles:",
        f"- RelativeFilePath: {folder}\\reimport.exe",
        "  PortableCommandAlias: reimport",
        "Installers:",
        "- Architecture: x64",
        f"  InstallerUrl: {facts.url(target)}",
        f"  InstallerSha256: {sums[target.triple].upper()}",
    ]
    locale = [
        "PackageLocale: en-US",
        "Publisher: the reimport developers",
        "PackageName: reimport",
        f"PackageUrl: {facts.repository}",
        f"License: {facts.license}",
        f"ShortDescription: {release.SUMMARY}",
    ]
    return {
        f"{IDENTIFIER}.yaml": document("version", ["DefaultLocale: en-US"]),
        f"{IDENTIFIER}.installer.yaml": document("installer", installer),
        f"{IDENTIFIER}.locale.en-US.yaml": document("defaultLocale", locale),
    }


def make(facts, text, out):
    sums = checksums(facts, text)
    release.write(out / "homebrew" / "reimport.rb", homebrew(facts, sums))
    release.write(out / "scoop" / "reimport.json", scoop(facts, sums))
    for name, text in winget(facts, sums).items():
        release.write(out / "winget" / name, text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    make(release.facts(), pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2]))
