#!/usr/bin/env python3
"""Compares a folder of import parts with the export that it was made from, using only Python's json.

    check_parts.py EXPORT OUT [--max-part-bytes 500000]

EXPORT is NDJSON, gzipped or not. OUT has users-*.json, manifest.json, lines.ndjson, and, if there are such records,
skipped.ndjson and rejected.ndjson. One pass, in order, with one part and one line in memory. It checks:

* every part is a JSON array in the documented layout and not above the limit;
* every non-blank line of EXPORT is in exactly one place: the next user of the parts, the next line of skipped.ndjson,
  or the line of rejected.ndjson that names it; no other records exist;
* a user in a part has exactly the importable properties of its line, nulls dropped, "true" and "false" made booleans,
  one `auth0|` removed from user_id. Numbers are compared as they are written, nested objects with the order and the
  repetitions of their keys;
* a skipped line is the record; a rejected line contains the record, and names its line and byte;
* lines.ndjson has rows for each part and for skipped.ndjson, whose `lines` ([first line, count] pairs) are the source
  lines of its users, in order; manifest.json lists the parts with their sizes.

Prints the totals as JSON. At the first difference it prints the position on standard error, and exits with 1. No value of a
user is printed. Only the default rules are supported: no --linked, --move, --set, --passwords, --by-connection, no titles.
"""

import argparse
import base64
import gzip
import json
import pathlib
import sys

IMPORTABLE = frozenset(
    "email email_verified phone_number phone_verified user_id username given_name family_name name nickname picture "
    "blocked password_hash custom_password_hash app_metadata user_metadata mfa_factors".split()
)
BOOLEANS = ("email_verified", "phone_verified", "blocked")
STRATEGIES = frozenset("auth0 google-oauth2 samlp waad apple github sms email".split())
BLANK = b" \t\r\n"
BOM = b"\xef\xbb\xbf"


class Difference(Exception):
    """A difference between the parts and the export."""


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


# An object is ("object", pairs) and a number is ("number", text), so that no other value equals them.
DECODER = json.JSONDecoder(
    object_pairs_hook=lambda pairs: ("object", pairs),
    parse_float=lambda text: ("number", text),
    parse_int=lambda text: ("number", text),
    parse_constant=refuse_constant,
)


def parse(data):
    """Returns the value of the JSON text in `data`. Raises ValueError if it is not JSON."""
    return DECODER.decode(data.decode("utf-8").strip(" \t\r\n"))


def parse_or_none(data):
    try:
        return parse(data)
    except (ValueError, RecursionError):
        return None


def properties(value):
    """Returns the properties of an object (the last of repeated names), or None."""
    if isinstance(value, tuple) and value[0] == "object":
        return dict(value[1])
    return None


def open_any(path):
    with open(path, "rb") as file:
        magic = file.read(2)
    return gzip.open(path, "rb") if magic == b"\x1f\x8b" else open(path, "rb")


def source_lines(path):
    """Yields (line from 1, byte from 0, bytes without the line end) for every line that is not blank."""
    with open_any(path) as file:
        byte = 0
        for number, line in enumerate(file, 1):
            start, byte = byte, byte + len(line)
            if number == 1 and line.startswith(BOM):
                line, start = line[len(BOM) :], len(BOM)
            if line.strip(BLANK):
                yield number, start, line.rstrip(b"\r\n")


def strategy(user):
    identities = user.get("identities")
    if isinstance(identities, list) and identities:
        provider = (properties(identities[0]) or {}).get("provider")
        if isinstance(provider, str):
            return provider
    identifier = user.get("user_id")
    if isinstance(identifier, str):
        prefix, bar, _ = identifier.partition("|")
        if bar and prefix in STRATEGIES:
            return prefix
    return "auth0"


def expected(user):
    """Returns what the import file must have for `user`."""
    kept = {name: value for name, value in user.items() if name in IMPORTABLE and value is not None}
    for name in BOOLEANS:
        if kept.get(name) in ("true", "false"):
            kept[name] = kept[name] == "true"
    if isinstance(kept.get("user_id"), str):
        kept["user_id"] = kept["user_id"].removeprefix("auth0|")
    return kept


class Parts:
    """Iterates over the users of all parts, with one part in memory; records the sizes and source lines of the parts."""

    def __init__(self, folder, limit):
        self.paths = sorted(folder.glob("users-*.json"))
        self.limit = limit
        self.named = named_lines(folder / "lines.ndjson")
        self.users = 0
        self.bytes = 0
        self.sizes = {}
        self.lines = []

    def __iter__(self):
        for path in self.paths:
            data = path.read_bytes()
            self.bytes += len(data)
            if len(data) > self.limit:
                raise Difference(f"{path.name} has {len(data)} bytes, more than {self.limit}")
            if not (data.startswith(b"[\n{") and data.endswith(b"}\n]")):
                raise Difference(f"{path.name} is not laid out as `[` LF users LF `]`")
            try:
                users = parse(data)
            except ValueError as error:
                raise Difference(f"{path.name} is no JSON: {getattr(error, 'msg', 'not UTF-8')}") from None
            self.sizes[path.name] = (len(data), len(users))
            self.lines = []
            for place, user in enumerate(users, 1):
                self.users += 1
                yield f"{path.name}, user {place}", user
            self.check_lines(path.name)

    def check_lines(self, name):
        check_lines(self.named, name, self.lines)


