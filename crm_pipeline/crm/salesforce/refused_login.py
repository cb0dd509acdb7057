"""Why Salesforce gave no access token, and what to do: one sentence a cause.

Source: the errors of the token endpoint as Salesforce Help ("OAuth 2.0 Error Codes") and users report them. The
description that comes with an error is read and never shown. Not here: refusals of other calls (answers.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.crm.gateway import Reply
from crm_pipeline.crm.salesforce.answers import code_of
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import System

#: (words of the error or its description, what is wrong and what to do), the first that fits.
_CAUSES = (
    (
        "request not supported on this domain",
        "the client credentials flow needs your My Domain in SALESFORCE_LOGIN_URL, not login.salesforce.com",
    ),
    (
        "no client credentials user enabled",
        "the app has no run-as user: set it in the app's policies, under Client Credentials Flow",
    ),
    ("ip restricted", "this address is outside of the app's or the user's trusted IP ranges: add it there"),
    (
        "hasn't approved",
        "the user of SALESFORCE_USERNAME is not pre-authorised for the app: admin-approved users, in its policies",
    ),
    (
        "not admin approved",
        "the user is not pre-authorised for the app: assign the app's permission set to the user",
    ),
    (
        "audience is invalid",
        "the login is for another kind of organisation: a sandbox's SALESFORCE_LOGIN_URL ends in "
        ".sandbox.my.salesforce.com, a production organisation's does not",
    ),
    ("expired authorization code", "the JWT was too old: set this machine's clock"),
    (
        "invalid assertion",
        "the key does not belong to the certificate of the app: upload the certificate of SALESFORCE_PRIVATE_KEY there",
    ),
    ("invalid_client_id", "there is no app with this consumer key in this organisation: a sandbox has apps of its own"),
    ("invalid_client", "the consumer secret is not that of the app: copy SALESFORCE_CLIENT_SECRET again"),
    ("inactive_user", "the integration user is inactive: activate it, or name another"),
    ("inactive_org", "the organisation is closed or its trial has ended"),
    ("unsupported_grant_type", "the app does not allow this flow: switch it on in the app's OAuth settings"),
    ("app_not_found", "the app was removed or blocked: look at Connected Apps OAuth Usage"),
)


def login_refusal(reply: Reply, variables: str) -> PermanentError:
    """The error for a token endpoint that gives no token. `variables`: those that the login was made of."""
    code = code_of(reply)
    body = reply.json()
    if not isinstance(body, Mapping):
        what = "the address of SALESFORCE_LOGIN_URL does not answer like Salesforce: correct it"
    else:
        said = f"{code} {body.get('error_description', '')}".lower()
        what = next((advice for words, advice in _CAUSES if words in said), "")
    cause = f": {what}" if what else ""
    return PermanentError(
        f"Salesforce gave no access token (status {reply.status} {code}){cause}; check the environment variables "
        f"{variables} (docs/connect-salesforce.md).".replace(" )", ")"),
        system=System.SALESFORCE,
        status=reply.status,
        code=code,
    )
