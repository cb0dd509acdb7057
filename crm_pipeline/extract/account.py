"""Which account this is."""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Account, Crm
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse


def extract_account(warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int) -> None:
    """Store which portal or organisation this is, into `raw.account`.

    Raises SafetyError if it is not the one in the settings, or not the one that this warehouse was filled from.
    """
    account = crm.account()
    system = crm.system
    require_account(account, settings)
    with warehouse.connect() as connection:
        row = connection.execute("select account_id from raw.account where system = ?", [system.value]).fetchone()
        if row and not same_account(row[0], account.account_id):
            raise SafetyError(
                f"{warehouse.path} was filled from {system.label} account {row[0]}, but the credentials lead to "
                f"{account.account_id}; nothing was read. Use another warehouse file for another account"
            )
        connection.execute("delete from raw.account where system = ?", [system.value])
        connection.execute(
            "insert into raw.account values (?, ?, ?, ?, ?, ?, ?)",
            [
                system.value,
                account.account_id,
                account.name,
                account.time_zone,
                account.sandbox,
                account.integration_user,
                account.url,
            ],
        )


def configured_account(system: System, settings: Settings) -> tuple[str, str]:
    """The setting that names the account, and what it says; "" if it says nothing."""
    if system is System.HUBSPOT:
        return "hubspot.portal_id", str(settings.hubspot.portal_id or "")
    return "salesforce.organisation_id", settings.salesforce.organisation_id or ""


def require_account(account: Account, settings: Settings) -> None:
    """Raises SafetyError unless this is the account that the settings name, if they name one."""
    key, expected = configured_account(account.system, settings)
    if expected and not same_account(expected, account.account_id):
        raise SafetyError(
            f"the credentials lead to {account.system.label} account {account.account_id}, but the settings say {key}: "
            f"{expected}; nothing was read. Correct the credentials or the setting"
        )


def same_account(left: str, right: str) -> bool:
    """Salesforce writes an id with 15 or 18 characters; the first 15 tell."""
    return left[:15] == right[:15]
