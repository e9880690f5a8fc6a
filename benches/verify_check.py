#!/usr/bin/env python3
"""Makes the export of a target tenant from the export of a source tenant, with known differences, and checks the report of
`reimport verify` on it, using only Python's json.

    verify_check.py make EXPORT PARTS TARGET ANSWERS [--removed 500] [--altered 500] [--rounded 200] [--added 300]
    verify_check.py check REPORT OUT ANSWERS PARTS

`make` reads EXPORT (NDJSON, gzipped or not), from which PARTS was made, and the parts, to know which users were written.
TARGET (gzipped if it ends in .gz) has these users as the import service would store them, in a random order with a fixed
seed, with the keys of each in another order, lower-case addresses, new `updated_at`, `identities` and `logins_count`, and
`name`, `nickname` and `picture` filled in. Of distinct users, chosen at random, some are removed; some have one value
inside `user_metadata` or `app_metadata` changed or added; and some have an integer that no float can represent rounded, to
the exact digits of the float or to the shortest digits for it. Other users are added. ANSWERS lists all of them.

`check` reads REPORT (the output of `reimport verify PARTS TARGET -o OUT --json`) and OUT, and fails at the first
difference from ANSWERS: every count; missing/ has exactly the removed users, each byte for byte as in PARTS;
changed.ndjson has exactly the altered and rounded users with exactly the path and kind; extra.ndjson has exactly the
added users, value for value.
"""

import argparse
import decimal
import gzip
import json
import pathlib
import random
import sys

SEED = 9


class Number(str):
    """A number, as it is written."""


def parse(text):
    """Parses JSON text; numbers are kept as they are written."""
    return json.loads(text, parse_int=Number, parse_float=Number)


def dump(value):
    """Returns the JSON text of a parsed value."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dump(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def open_to_read(path):
    with open(path, "rb") as file:
        magic = file.read(2)
    opened = gzip.open if magic == b"\x1f\x8b" else open
    return opened(path, "rt", encoding="utf-8", newline="\n")


def open_to_write(path):
    if str(path).endswith(".gz"):
        return gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="\n")
    return open(path, "w", encoding="utf-8", newline="\n")


def part_lines(folder):
    """Yields the line of every user in a folder of parts, without the comma."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for part in manifest["parts"]:
        with open(folder / part["file"], encoding="utf-8", newline="\n") as file:
            for line in file:
                line = line.rstrip("\n")
                if line not in ("[", "]"):
                    yield line.removesuffix(",")


def part_id(line):
    return json.loads(line)["user_id"]


def rounded(number):
    """Returns an integer as it may be written after a conversion to a float: all digits, or the shortest digits and zeros."""
    number = float(number)
    return [Number(int(number)), Number(int(decimal.Decimal(repr(number))))]


def loses_digits(number):
    return number.lstrip("-").isdigit() and number not in rounded(number)


def big_numbers(value, path):
    """Yields the paths of all integers in a value that a float cannot represent, outside arrays."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from big_numbers(each, path + [name])
    elif isinstance(value, Number) and loses_digits(value):
        yield path


def nested(value, path):
    """Yields the paths of all strings, numbers and booleans in a value, outside arrays."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from nested(each, path + [name])
    elif not isinstance(value, list) and value is not None:
        yield path


def put(user, path, value):
    for name in path[:-1]:
        user = user[name]
    user[path[-1]] = value


def get(user, path):
    for name in path:
        user = user[name]
    return user


def metadata_paths(user, find):
    for name in ("user_metadata", "app_metadata"):
        if isinstance(user.get(name), dict):
            yield from find(user[name], [name])


def plain(path):
    """Returns whether a path is written as its names separated by dots."""
    return all(name and not set(name) & set(".[]\"/") and not name.isdigit() for name in path)


def alter(user, rng):
    """Changes or adds one nested value; returns its path and the kind of the change."""
    found = [path for path in metadata_paths(user, nested) if plain(path)]
    if not found:
        user["app_metadata"] = {"planted": "new"}
        return ["app_metadata"], "added"
    path = rng.choice(found)
    value = get(user, path)
    if isinstance(value, bool):
        put(user, path, not value)
    elif isinstance(value, Number):
        put(user, path, Number("1" if float(value) != 1 else "2"))
    else:
        put(user, path, value + " (altered)")
    return path, "value"


def arrive(user, rng):
    """Returns a user as the service would export it after an import."""
    for name in ("email", "username"):
        if isinstance(user.get(name), str):
            user[name] = user[name].lower()
    for name in ("name", "nickname", "picture"):
        if user.get(name) is None:
            user[name] = "filled in by the service"
    user["updated_at"] = "2026-02-03T04:05:06.789Z"
    user["logins_count"] = Number("0")
    for name in ("last_login", "last_ip", "last_password_reset", "multifactor"):
        user.pop(name, None)
    local = user["user_id"].split("|", 1)[1]
    identity = {"connection": "Target", "provider": "auth0", "user_id": local, "isSocial": False}
    user["identities"] = [identity]
    items = list(user.items())
    rng.shuffle(items)
    return dict(items)


