#!/usr/bin/env python3
"""Makes genuine.ndjson: password hashes by the libraries that systems really use.

    pip install argon2-cffi bcrypt passlib PyNaCl pycryptodome whirlpool
    python3 make.py            writes genuine.ndjson; the salts of PyNaCl are random
    python3 make.py --verify   verifies each line of it with the libraries it names

Each line holds the password, the library that made the hash, those that verify it with that password, those that
refuse it, and the verdict of reimport. All passwords, salts and keys are invented. Tests need no Python.
"""

import base64
import hashlib
import hmac
import json
import sys
from importlib.metadata import version
from pathlib import Path

import argon2.low_level as argon2
import bcrypt
import nacl.pwhash
import whirlpool
from argon2 import Type
from Crypto.Hash import HMAC, MD4, RIPEMD160
from Crypto.Protocol.KDF import PBKDF2
from nacl._sodium import ffi, lib
from passlib import hash as passlib_hash

FILE = Path(__file__).with_name("genuine.ndjson")
PASSWORD = "Correct-Horse-7!"
LATIN = "Pferd-größe-7!"

PYTHON = f"Python {sys.version.split()[0]} hashlib"
ARGON2 = f"argon2-cffi {version('argon2-cffi')}"
SODIUM = f"PyNaCl {version('PyNaCl')} (libsodium)"
BCRYPT = f"bcrypt {version('bcrypt')}"
CRYPTO = f"pycryptodome {version('pycryptodome')}"
WHIRLPOOL = f"whirlpool {version('whirlpool')}"
PASSLIB = f"passlib {version('passlib')}"

# The names of the importer, and the digests they are; mdc2 is in none of these libraries.
DIGESTS = ["md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"]
PBKDF2_DIGESTS = {
    "RSA-MD4": "md4", "RSA-MD5": "md5", "RSA-RIPEMD160": "ripemd160", "RSA-SHA1": "sha1", "RSA-SHA1-2": "sha1",
    "RSA-SHA224": "sha224", "RSA-SHA256": "sha256", "RSA-SHA384": "sha384", "RSA-SHA512": "sha512", "md4": "md4",
    "md4WithRSAEncryption": "md4", "md5": "md5", "md5WithRSAEncryption": "md5", "ripemd": "ripemd160",
    "ripemd160": "ripemd160", "ripemd160WithRSA": "ripemd160", "rmd160": "ripemd160", "sha1": "sha1",
    "sha1WithRSAEncryption": "sha1", "sha224": "sha224", "sha224WithRSAEncryption": "sha224", "sha256": "sha256",
    "sha256WithRSAEncryption": "sha256", "sha384": "sha384", "sha384WithRSAEncryption": "sha384", "sha512": "sha512",
    "sha512WithRSAEncryption": "sha512", "ssl3-md5": "md5", "ssl3-sha1": "sha1", "whirlpool": "whirlpool",
}
BYTES_OF_SCHEME = {"MD5": 16, "SHA": 20, "SHA1": 20, "SHA224": 28, "SHA256": 32, "SHA384": 48, "SHA512": 64}


class Whirlpool:
    """The digest with the attributes that hmac asks for."""

    digest_size, block_size = 64, 64

    def __init__(self, data=b""):
        self.inner = whirlpool.new(data)

    def update(self, data):
        self.inner.update(data)

    def copy(self):
        copy = Whirlpool()
        copy.inner = self.inner.copy()
        return copy

    def digest(self):
        return self.inner.digest()


def digest_library(name):
    return CRYPTO if name in ("md4", "ripemd160") else WHIRLPOOL if name == "whirlpool" else PYTHON


def digest(name, data):
    other = {"md4": MD4, "ripemd160": RIPEMD160}.get(name)
    if other:
        return other.new(data).digest()
    return Whirlpool(data).digest() if name == "whirlpool" else hashlib.new(name, data).digest()


