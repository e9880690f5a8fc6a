#!/usr/bin/env python3
"""Makes the npm packages: `reimport`, and one with the command for each platform.

    packaging/npm/make.py OUT TRIPLE=COMMAND...

COMMAND is the built command for that target. `npm publish` the platforms first, then `reimport`.
"""

import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import release  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
FILES = ["bin", *release.LICENSES]


def manifest(facts, name, more):
    return {
        "name": name,
        "version": facts.version,
        "description": release.SUMMARY,
        "author": "the reimport developers",
        "license": facts.license,
        "repository": {"type": "git", "url": f"git+{facts.repository}.git"},
        **more,
    }


def write_json(path, document):
    release.write(path, json.dumps(document, indent=2) + "\n")


def make_main(facts, out):
    folder = out / "reimport"
    names = {f"{target.npm_os} {target.npm_cpu}": target for target in release.TARGETS}
    table = {key: f"{target.npm_name}/bin/{target.command}" for key, target in names.items()}
    launcher = (HERE / "launcher.js").read_text().replace("/* PLATFORMS */ {}", json.dumps(table, indent=2))
    release.write(folder / "bin" / "reimport.js", launcher)
    (folder / "bin" / "reimport.js").chmod(0o755)
    exact = {target.npm_name: facts.version for target in release.TARGETS}
    more = {
        "keywords": ["auth0", "migration", "users", "import", "export"],
        "bin": {"reimport": "bin/reimport.js"},
        "files": FILES,
        "engines": {"node": ">=18"},
        "optionalDependencies": exact,
    }
    write_json(folder / "package.json", manifest(facts, "reimport", more))
    readme = f"# reimport\n\n{release.SUMMARY}. {release.UNOFFICIAL}\n\n```sh\nnpx reimport --help\n```\n\nDocumentation: {facts.repository}\n"
    release.write(folder / "README.md", readme)


def make_platform(facts, target, out):
    folder = out / target.npm_name
    # No `libc`: the Linux command is static, so it runs with glibc and musl.
    more = {"os": [target.npm_os], "cpu": [target.npm_cpu], "files": FILES, "preferUnplugged": True}
    write_json(folder / "package.json", manifest(facts, target.npm_name, more))
    release.write(folder / "README.md", f"The command of the package `reimport` for {target.npm_os} {target.npm_cpu}.\n")


def add_command(target, command, out):
    place = out / target.npm_name / "bin" / target.command
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(command, place)
    place.chmod(0o755)


def add_licenses(folder):
    for name in release.LICENSES:
        shutil.copyfile(release.ROOT / name, folder / name)


def main(out, *commands):
    facts, out = release.facts(), pathlib.Path(out)
    make_main(facts, out)
    add_licenses(out / "reimport")
    for triple, command in (argument.split("=", 1) for argument in commands):
        target = release.target(triple)
        make_platform(facts, target, out)
        add_command(target, command, out)
        add_licenses(out / target.npm_name)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