def named_lines(path):
    """Returns the line numbers in lines.ndjson, by part; a part may have several rows."""
    named = {}
    if path.exists():
        with open(path, "rb") as file:
            for row in map(json.loads, file):
                lines = named.setdefault(row["part"], [])
                lines.extend(line for first, count in row["lines"] for line in range(first, first + count))
    return named


def check_lines(named, name, lines):
    if named.pop(name, []) != lines:
        raise Difference(f"lines.ndjson names other lines for {name} than those its users came from")


def raw_lines(path):
    if path.exists():
        with open(path, "rb") as file:
            yield from file


def check_reject(where, reject, start, line, record):
    """Checks that a line of rejected.ndjson contains the line that it names."""
    if reject.get("byte", ("number", str(start))) != ("number", str(start)):
        raise Difference(f"{where}: rejected.ndjson names another byte than {start}")
    if not reject.get("problems"):
        raise Difference(f"{where}: rejected.ndjson gives no problem")
    if "user" in reject:
        same = reject["user"] == record
    elif "raw" in reject:
        same = reject["raw"].encode("utf-8", "surrogatepass") == line
    elif "raw_base64" in reject:
        same = base64.b64decode(reject["raw_base64"]) == line
    else:
        same = True  # Above --max-record-bytes, the record is not kept.
    if not same:
        raise Difference(f"{where}: rejected.ndjson holds another record")


def check_user(where, place, user, record):
    found, wanted = properties(user), expected(record)
    if found is None or len(user[1]) != len(found):
        raise Difference(f"{where}: {place} is no object of distinct properties")
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            raise Difference(f"{where}: {place} has no {name}")
        if name not in wanted:
            # A name that is not importable is personal data, so it is not printed.
            known = name if name in IMPORTABLE else "a property that is not importable"
            raise Difference(f"{where}: {place} has {known}, which the record does not give it")
        if found[name] != wanted[name]:
            raise Difference(f"{where}: {name} is another in {place}")


def check_manifest(folder, sizes):
    manifest = json.loads((folder / "manifest.json").read_bytes())
    listed = {part["file"]: part for part in manifest.get("parts", [])}
    if listed.keys() != sizes.keys():
        raise Difference("manifest.json lists other parts than there are")
    for name, (size, users) in sizes.items():
        if listed[name].get("bytes", size) != size or listed[name].get("users", users) != users:
            raise Difference(f"manifest.json has other bytes or users for {name}")


def check(export, folder, limit):
    parts = Parts(folder, limit)
    users = iter(parts)
    skipped = raw_lines(folder / "skipped.ndjson")
    rejected = map(parse, raw_lines(folder / "rejected.ndjson"))
    reject = properties(next(rejected, None))
    totals = {"read": 0, "written": 0, "skipped": 0, "rejected": 0}
    skipped_lines = []
    for number, start, line in source_lines(export):
        where = f"line {number}"
        totals["read"] += 1
        value = parse_or_none(line)
        record = properties(value)
        if reject is not None and reject.get("line") == ("number", str(number)):
            check_reject(where, reject, start, line, value)
            reject = properties(next(rejected, None))
            totals["rejected"] += 1
        elif record is None:
            raise Difference(f"{where} is no JSON object, and rejected.ndjson does not name it next")
        elif strategy(record) != "auth0":
            if parse_or_none(next(skipped, b"")) != value:
                raise Difference(f"{where} is not the next line of skipped.ndjson")
            skipped_lines.append(number)
            totals["skipped"] += 1
        else:
            place, user = next(users, (None, None))
            if place is None:
                raise Difference(f"{where} is nowhere: the parts have ended, and it is not rejected next")
            check_user(where, place, user, record)
            # Check it only now, because reading this user may have ended the part before it.
            parts.lines.append(number)
            totals["written"] += 1
    for name, rest in (("the parts", users), ("skipped.ndjson", skipped)):
        if next(rest, None) is not None:
            raise Difference(f"the export has ended, but {name} have more")
    if reject is not None:
        raise Difference("the export has ended, but rejected.ndjson has more, or is not in the order of lines")
    check_lines(parts.named, "skipped.ndjson", skipped_lines)
    if parts.named:
        raise Difference("lines.ndjson has more rows than there are parts")
    check_manifest(folder, parts.sizes)
    totals["parts"] = len(parts.paths)
    totals["part_bytes"] = parts.bytes
    totals["largest_part"] = max((size for size, _ in parts.sizes.values()), default=0)
    return totals


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("export", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--max-part-bytes", type=int, default=500_000)
    chosen = arguments.parse_args()
    try:
        totals = check(chosen.export, chosen.folder, chosen.max_part_bytes)
    except Difference as difference:
        print(f"check_parts: {difference}", file=sys.stderr)
        return 1
    except (OSError, EOFError, ValueError) as error:
        # The message of a decoding error would contain data.
        reason = error if isinstance(error, (OSError, EOFError)) else type(error).__name__
        print(f"check_parts: a file cannot be read: {reason}", file=sys.stderr)
        return 1
    print(json.dumps(totals))
    return 0


if __name__ == "__main__":
    sys.exit(main())