def mac(name, key, data):
    other = {"md4": MD4, "ripemd160": RIPEMD160}.get(name)
    if other:
        return HMAC.new(key, data, digestmod=other).digest()
    return hmac.new(key, data, (lambda data=b"": Whirlpool(data)) if name == "whirlpool" else name).digest()


def pbkdf2(name, password, salt, rounds, length):
    if name in ("md4", "ripemd160", "whirlpool"):
        return PBKDF2(password, salt, length, rounds, prf=lambda key, data: mac(name, key, data))
    return hashlib.pbkdf2_hmac(name, password, salt, rounds, length)


def salt_of(case, length):
    return hashlib.sha512(case.encode()).digest()[:length]


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def decode(text, encoding):
    if encoding == "hex":
        return bytes.fromhex(text)
    if encoding == "base64":
        return base64.b64decode(text.replace("-", "+").replace("_", "/").rstrip("=") + "==")
    return text.encode()


def encode(data, encoding):
    """An encoding of the importer, or a way of writing one: HEX, base64url, base64 without padding."""
    return {
        "hex": lambda: (data.hex(), "hex"),
        "HEX": lambda: (data.hex().upper(), "hex"),
        "base64": lambda: (base64.b64encode(data).decode(), "base64"),
        "base64url": lambda: (base64.urlsafe_b64encode(data).decode(), "base64"),
        "unpadded": lambda: (b64(data), "base64"),
        "utf8": lambda: (data.decode(), "utf8"),
    }[encoding]()


def transcode(password, encoding):
    python = {"ascii": "latin-1", "utf8": "utf-8", "utf16le": "utf-16-le", "ucs2": "utf-16-le"}.get(encoding, "latin-1")
    return password.encode(python)


def password_of(custom, password):
    """The bytes that are hashed, without salt."""
    return transcode(password, custom.get("password", {}).get("encoding", "utf8"))


def salt_bytes(custom):
    salt = custom.get("salt", {"value": ""})
    return decode(salt["value"], salt.get("encoding", "utf8"))


def input_of(custom, password):
    """The bytes that are hashed, with the salt on its side."""
    both = [salt_bytes(custom), password_of(custom, password)]
    return b"".join(both if custom.get("salt", {}).get("position", "prefix") == "prefix" else reversed(both))


def parameters(text):
    return dict(part.split("=") for part in text.split(",") if part)


def argon2_verifies(text, password):
    kind = {"$argon2id": Type.ID, "$argon2i$": Type.I, "$argon2d$": Type.D}[text[:9]]
    try:
        return argon2.verify_secret(text.encode(), password, kind)
    except Exception:
        return False


def sodium_verifies(text, password):
    # PyNaCl itself refuses strings above 127 bytes, libsodium does not.
    return lib.crypto_pwhash_str_verify(ffi.new("char[]", text.encode()), password, len(password)) == 0


def bcrypt_verifies(custom, password):
    try:
        # As every bcrypt does but this one, which demands that it is done before.
        return bcrypt.checkpw(input_of(custom, password)[:72], custom["hash"]["value"].encode())
    except ValueError:
        return False


def pbkdf2_verifies(text, password):
    name, *rest = text.removeprefix("$pbkdf2-").split("$")
    given = parameters(rest.pop(0)) if "=" in rest[0] else {}
    salt, expected = (decode(part, "base64") for part in rest)
    rounds, length = int(given.get("i", 100000)), int(given.get("l", 64))
    return pbkdf2(PBKDF2_DIGESTS[name], password, salt, rounds, length) == expected


def ldap_verifies(text, password):
    scheme, data = text[1:].split("}")
    plain = scheme.upper().removeprefix("S") if scheme.upper() not in BYTES_OF_SCHEME else scheme.upper()
    length = BYTES_OF_SCHEME[plain]
    data = decode(data, "base64")
    name = "sha1" if plain == "SHA" else plain.lower()
    return digest(name, password + data[length:]) == data[:length]


