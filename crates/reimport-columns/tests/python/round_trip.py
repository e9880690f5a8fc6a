"""Compares every member of every record of an export with the columns of the Parquet that `reimport select` wrote.

    round_trip.py EXPORT.json.gz USERS.parquet [USERS.schema.json]

A record put together from its columns and `_rest` must have every member of the record: decoded strings, numbers as they were
written, the last of repeated members. The order of members does not count.
"""

import datetime
import decimal
import gzip
import json
import re
import sys

import pyarrow.parquet

JSON = {"identities", "app_metadata", "user_metadata", "multifactor"}
COPIES = {"connection", "provider"}
OWN = {"_rest", "_source", "_line"}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Number(str):
    """A number as it was written."""


class Value(Number):
    """A number in a form of its own, with the value that was written."""


def read(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def as_written(value):
    """The JSON value that a cell gives back."""
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, (float, decimal.Decimal)):
        return Value(repr(value) if isinstance(value, float) else str(value))
    if isinstance(value, int):
        return Number(value)
    if isinstance(value, datetime.datetime):
        millis = (value - EPOCH) // datetime.timedelta(milliseconds=1)
        moment = EPOCH + datetime.timedelta(milliseconds=millis)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    raise TypeError(type(value))


def put_together(row):
    record = {}
    for name, value in row.items():
        if value is not None and name not in COPIES | OWN:
            record[name] = read(value) if name in JSON else as_written(value)
    if row["_rest"] is not None:
        record.update(read(row["_rest"]))
    return record


def merge(base, rest):
    for name, value in rest.items():
        if isinstance(base.get(name), dict) and isinstance(value, dict):
            merge(base[name], value)
        else:
            base[name] = value


def names(path):
    """The names of a field path. None if it has an index."""
    steps = re.findall(r'\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.\[]+)', path)
    return None if any(index for index, _, _ in steps) else [bare or json.loads(quoted) for _, quoted, bare in steps]


def put_together_with(schema, row):
    record = {}
    for column in schema["columns"]:
        value, path = row[column["name"]], names(column["path"])
        if value is not None and path is not None:
            value = read(value) if column["type"] == "json" else as_written(value)
            for name in reversed(path):
                value = {name: value}
            merge(record, value)
    merge(record, read(row["_rest"] or "{}"))
    return record


def same(one, other):
    """Equal, also in types: a number is not the string with its digits, and true is not 1."""
    if isinstance(one, Value) and isinstance(other, Number):
        return decimal.Decimal(one) == decimal.Decimal(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def main(export, parquet, schema=None):
    together = put_together
    if schema is not None:
        with open(schema, encoding="utf-8") as text:
            schema = json.load(text)
        together = lambda row: put_together_with(schema, row)
    file = pyarrow.parquet.ParquetFile(parquet)
    rows = (row for batch in file.iter_batches(4096) for row in batch.to_pylist())
    records = members = 0
    with gzip.open(export, "rt", encoding="utf-8", newline="\n") as lines:
        for line, row in zip(lines, rows, strict=True):
            records += 1
            assert row["_line"] == records, (row["_line"], records)
            expected, found = read(line), together(row)
            for name, value in expected.items():
                members += 1
                assert same(found.get(name), value), f"line {records}: {name}"
            extra = {name for name in found if name not in expected}
            assert not extra, f"line {records}: {extra}"
    print(f"{records} records, {members} members: all came back")


main(*sys.argv[1:])