def make(args):
    rng = random.Random(SEED)
    written = {part_id(line) for line in part_lines(args.parts)}
    lines, big = [], []
    with open_to_read(args.export) as file:
        for line in file:
            try:
                user = parse(line)
            except ValueError:
                continue
            user_id = user.get("user_id") if isinstance(user, dict) else None
            if isinstance(user_id, str) and user_id.removeprefix("auth0|") in written:
                written.discard(user_id.removeprefix("auth0|"))
                if any(plain(path) for path in metadata_paths(user, big_numbers)):
                    big.append(len(lines))
                lines.append(line)
    if written:
        sys.exit(f"{len(written)} users of {args.parts} are not in {args.export}")
    if len(big) < args.rounded:
        sys.exit(f"only {len(big)} users have a number that can be rounded")
    round_them = set(rng.sample(big, args.rounded))
    others = [at for at in range(len(lines)) if at not in round_them]
    chosen = rng.sample(others, args.removed + args.altered)
    remove_them, alter_them = set(chosen[: args.removed]), set(chosen[args.removed :])
    order = list(range(len(lines)))
    rng.shuffle(order)
    added = [f"auth0|added-{number}" for number in range(args.added)]
    places = dict(zip(rng.sample(range(len(order)), len(added)), added))
    answers = {"users": len(lines), "removed": [], "changed": {}, "added": added}
    with open_to_write(args.target) as file:
        for place, at in enumerate(order):
            if place in places:
                user_id = places[place]
                user = {"user_id": user_id, "email": f"{user_id[6:]}@added.example", "n": Number("1.0")}
                file.write(dump(user) + "\n")
            user = parse(lines[at])
            user_id = user["user_id"]
            if at in remove_them:
                answers["removed"].append(user_id.removeprefix("auth0|"))
                continue
            if at in round_them:
                path = rng.choice([path for path in metadata_paths(user, big_numbers) if plain(path)])
                put(user, path, rng.choice(rounded(get(user, path))))
                answers["changed"][user_id] = {"path": ".".join(path), "kind": "lost-digits"}
            elif at in alter_them:
                path, kind = alter(user, rng)
                answers["changed"][user_id] = {"path": ".".join(path), "kind": kind}
            file.write(dump(arrive(user, rng)) + "\n")
    args.answers.write_text(json.dumps(answers), "utf-8")
    print(json.dumps({"users": len(lines), "removed": args.removed, "changed": len(answers["changed"]), "added": len(added)}))


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: expected {expected}, but found {found}")


def expect_same(what, found, expected):
    """Ends with the number of differences if two large sets differ; does not print them."""
    if found != expected:
        more, less = len(set(found) - set(expected)), len(set(expected) - set(found))
        sys.exit(f"{what}: {more} too many, {less} too few, of {len(expected)}")


def check(args):
    report = json.loads(args.report.read_text("utf-8"))
    answers = json.loads(args.answers.read_text("utf-8"))
    removed, changed, added = set(answers["removed"]), answers["changed"], set(answers["added"])
    lost = sum(change["kind"] == "lost-digits" for change in changed.values())
    expect("expected", report["expected"], answers["users"])
    expect("arrived", report["arrived"], answers["users"] - len(removed) - len(changed))
    expect("changed", report["changed"], len(changed))
    expect("missing", report["missing"], len(removed))
    expect("extra", report["extra"], len(added))
    expect("lost_digits", report["lost_digits"], lost)
    expect("exit_status", report["exit_status"], 1 if removed or changed else 0)
    expect("not_exported", report["not_exported"], [])
    by = {}
    for change in changed.values():
        key = (change["path"], change["kind"])
        by[key] = by.get(key, 0) + 1
    reported = {(each["path"], each["kind"]): each["users"] for each in report["changed_by"]}
    expect_same("changed_by", reported, by)

    sent = {part_id(line): line for line in part_lines(args.parts)}
    found = {part_id(line): line for line in part_lines(args.out / "missing")} if removed else {}
    expect_same("missing/", found, {user_id: sent[user_id] for user_id in removed})
    found = {}
    if changed:
        with open(args.out / "changed.ndjson", encoding="utf-8") as file:
            for line in file:
                user = json.loads(line)
                expect("a second line in changed.ndjson", user["user_id"] in found, False)
                found[user["user_id"]] = user["changes"]
    expect_same("changed.ndjson", sorted(found), sorted(changed))
    for user_id, change in changed.items():
        if found[user_id] != [change]:
            sys.exit(f"changed.ndjson: expected {change}, but found {found[user_id]}")
    found = []
    if added:
        with open(args.out / "extra.ndjson", encoding="utf-8") as file:
            for line in file:
                user = parse(line)
                user_id = user["user_id"]
                expect("an extra user", user, {"user_id": user_id, "email": f"{user_id[6:]}@added.example", "n": "1.0"})
                found.append(user_id)
    expect_same("extra.ndjson", sorted(found), sorted(added))
    print(json.dumps({"arrived": report["arrived"], "changed": len(changed), "lost_digits": lost, "missing": len(removed), "extra": len(added)}))


def main():
    path = pathlib.Path
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("make")
    for name in ("export", "parts", "target", "answers"):
        one.add_argument(name, type=path)
    for name, count in (("removed", 500), ("altered", 500), ("rounded", 200), ("added", 300)):
        one.add_argument(f"--{name}", type=int, default=count)
    one.set_defaults(run=make)
    one = commands.add_parser("check")
    for name in ("report", "out", "answers", "parts"):
        one.add_argument(name, type=path)
    one.set_defaults(run=check)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