def scrypt(custom, password):
    number = lambda name, default: int(custom.get(name, default))
    n, r, p = number("cost", 16384), number("blockSize", 8), number("parallelization", 1)
    return hashlib.scrypt(
        password, salt=salt_bytes(custom), n=n, r=r, p=p, dklen=number("keylen", 0), maxmem=1 << 30
    )


def verifies(library, custom, password):
    """Whether that library accepts the password."""
    algorithm, value = custom["algorithm"], custom["hash"]["value"]
    plain = password_of(custom, password)
    # Whatever version is installed now.
    library = library.split(" ")[0]
    if library == "argon2-cffi":
        return argon2_verifies(value, plain)
    if library == "PyNaCl":
        return sodium_verifies(value, plain)
    if library == "bcrypt":
        return bcrypt_verifies(custom, password)
    if library == "passlib":
        handler = passlib_hash.pbkdf2_sha256 if algorithm == "pbkdf2" else LDAP[value[1:].split("}")[0]]
        return handler.verify(password, value)
    if algorithm == "pbkdf2":
        return pbkdf2_verifies(value, plain)
    if algorithm == "ldap":
        return ldap_verifies(value, plain)
    expected = decode(value, custom["hash"]["encoding"])
    if algorithm == "scrypt":
        return scrypt(custom, plain) == expected
    if algorithm == "hmac":
        key = custom["hash"]["key"]
        key = decode(key["value"], key.get("encoding", "utf8"))
        return mac(custom["hash"]["digest"], key, plain) == expected
    return digest(algorithm, input_of(custom, password)) == expected


LDAP = {
    "MD5": passlib_hash.ldap_md5,
    "SMD5": passlib_hash.ldap_salted_md5,
    "SHA": passlib_hash.ldap_sha1,
    "SSHA": passlib_hash.ldap_salted_sha1,
    "SSHA256": passlib_hash.ldap_salted_sha256,
    "SSHA512": passlib_hash.ldap_salted_sha512,
}


def argon2_cases():
    def of(case, kind=Type.ID, v=19, m=64, t=1, p=1, salt=16, length=32):
        salt = salt_of(case, salt)
        return argon2.hash_secret(PASSWORD.encode(), salt, t, m, p, length, kind, v).decode()

    both, ours = [ARGON2, SODIUM], [ARGON2]
    for case, text in [
        ("argon2id", of("argon2id")),
        ("argon2i", of("argon2i", Type.I, t=3)),
        ("two lanes", of("two lanes", p=2)),
        ("four lanes", of("four lanes", p=4)),
        ("eight lanes", of("eight lanes", p=8)),
        ("hash of 16 bytes", of("hash of 16 bytes", length=16)),
        ("hash of 24 bytes", of("hash of 24 bytes", length=24)),
        ("hash of 64 bytes", of("hash of 64 bytes", length=64)),
        ("salt of 8 bytes", of("salt of 8 bytes", salt=8)),
        ("salt of 32 bytes", of("salt of 32 bytes", salt=32)),
        ("as the service makes it", of("as the service makes it", m=65536, t=2)),
        ("64 MiB and four lanes", of("64 MiB and four lanes", m=65536, t=3, p=4)),
        ("1 GiB", of("1 GiB", m=1 << 20)),
    ]:
        yield case, PASSWORD, ARGON2, both, [], "accepted", {"algorithm": "argon2", "hash": {"value": text}}
    yield (
        "encoding utf8", PASSWORD, ARGON2, both, [], "accepted",
        {"algorithm": "argon2", "hash": {"value": of("encoding utf8"), "encoding": "utf8"}},
    )
    for kind in (nacl.pwhash.argon2id, nacl.pwhash.argon2i):
        text = kind.str(PASSWORD.encode(), kind.OPSLIMIT_MIN, kind.MEMLIMIT_MIN).decode()
        yield "libsodium itself", PASSWORD, SODIUM, both, [], "accepted", {"algorithm": "argon2", "hash": {"value": text}}

    def other_bits(text, part):
        """The same bytes with the lowest bit of the last digit, which encodes nothing, set."""
        digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        parts = text.split("$")
        parts[part] = parts[part][:-1] + digits[digits.index(parts[part][-1]) + 1]
        return "$".join(parts)

    old = of("no version", v=16)
    for case, text, good in [
        ("argon2d", of("argon2d", Type.D), ours),
        ("version 16", of("version 16", v=16), ours),
        ("no version", old.replace("v=16$", ""), ours),
        ("t before m", of("t before m").replace("m=64,t=1", "t=1,m=64"), []),
        ("hash of 12 bytes", of("hash of 12 bytes", length=12), ours),
        ("hash of 4 bytes", of("hash of 4 bytes", length=4), ours),
        ("other last bits in the salt", other_bits(of("other last bits in the salt"), 4), []),
        ("other last bits in the hash", other_bits(of("other last bits in the hash"), 5), []),
    ]:
        bad = [library for library in both if library not in good]
        yield case, PASSWORD, ARGON2, good, bad, "rejected hash-form", {"algorithm": "argon2", "hash": {"value": text}}


