"""`crm-pipeline emulator` as a program: what it prints leads clients to both CRMs, and Ctrl-C ends all of it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import requests

COMMAND = (sys.executable, "-c", "from crm_pipeline.cli import main; main()", "emulator")
_EXPORT = re.compile(r"  export (\w+)=(.*)")


@contextmanager
def emulator(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The running command and the variables it printed; stopped by Ctrl-C at the end."""
    program = subprocess.Popen(
        [*COMMAND, *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert program.stdout is not None
        variables: dict[str, str] = {}
        for line in program.stdout:
            if match := _EXPORT.match(line.rstrip("\n")):
                variables[match.group(1)] = shlex.split(match.group(2))[0]
            if line.startswith("Ctrl-C"):
                break
        yield program, variables
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGINT)
        program.communicate(timeout=30)


def _contacts(variables: dict[str, str], **more: object) -> requests.Response:
    headers = {"Authorization": f"Bearer {variables['HUBSPOT_ACCESS_TOKEN']}"}
    url = variables["HUBSPOT_BASE_URL"] + "/crm/v3/objects/contacts/search"
    return requests.post(url, json={}, headers=headers, timeout=10, **more)  # type: ignore[arg-type]


def _accounts(variables: dict[str, str], **more: object) -> int:
    login = requests.post(
        variables["SALESFORCE_LOGIN_URL"] + "/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(variables["SALESFORCE_CLIENT_ID"], variables["SALESFORCE_CLIENT_SECRET"]),
        timeout=10,
        **more,  # type: ignore[arg-type]
    ).json()
    answer = requests.get(
        login["instance_url"] + "/services/data/v62.0/query",
        params={"q": "SELECT COUNT() FROM Account"},
        headers={"Authorization": f"Bearer {login['access_token']}"},
        timeout=10,
        **more,  # type: ignore[arg-type]
    )
    return int(answer.json()["totalSize"])


def test_a_synthetic_organisation_is_served_by_two_processes_that_end_together(tmp_path: Path) -> None:
    with emulator(tmp_path, "--organisation", "synthetic:400", "--seed", "3") as (program, variables):
        contacts, accounts = _contacts(variables).json()["total"], _accounts(variables)
        ports = [int(variables[name].rpartition(":")[2]) for name in ("HUBSPOT_BASE_URL", "SALESFORCE_LOGIN_URL")]
        os.killpg(program.pid, signal.SIGINT)
        assert program.wait(timeout=30) == 0

    truth = duckdb.connect().execute(
        f"select system, object, count(*) n from '{tmp_path}/data/emulator/truth/*.csv' group by all"
    )
    counts = {(system, object_): n for system, object_, n in truth.fetchall()}
    assert (counts["hubspot", "contacts"], counts["salesforce", "Account"]) == (contacts, accounts)
    assert contacts > 100
    assert accounts > 10
    for port in ports:
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/", timeout=2)


def test_the_crms_end_when_the_command_is_killed(tmp_path: Path) -> None:
    with emulator(tmp_path, "--organisation", "synthetic:20") as (program, variables):
        program.kill()
        program.wait(timeout=10)
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            try:
                requests.get(variables["HUBSPOT_BASE_URL"] + "/emulator", timeout=2)
            except requests.exceptions.ConnectionError:
                return
            time.sleep(0.1)
        pytest.fail("the emulated HubSpot went on without the command that started it")


def test_https_and_the_platforms_own_names_without_any_change_to_a_client(tmp_path: Path) -> None:
    with emulator(tmp_path, "--organisation", "empty", "--https", "--rate-limits") as (_, variables):
        trust = {"verify": variables["REQUESTS_CA_BUNDLE"]}
        assert variables["HUBSPOT_BASE_URL"].startswith("https://127.0.0.1:")
        assert _contacts(variables, **trust).json()["total"] == 0
        assert _accounts(variables, **trust) == 0

        named = variables | {
            "HUBSPOT_BASE_URL": "https://api.hubapi.com",
            "SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com",
        }
        way = trust | {"proxies": {"https": variables["HTTPS_PROXY"]}}
        assert [_contacts(named, **way).status_code for _ in range(6)][-1] == 429
        assert _accounts(named, **way) == 0


@pytest.mark.parametrize("organisation", ["synthetic:", "synthetic:0", "synthetic:-5", "big"])
def test_an_organisation_that_does_not_exist_is_named(tmp_path: Path, organisation: str) -> None:
    run = subprocess.run(
        [*COMMAND, "--organisation", organisation],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 2
    assert "synthetic" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with emulator(tmp_path, "--organisation", "empty") as (_, variables):
        port = variables["HUBSPOT_BASE_URL"].rpartition(":")[2]
        run = subprocess.run(
            [*COMMAND, "--organisation", "empty", "--hubspot-port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert run.returncode == 2
    assert "cannot be served" in run.stderr


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
@pytest.mark.parametrize("until", ["both are started", "one is filled"])
def test_ctrl_c_while_the_crms_are_filled_ends_them_without_a_word(tmp_path: Path, until: str) -> None:
    program = subprocess.Popen(
        [*COMMAND, "--organisation", "synthetic:500000"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
    truth = tmp_path / "data" / "emulator" / "truth" / "hubspot.csv"

    def reached() -> bool:
        if until == "one is filled":
            return truth.exists()
        return len(children.read_text().split()) == 3  # both, and the helper of multiprocessing

    ends = time.monotonic() + 30
    while not reached() and time.monotonic() < ends:
        time.sleep(0.01)
    os.killpg(program.pid, signal.SIGINT)
    _, said = program.communicate(timeout=60)

    assert program.returncode == 0
    assert said == ""
