"""The metadata of Cargo.toml and the targets of the release workflow, which all package generators use."""

import pathlib
import re
import tomllib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
LICENSES = ["LICENSE-APACHE", "LICENSE-MIT"]
SHORT = "Moves the users of an Auth0 tenant"
SUMMARY = f"{SHORT}: bulk export to import files, upload, verification"
# Every package states this.
UNOFFICIAL = "It is not a product of Auth0, and not affiliated with it."
# The description of Debian and RPM packages, line by line.
DESCRIPTION = [
    "reimport turns the bulk user export of an Auth0 tenant into files that a bulk",
    "import accepts, sends them, and verifies that all users arrived.",
    UNOFFICIAL,
]


@dataclass(frozen=True)
class Target:
    """A target of the release workflow, with its names in npm."""

    triple: str
    npm_os: str
    npm_cpu: str

    @property
    def npm_name(self):
        return f"reimport-{self.npm_os}-{self.npm_cpu}"

    @property
    def cpu(self):
        return self.triple.split("-", 1)[0]

    @property
    def command(self):
        return "reimport.exe" if self.npm_os == "win32" else "reimport"


# If you change this, also change the matrix of .github/workflows/release.yml: a test holds them equal.
TARGETS = [
    Target("x86_64-unknown-linux-musl", "linux", "x64"),
    Target("aarch64-unknown-linux-musl", "linux", "arm64"),
    Target("x86_64-apple-darwin", "darwin", "x64"),
    Target("aarch64-apple-darwin", "darwin", "arm64"),
    Target("x86_64-pc-windows-msvc", "win32", "x64"),
]


@dataclass(frozen=True)
class Facts:
    """The metadata of a release, from Cargo.toml."""

    version: str
    repository: str
    license: str

    def archive(self, target):
        end = "zip" if target.npm_os == "win32" else "tar.gz"
        return f"reimport-v{self.version}-{target.triple}.{end}"

    def url(self, target):
        return f"{self.repository}/releases/download/v{self.version}/{self.archive(target)}"

    def require_release(self):
        """Stops a release with the placeholder, or with a version that the channels write in different ways."""
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            raise SystemExit(f"Cargo.toml: version is {self.version}; expected three numbers, as pre-releases are not packaged")
        if "/OWNER/" in self.repository:
            raise SystemExit("Cargo.toml: repository is the placeholder; expected the URL of the public repository")


def facts():
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    return Facts(package["version"], package["repository"], package["license"])


def target(triple):
    found = [target for target in TARGETS if target.triple == triple]
    if not found:
        raise SystemExit(f"{triple} is not a target of a release; expected one of {[t.triple for t in TARGETS]}")
    return found[0]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