def bcrypt_cases():
    alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    def of(case, custom, password=PASSWORD, prefix="2b", cost=4):
        salt = salt_of(case, 16)
        digits = "".join(f"{byte:08b}" for byte in salt) + "0000"
        text = "".join(alphabet[int(digits[at : at + 6], 2)] for at in range(0, 132, 6))
        made = bcrypt.hashpw(input_of(custom, password)[:72], f"${prefix}${cost:02}${text}".encode())
        return {"algorithm": "bcrypt", "hash": {"value": made.decode(), **custom.get("hash", {})}, **{
            name: value for name, value in custom.items() if name != "hash"
        }}

    def line(case, custom, verdict="accepted", good=True):
        return case, PASSWORD, BCRYPT, [BCRYPT] if good else [], [] if good else [BCRYPT], verdict, custom

    for prefix in ("2a", "2b", "2y"):
        for cost in (4, 10):
            case = f"prefix {prefix} and cost {cost}"
            yield line(case, of(case, {}, prefix=prefix, cost=cost))
    yield line("encoding utf8", of("encoding utf8", {"hash": {"encoding": "utf8"}}))
    for position in ("prefix", "suffix"):
        for encoding in ("utf8", "hex", "base64"):
            value, encoding = encode(b"pepper-and-salt", encoding)
            case = f"{position} salt in {encoding}"
            salt = {"value": value, "encoding": encoding, "position": position}
            yield line(case, of(case, {"salt": salt}))
    yield line("salt with the defaults", of("salt with the defaults", {"salt": {"value": "pepper-and-salt"}}))
    for password in ("utf16le", "latin1"):
        case = f"password in {password}"
        custom = of(case, {"password": {"encoding": password}}, LATIN)
        yield case, LATIN, BCRYPT, [BCRYPT], [], "accepted", custom
    yield line("suffix salt of 80 bytes", of("long suffix", {"salt": {"value": "s" * 80, "position": "suffix"}}))
    yield line("prefix salt of 71 bytes", of("71 bytes", {"salt": {"value": "s" * 71}}))
    for value, encoding in (("s" * 72, "utf8"), ("73" * 72, "hex")):
        case = f"prefix salt of 72 bytes in {encoding}: any password is right"
        custom = of(case, {"salt": {"value": value, "encoding": encoding}})
        assert bcrypt_verifies(custom, "any other password")
        yield line(case, custom, "rejected salt-length")
    for case, at in (("other last bits in the salt", 28), ("other last bits in the hash", 59)):
        custom = of(case, {})
        text = custom["hash"]["value"]
        text = text[:at] + alphabet[alphabet.index(text[at]) + 1] + text[at + 1 :]
        custom["hash"]["value"] = text
        yield line(case, custom, "warned bcrypt-padding", bcrypt_verifies(custom, PASSWORD))


