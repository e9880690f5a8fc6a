#!/usr/bin/env python3
"""Compares the texts of the packages with packaging/golden. UPDATE_GOLDEN=1 writes the golden files. Needs only Python."""

import os
import pathlib
import re
import sys
import tempfile
import tomllib
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import release  # noqa: E402
from linux import make as linux  # noqa: E402
from manifests import make as manifests  # noqa: E402
from npm import make as npm  # noqa: E402
from pypi import make as pypi  # noqa: E402

FACTS = release.Facts("9.8.7", "https://git.example/reimport", "MIT OR Apache-2.0")


def sums(facts=FACTS):
    lines = [f"{number:x}" * 64 + f"  {facts.archive(target)}" for number, target in enumerate(release.TARGETS, 10)]
    return "\n".join(lines) + "\n"


def tree(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in files}


class Texts(unittest.TestCase):
    maxDiff = None

    def test_the_packages_of_all_platforms_are_as_the_golden_files(self):
        with tempfile.TemporaryDirectory() as home:
            out = pathlib.Path(home)
            npm.make_main(FACTS, out / "npm")
            for target in release.TARGETS:
                npm.make_platform(FACTS, target, out / "npm")
            for target in release.TARGETS:
                release.write(out / "pypi" / target.triple / "WHEEL", pypi.tags(target.triple))
            release.write(out / "pypi" / "METADATA", pypi.metadata(FACTS))
            manifests.make(FACTS, sums(), out / "manifests")
            for debian, _ in linux.ARCHITECTURES.values():
                release.write(out / "linux" / debian / "control", linux.control(FACTS, debian, 4321))
            release.write(out / "linux" / "copyright", linux.copyright_file(FACTS))
            release.write(out / "linux" / "reimport.spec", linux.spec(FACTS))
            made, golden = tree(out), HERE / "golden"
            if os.environ.get("UPDATE_GOLDEN"):
                for name, text in made.items():
                    release.write(golden / name, text)
            held = tree(golden)
            self.assertEqual(sorted(made), sorted(held))
            for name, text in made.items():
                with self.subTest(name):
                    self.assertEqual(text, held[name])

    def test_the_container_has_the_command_alone_and_an_unprivileged_user(self):
        lines = (HERE / "container" / "Dockerfile").read_text().splitlines()
        instructions = [line for line in lines if line and not line.startswith("#")]
        # .ci/packages starts the command as these lines say.
        expected = ["FROM scratch", "COPY reimport /reimport", "USER 65534:65534", "WORKDIR /data", 'ENTRYPOINT ["/reimport"]']
        self.assertEqual(instructions, expected)

    def test_checksums_that_lack_an_archive_or_are_not_checksums_are_refused(self):
        with self.assertRaises(SystemExit) as refused:
            manifests.checksums(FACTS, sums().split("\n", 1)[1])
        self.assertEqual(str(refused.exception), "the checksums lack reimport-v9.8.7-x86_64-unknown-linux-musl.tar.gz")
        with self.assertRaises(SystemExit) as refused:
            manifests.checksums(FACTS, "abc  reimport\n")
        self.assertIn("line 1 of the checksums: expected 64", str(refused.exception))

    def test_a_release_with_the_placeholder_or_a_pre_release_version_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "repository is the placeholder"):
            release.Facts("1.0.0", "https://github.com/OWNER/reimport", "MIT").require_release()
        with self.assertRaisesRegex(SystemExit, "version is 1.0.0-rc.1"):
            release.Facts("1.0.0-rc.1", FACTS.repository, "MIT").require_release()
        FACTS.require_release()

    def test_the_targets_are_those_of_the_release_workflow(self):
        workflow = (release.ROOT / ".github" / "workflows" / "release.yml").read_text()
        found = re.findall(r"^ +- target: (\S+)$", workflow, re.M)
        self.assertEqual(sorted(found), sorted(target.triple for target in release.TARGETS))
        self.assertIn('name="reimport-$GITHUB_REF_NAME-$TARGET"', workflow)

    def test_the_page_of_the_installation_names_the_files_and_the_repository_of_a_release(self):
        page = (release.ROOT / "docs" / "install.md").read_text()
        named = {name.replace("VERSION", FACTS.version) for name in re.findall(r"[\w.-]*VERSION[\w.-]*", page)}
        made = {FACTS.archive(target) for target in release.TARGETS}
        made |= {name.removesuffix(".tar.gz") for name in made}
        for debian, rpm in linux.ARCHITECTURES.values():
            made |= {linux.deb_name(FACTS, debian), linux.rpm_name(FACTS, rpm)}
        self.assertLessEqual({linux.deb_name(FACTS, "amd64"), linux.rpm_name(FACTS, "x86_64")}, named)
        self.assertLessEqual(named, made)
        self.assertIn(pypi.NAME, page)
        for target in release.TARGETS:
            self.assertIn(f"`{target.npm_name}`", page)
        [repository] = re.findall(r"--repo (\S+)", page)
        self.assertEqual(f"https://github.com/{repository}", release.facts().repository)

    def test_binstall_takes_the_archives_of_the_release_workflow(self):
        package = tomllib.loads((release.ROOT / "crates/reimport-cli/Cargo.toml").read_text())["package"]
        binstall = package["metadata"]["binstall"]
        for target in release.TARGETS:
            rules = {**binstall, **binstall["overrides"].get(target.triple, {})}
            holes = {"repo": FACTS.repository, "version": FACTS.version, "target": target.triple, "bin": "reimport"}
            holes["binary-ext"] = ".exe" if target.npm_os == "win32" else ""
            filled = {key: re.sub(r"\{ ([\w-]+) \}", lambda hole: holes[hole[1]], rules[key]) for key in ("pkg-url", "bin-dir")}
            self.assertEqual(filled["pkg-url"], FACTS.url(target))
            folder = FACTS.archive(target).removesuffix(".tar.gz").removesuffix(".zip")
            self.assertEqual(filled["bin-dir"], f"{folder}/{target.command}")
        for triple, rules in binstall["overrides"].items():
            if triple.endswith("-gnu"):
                static = release.target(triple.replace("-gnu", "-musl"))
                holes = {"repo": FACTS.repository, "version": FACTS.version}
                url = re.sub(r"\{ ([\w-]+) \}", lambda hole: holes[hole[1]], rules["pkg-url"])
                self.assertEqual(url, FACTS.url(static))


if __name__ == "__main__":
    unittest.main()
