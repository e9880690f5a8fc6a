"""The five calls about jobs, and the lists, made with the public Python SDK against a fake tenant.

The fake tenant must answer as the SDK expects: its pagers must end, and bring every item once.
`examples/same_calls.rs` makes the five calls with this library; ../node/compare.mjs compares what the tenant logged.

    python calls.py jobs http://127.0.0.1:PORT
    python calls.py pages http://127.0.0.1:PORT USERS CONNECTIONS
"""

import json
import sys
import time

from auth0.management.client import Auth0
from auth0.management.core.api_error import ApiError

CONNECTION = "con_0000000000000001"


def ended(client, job_id):
    for _ in range(100):
        job = client.jobs.get(job_id)
        if job.status in ("completed", "failed"):
            return job
        time.sleep(0.01)
    raise AssertionError(f"job {job_id} does not end")


def jobs(client):
    started = client.jobs.users_exports.create(
        connection_id=CONNECTION,
        format="json",
        limit=5,
        fields=[{"name": "user_id"}, {"name": "identities[0].connection", "export_as": "provider"}],
    )
    assert (started.type, started.status) == ("users_export", "pending"), started
    exported = ended(client, started.id)
    assert exported.status == "completed" and exported.location.startswith("http://127.0.0.1:"), exported

    users = json.dumps([{"email": "ada@example.com", "user_id": "ada"}, {"email": "user0@example.com"}])
    accepted = client.jobs.users_imports.create(
        users=("users.json", users.replace(" ", "").encode(), "application/json"),
        connection_id=CONNECTION,
        upsert=False,
        external_id="run-1",
        send_completion_email=False,
    )
    assert (accepted.type, accepted.external_id) == ("users_import", "run-1"), accepted
    imported = ended(client, accepted.id)
    assert (imported.summary.failed, imported.summary.inserted, imported.summary.total) == (1, 1, 2), imported
    errors = client.jobs.errors.get(accepted.id)
    assert len(errors) == 1 and errors[0].errors[0].code == "DUPLICATED_USER", errors

    email = client.jobs.verification_email.create(
        user_id="auth0|ada",
        client_id="fake-application",
        identity={"user_id": "ada", "provider": "auth0"},
    )
    assert email.type == "verification_email", email
    print("the Python SDK: all five calls work")


def once(items, expected, what):
    """All items of a pager; a pager without end is cut off."""
    found = []
    for item in items:
        found.append(item)
        assert len(found) <= expected, f"the pager of {what} does not end"
    assert len(found) == expected, f"{len(found)} of {expected} {what}"
    return found


def pages(client, users, connections):
    for per_page in (1, 50, 100):
        found = once(client.users.list(per_page=per_page), users, "users")
        assert len({user.user_id for user in found}) == users, "a user occurs twice"
    query = f'identities.connection:"{client.connections.get(CONNECTION).name}"'
    once(client.users.list(q=query, search_engine="v3"), users, "users of a connection")
    for take in (1, 50, 100):
        found = once(client.connections.list(take=take), connections, "connections")
        assert len({connection.id for connection in found}) == connections, "a connection occurs twice"
    for connection in found[1:]:
        # As many applications use it as its number says.
        expected = int(connection.id.removeprefix("con_")) - 1
        clients = once(client.connections.clients.get(connection.id, take=7), expected, "clients")
        assert len({each.client_id for each in clients}) == expected
    for call in (
        lambda: client.connections.get("con_00000000000nope1"),
        lambda: client.connections.clients.get("con_00000000000nope1"),
    ):
        try:
            call()
        except ApiError as error:
            assert error.status_code == 404 and error.body["errorCode"] == "inexistent_connection", error
        else:
            raise AssertionError("a connection that does not exist was found")
    print("the Python SDK: its pagers end, and bring every item once")


def main():
    what, base, *numbers = sys.argv[1:]
    client = Auth0(base_url=f"{base}/api/v2", token="fake-token", max_retries=0)
    if what == "jobs":
        jobs(client)
    else:
        pages(client, *map(int, numbers))


main()