def hmac_cases():
    ways = ["hex", "HEX", "base64", "base64url", "unpadded"]
    for place, name in enumerate(DIGESTS):
        for key_place, key_encoding in enumerate(("utf8", "hex", "base64")):
            way = ways[(place + key_place * 2) % len(ways)]
            key = f"invented key of {name}".encode()
            value, encoding = encode(mac(name, key, PASSWORD.encode()), way)
            key, key_encoding = encode(key, key_encoding)
            hash = {"value": value, "encoding": encoding, "digest": name, "key": {"value": key, "encoding": key_encoding}}
            if key_encoding == "utf8" and place % 2:
                del hash["key"]["encoding"]
            library = digest_library(name)
            yield f"hmac in {way}", PASSWORD, library, [library], [], "accepted", {"algorithm": "hmac", "hash": hash}


def digest_cases():
    ways = ["hex", "HEX", "base64", "base64url", "unpadded"]
    for place, name in enumerate(("md4", "md5", "sha1", "sha256", "sha512")):
        library = digest_library(name)

        def line(case, way, extra=None, password=PASSWORD):
            custom = {"algorithm": name, **(extra or {})}
            value, encoding = encode(digest(name, input_of(custom, password)), way)
            custom = {"algorithm": name, "hash": {"value": value, "encoding": encoding}, **(extra or {})}
            return case, password, library, [library], [], "accepted", custom

        for way in ways:
            yield line(f"{name} in {way}", way)
        for salt_place, salt_encoding in enumerate(("utf8", "hex", "base64")):
            for position in ("prefix", "suffix"):
                value, encoding = encode(f"salt of {name}".encode(), salt_encoding)
                salt = {"value": value, "encoding": encoding, "position": position}
                yield line(f"{position} salt in {encoding}", ways[(place + salt_place) % 5], {"salt": salt})
        yield line("salt with the defaults", "hex", {"salt": {"value": f"salt of {name}"}})
        for encoding in ("ascii", "utf8", "utf16le", "ucs2", "latin1", "binary"):
            password = PASSWORD if encoding == "ascii" else LATIN
            yield line(f"password in {encoding}", "hex", {"password": {"encoding": encoding}}, password)


def ldap_cases():
    for scheme, handler in LDAP.items():
        handler = handler.using(salt=salt_of(scheme, 8)) if scheme.startswith("SS") or scheme == "SMD5" else handler
        value = handler.hash(PASSWORD)
        for value in (value, value.replace(f"{{{scheme}}}", f"{{{scheme.lower()}}}")):
            good = [PASSLIB] if scheme in value else [PYTHON]
            yield f"scheme {scheme}", PASSWORD, PASSLIB, good, [], "accepted", {"algorithm": "ldap", "hash": {"value": value}}
    for plain in BYTES_OF_SCHEME:
        for salt in (b"", salt_of(plain, 8)):
            scheme = f"S{plain}" if salt else plain
            if scheme in LDAP:
                continue
            data = digest("sha1" if plain == "SHA" else plain.lower(), PASSWORD.encode() + salt) + salt
            value = f"{{{scheme}}}{base64.b64encode(data).decode()}"
            hash = {"value": value, "encoding": "utf8"}
            yield f"scheme {scheme}", PASSWORD, PYTHON, [PYTHON], [], "accepted", {"algorithm": "ldap", "hash": hash}


