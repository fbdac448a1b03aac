"""azure-mgmt-automation: runbooks, hybrid workers, jobs and their streams."""

import hashlib
import json
import time
import uuid

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.automation import AutomationClient

FINAL = {"Completed", "Failed", "Stopped", "Suspended"}


class Account:
    def __init__(self, azure):
        self.azure = azure
        self.client = AutomationClient(
            azure.credential(), azure.subscription, base_url=azure.arm
        )
        self.place = (azure.group, azure.account)

    def start(self, runbook, name=None, **properties):
        name = name or str(uuid.uuid4())
        body = {"properties": {"runbook": {"name": runbook}, **properties}}
        return name, self.client.job.create(*self.place, name, body)

    def finished(self, name, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.client.job.get(*self.place, name)
            if job.properties.status in FINAL:
                return job.properties
            time.sleep(0.1)
        raise AssertionError("the job did not end")


@pytest.fixture
def account(azure):
    return Account(azure)


def test_a_runbook_tells_its_state_and_its_parameters(account):
    runbook = account.client.runbook.get(*account.place, "update-hosts")
    assert runbook.properties.state == "Published"
    assert "ClientSecret" in runbook.properties.parameters


def test_a_job_runs_the_script_with_the_parameters_and_keeps_its_streams(account, azure):
    secret = json.dumps("p4rameter value")
    name, job = account.start("update-hosts", parameters={"ClientSecret": secret})
    assert job.properties.status == "New" and job.properties.job_id != name
    done = account.finished(name)
    assert done.status == "Completed" and done.exception is None
    assert done.parameters == {"ClientSecret": secret}
    output = account.client.job.get_output(*account.place, name)
    text = output if isinstance(output, str) else b"".join(output).decode()
    assert "delivered" in text
    errors = list(
        account.client.job_stream.list_by_job(
            *account.place, name, filter="properties/streamType eq 'Error'"
        )
    )
    assert [one.properties.summary for one in errors] == ["careful"]
    stream = account.client.job_stream.get(
        *account.place, name, errors[0].properties.job_stream_id
    )
    assert stream.properties.stream_text == "careful"
    if azure.control is not None:
        received = json.loads((azure.directory / "jobs" / name / "received.json").read_text())
        assert received["parameters"] == {"ClientSecret": "p4rameter value"}
        jobs = {one["name"]: one for one in azure.control.call("GET", "/jobs")["jobs"]}
        digest = hashlib.sha256(b"p4rameter value").hexdigest()
        assert jobs[name]["parameters"] == {"ClientSecret": digest}


def test_a_name_starts_one_run_only(account):
    name, _ = account.start("update-hosts")
    with pytest.raises(HttpResponseError) as conflict:
        account.start("update-hosts", name=name)
    assert conflict.value.status_code == 409
    assert "Job with specified id already exists" in conflict.value.message
    assert account.finished(name).status == "Completed"


def test_a_script_that_fails_fails_the_job(account, control):
    name, _ = account.start("failing")
    done = account.finished(name)
    assert done.status == "Failed" and "exit code 3" in done.exception


def test_only_a_published_runbook_runs(account, control):
    assert account.client.runbook.get(*account.place, "draft").properties.state == "New"
    with pytest.raises(HttpResponseError) as refused:
        account.start("draft")
    assert refused.value.status_code == 400


def test_what_is_not_there_is_not_found(account):
    with pytest.raises(ResourceNotFoundError):
        account.client.runbook.get(*account.place, "missing")
    with pytest.raises(ResourceNotFoundError):
        account.client.job.get(*account.place, str(uuid.uuid4()))


def test_hybrid_groups_tell_their_workers_and_when_they_were_seen(account, control):
    groups = account.client.hybrid_runbook_worker_group.list_by_automation_account(
        *account.place
    )
    assert {"on-prem", "asleep"} <= {one.name for one in groups}
    workers = list(
        account.client.hybrid_runbook_workers.list_by_hybrid_runbook_worker_group(
            *account.place, "on-prem"
        )
    )
    assert [one.properties.worker_name for one in workers] == ["host1"]
    assert workers[0].properties.last_seen_date_time is not None


def test_a_job_waits_for_a_live_worker(account, control):
    name, _ = account.start("update-hosts", runOn="asleep")
    time.sleep(0.5)
    assert account.client.job.get(*account.place, name).properties.status == "New"
    control.call("PUT", "/workers/asleep/host2", {"lastSeenSecondsAgo": 0})
    done = account.finished(name)
    assert done.status == "Completed" and done.run_on == "asleep"


def test_without_the_right_a_job_is_not_started(account, control):
    right = {"principal": "observer", "api": "arm"}
    control.call("POST", "/permissions/withdraw", right)
    try:
        with pytest.raises(HttpResponseError) as refused:
            account.start("update-hosts")
        assert refused.value.status_code == 403
        assert refused.value.error.code == "AuthorizationFailed"
    finally:
        control.call("POST", "/permissions/restore", right)
