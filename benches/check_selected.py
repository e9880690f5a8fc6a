#!/usr/bin/env python3
"""Compares parts of `reimport select` with an export and its hash file, using Python's json.

    reimport select EXPORT --passwords HASHES --nested --wrap users --max-part-bytes 1MB -o PARTS \\
        -f user_id=id,email=traits.email -f '"bcrypt"=credentials[0].algorithm' -f password_hash=credentials[0].value
    python3 benches/check_selected.py EXPORT HASHES PARTS

Every part is one object with the array `users` and has at most `max_part_bytes` bytes, every user of the export is there
once, in order, with its own values, and each hash is with the database login of its id and connection. A user without a
hash has no credentials. The manifest has the bytes and counts of each part.
"""

import gzip
import json
import pathlib
import sys


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def hashes_by_login(path):
    """Returns the hash of each (connection, id). Of several, the one with the latest date counts."""
    found = {}
    for record in lines(path):
        id = record.get("alt_id") or record.get("_id") or record.get("_ID")
        id = id["$oid"] if isinstance(id, dict) else id
        if id is None or record.get("passwordHash") is None:
            continue
        id = id.removeprefix("auth0|")
        date = record.get("password_set_date") or ""
        date = date["$date"] if isinstance(date, dict) else date
        login = (record.get("connection"), id)
        if login not in found or date > found[login][0]:
            found[login] = (date, record["passwordHash"])
    return found


def expected(user, hashes):
    out = {"id": user["user_id"], "traits": {"email": user["email"]}} if "email" in user else {"id": user["user_id"]}
    own = user["identities"][0]
    if own["provider"] == "auth0":
        login = (own["connection"], user["user_id"].removeprefix("auth0|"))
        if login in hashes:
            out["credentials"] = [{"algorithm": "bcrypt", "value": hashes[login][1]}]
    return out


def main(export, hash_file, folder):
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    limit = manifest["options"]["max_part_bytes"]
    hashes = hashes_by_login(hash_file)
    users = lines(export)
    count = with_hash = 0
    names = sorted(path.name for path in folder.glob("part-*.json"))
    assert names == [part["file"] for part in manifest["parts"]], "the manifest lists other parts"
    for part in manifest["parts"]:
        data = (folder / part["file"]).read_bytes()
        assert len(data) == part["bytes"] <= limit, part
        found = json.loads(data)
        assert list(found) == ["users"] and len(found["users"]) == part["users"], part["file"]
        for user in found["users"]:
            assert user == expected(next(users), hashes), f"{part['file']}: user {count}"
            count += 1
            with_hash += "credentials" in user
    assert next(users, None) is None, "users are missing"
    assert (count, with_hash) == (manifest["totals"]["written"], manifest["totals"]["with_password"])
    print(f"{count} users in {len(names)} parts, {with_hash} of {len(hashes)} hashes, each with its own user")


if __name__ == "__main__":
    main(*sys.argv[1:])