def pbkdf2_cases():
    def line(case, name, head, rounds, length, verdict="accepted"):
        library, salt = digest_library(PBKDF2_DIGESTS[name]), salt_of(case, 16)
        made = pbkdf2(PBKDF2_DIGESTS[name], PASSWORD.encode(), salt, rounds, length)
        custom = {"algorithm": "pbkdf2", "hash": {"value": f"${'$'.join([f'pbkdf2-{name}', *head, b64(salt), b64(made)])}"}}
        # Without l it is verified as 64 bytes, which the hash does not have.
        good = verdict == "accepted"
        return case, PASSWORD, library, [library] if good else [], [] if good else [library], verdict, custom

    for name in PBKDF2_DIGESTS:
        yield line(f"digest {name}", name, ["i=100,l=32"], 100, 32)
    yield line("l before i", "sha256", ["l=20,i=100"], 100, 20)
    yield line("i alone", "sha512", ["i=100"], 100, 64)
    yield line("l alone", "sha1", ["l=20"], 100000, 20)
    yield line("no parameters", "sha512", [], 100000, 64)
    yield line("Gigya", "sha512", ["i=3000,l=20"], 3000, 20)
    yield line("32 bytes without l", "sha256", ["i=100"], 100, 32, "rejected hash-length")
    value = passlib_hash.pbkdf2_sha256.using(salt=salt_of("passlib", 16), rounds=100).hash(PASSWORD)
    yield "form of passlib", PASSWORD, PASSLIB, [PASSLIB], [], "rejected hash-form", {"algorithm": "pbkdf2", "hash": {"value": value}}


def scrypt_cases():
    for case, way, salt, numbers in [
        ("defaults", "hex", {"value": "invented salt"}, {"keylen": 32}),
        ("no salt", "HEX", None, {"keylen": 64, "cost": 1024}),
        ("salt in hex", "base64", {"value": "00ff10", "encoding": "hex"}, {"keylen": 64, "cost": 1024}),
        ("salt in base64", "base64url", {"value": "AP8Q", "encoding": "base64"}, {"keylen": 20, "cost": 4096}),
        ("r and p", "unpadded", {"value": "s", "encoding": "utf8"}, {"keylen": 16, "cost": 256, "blockSize": 4, "parallelization": 3}),
        ("r of 1", "hex", {"value": "s"}, {"keylen": 1, "cost": 32768, "blockSize": 1}),
        ("whole numbers as doubles", "hex", {"value": "s"}, {"keylen": 64.0, "cost": 1024.0, "blockSize": 8.0, "parallelization": 1.0}),
    ]:
        custom = {"algorithm": "scrypt", **({"salt": salt} if salt else {}), **numbers}
        value, encoding = encode(scrypt(custom, PASSWORD.encode()), way)
        custom = {"algorithm": "scrypt", "hash": {"value": value, "encoding": encoding}, **custom}
        yield case, PASSWORD, PYTHON, [PYTHON], [], "accepted", custom


def make():
    lines = []
    for cases in (argon2_cases, bcrypt_cases, hmac_cases, digest_cases, ldap_cases, pbkdf2_cases, scrypt_cases):
        for case, password, made_by, verified_by, refused_by, verdict, custom in cases():
            line = {"case": case, "verdict": verdict, "password": password, "made_by": made_by}
            line |= {"verified_by": verified_by, "refused_by": refused_by, "custom_password_hash": custom}
            lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    FILE.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} hashes written")


def verify():
    wrong, count = 0, 0
    for number, text in enumerate(FILE.read_text().splitlines(), 1):
        line = json.loads(text)
        custom, password = line["custom_password_hash"], line["password"]
        for library, expected in [(name, True) for name in line["verified_by"]] + [(name, False) for name in line["refused_by"]]:
            count += 1
            if verifies(library, custom, password) != expected:
                wrong += 1
                print(f"line {number}: {library} {'refuses' if expected else 'verifies'} {line['case']}")
        # A salt of 72 bytes lets every password in; no other hash does.
        if line["verified_by"] and line["verdict"] != "rejected salt-length":
            count += 1
            if verifies(line["verified_by"][0], custom, "another password"):
                wrong += 1
                print(f"line {number}: {line['case']} is verified with another password")
    print(f"{count} verifications, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--verify"]:
        sys.exit(1 if verify() else 0)
    make()
