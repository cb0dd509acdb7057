"""SOAP login, for clients that have a user name, a password and a security token.

Belongs here: login(), logout(), getUserInfo() and getServerTimestamp() of the partner (/u/) and enterprise (/c/) APIs.
Not here: any other SOAP call, which is refused.

Sources: SOAP API guide "login()", facts 1.1 (SOAP login is not there from API version 65.0), faults as users report
them. Choice where the platform is not documented: the text of the fault from version 65.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from crm_pipeline.emulator.salesforce.account_routes import NEWEST_VERSION, OLDEST_VERSION
from crm_pipeline.emulator.salesforce.call import Answer
from crm_pipeline.emulator.salesforce.login.sessions import SESSION_LENGTH
from crm_pipeline.emulator.salesforce.login.xml_text import local_name, parse_xml
from crm_pipeline.emulator.salesforce.store import SalesforceStore

PATH = re.compile(r"/services/Soap/([uc])/(\d{1,3})(?:\.0)?(?:/\w*)?/*\Z", re.IGNORECASE)
_NO_LOGIN_FROM = 65
_XML = {"content-type": "text/xml;charset=utf-8"}
_KINDS = {"u": "partner", "c": "enterprise"}
_INVALID_LOGIN = "Invalid username, password, security token; or user locked out."
_NEW_LOCATION = (
    f"{_INVALID_LOGIN} Are you at a new location? When accessing Salesforce--either via a desktop client or the "
    "API--from outside of your company's trusted networks, you must add a security token to your password to log in."
)


class _FaultError(Exception):
    def __init__(self, code: str, message: str, kind: str = "UnexpectedErrorFault") -> None:
        super().__init__(code)
        self.code, self.message, self.kind = code, message, kind


def answer(store: SalesforceStore, path: str, body: bytes, base_url: str) -> Answer:
    """POST /services/Soap/u/{version} and /c/{version}"""
    match = PATH.match(path)
    assert match is not None
    kind, version = _KINDS[match.group(1).lower()], int(match.group(2))
    try:
        if not OLDEST_VERSION <= version <= NEWEST_VERSION:
            raise _FaultError("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL", "ApiFault")
        envelope = _parsed(body)
        operation = _operation(envelope)
        name = local_name(operation)
        handler = _OPERATIONS.get(name)
        if handler is None or operation.tag != f"{{urn:{kind}.soap.sforce.com}}{name}":
            text = f"No operation available for request {operation.tag}"
            return _fault("soapenv:Client", f"{text}, please check the WSDL for the service.", "", kind)
        if name == "login" and version >= _NO_LOGIN_FROM:
            message = f"SOAP API login() is disabled in API version {version}.0; it ends with {_NO_LOGIN_FROM - 1}.0"
            raise _FaultError("UNSUPPORTED_API_VERSION", message, "ApiFault")
        result = handler(store, envelope, operation, f"{base_url}/services/Soap/{{}}/{version}.0/")
        return Answer(200, _envelope(f"<{name}Response>{result}</{name}Response>", f"urn:{kind}.soap.sforce.com"), _XML)
    except _FaultError as fault:
        detail = (
            f'<detail><sf:{fault.kind} xsi:type="sf:{fault.kind}"><sf:exceptionCode>{fault.code}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{escape(fault.message)}</sf:exceptionMessage></sf:{fault.kind}></detail>"
        )
        return _fault(f"sf:{fault.code}", f"{fault.code}: {fault.message}", detail, kind)


def _login(store: SalesforceStore, envelope: Any, operation: Any, server: str) -> str:
    given = {local_name(child): child.text or "" for child in operation}
    username = store.read("User", store.integration_user_id)["Username"]
    if given.get("username", "").strip().lower() != username.lower():
        raise _FaultError("INVALID_LOGIN", _INVALID_LOGIN, "LoginFault")
    if not store.takes_password(given.get("password", "")):
        if given.get("password") == store.password:
            raise _FaultError("LOGIN_MUST_USE_SECURITY_TOKEN", _NEW_LOCATION, "LoginFault")
        raise _FaultError("INVALID_LOGIN", _INVALID_LOGIN, "LoginFault")
    organisation = store.organisation_id[:15]
    letter = "u" if "partner" in operation.tag else "c"
    fields = {
        "metadataServerUrl": server.format("m") + store.organisation_id,
        "passwordExpired": "false",
        "sandbox": "true" if _organisation(store)["IsSandbox"] else "false",
        "serverUrl": server.format(letter) + organisation,
        "sessionId": store.sessions.issue(store.clock.now()),
        "userId": store.integration_user_id,
    }
    return f"<result>{_elements(fields)}<userInfo>{_user_info(store)}</userInfo></result>"


def _logout(store: SalesforceStore, envelope: Any, operation: Any, server: str) -> str:
    store.sessions.revoke(_session(store, envelope))
    return ""


def _get_user_info(store: SalesforceStore, envelope: Any, operation: Any, server: str) -> str:
    _session(store, envelope)
    return f"<result>{_user_info(store)}</result>"


def _get_server_timestamp(store: SalesforceStore, envelope: Any, operation: Any, server: str) -> str:
    _session(store, envelope)
    return f"<result><timestamp>{store.clock.now().strftime('%Y-%m-%dT%H:%M:%S.000Z')}</timestamp></result>"


_OPERATIONS: dict[str, Callable[[SalesforceStore, Any, Any, str], str]] = {
    "login": _login,
    "logout": _logout,
    "getUserInfo": _get_user_info,
    "getServerTimestamp": _get_server_timestamp,
}


def _session(store: SalesforceStore, envelope: Any) -> str:
    """The session of the header, which must be valid."""
    given = next((element.text or "" for element in envelope.iter() if local_name(element) == "sessionId"), "")
    if not store.sessions.is_valid(given.strip(), store.clock.now()):
        message = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key"
        raise _FaultError("INVALID_SESSION_ID", message)
    return given.strip()


def _organisation(store: SalesforceStore) -> Mapping[str, Any]:
    return store.read("Organization", store.organisation_id)


def _user_info(store: SalesforceStore) -> str:
    user = store.read("User", store.integration_user_id)
    organisation = _organisation(store)
    return _elements(
        {
            "accessibilityMode": "false",
            "chatterExternal": "false",
            "currencySymbol": "¥",
            "orgAttachmentFileSizeLimit": "5242880",
            "orgDefaultCurrencyIsoCode": "JPY",
            "orgDefaultCurrencyLocale": "ja_JP_JPY",
            "orgDisallowHtmlAttachments": "false",
            "orgHasPersonAccounts": "false",
            "organizationId": store.organisation_id,
            "organizationMultiCurrency": "false",
            "organizationName": organisation["Name"],
            "profileId": user.get("ProfileId") or "",
            "roleId": user.get("UserRoleId"),
            "sessionSecondsValid": str(int(SESSION_LENGTH.total_seconds())),
            "userDefaultCurrencyIsoCode": None,
            "userEmail": user["Email"],
            "userFullName": user["Name"],
            "userId": user["Id"],
            "userLanguage": user["LanguageLocaleKey"],
            "userLocale": user["LocaleSidKey"],
            "userName": user["Username"],
            "userTimeZone": user["TimeZoneSidKey"],
            "userType": "Standard",
            "userUiSkin": "Theme3",
        }
    )


def _parsed(body: bytes) -> Any:
    try:
        return parse_xml(body)
    except ValueError as error:
        raise _FaultError("INVALID_SOAP", str(error)) from None


def _operation(envelope: Any) -> Any:
    body = next((child for child in envelope if local_name(child) == "Body"), None)
    operation = next(iter(body), None) if body is not None else None
    if operation is None:
        raise _FaultError("INVALID_SOAP", "The request has no SOAP body")
    return operation


def _elements(fields: Mapping[str, str | None]) -> str:
    return "".join(
        f'<{name} xsi:nil="true"/>' if value is None else f"<{name}>{escape(value)}</{name}>"
        for name, value in fields.items()
    )


def _fault(code: str, text: str, detail: str, kind: str) -> Answer:
    content = f"<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{escape(text)}</faultstring>{detail}"
    fault_names = f' xmlns:sf="urn:fault.{kind}.soap.sforce.com"'
    return Answer(500, _envelope(f"{content}</soapenv:Fault>", None, fault_names), _XML)


def _envelope(content: str, namespace: str | None, more: str = "") -> bytes:
    default = f' xmlns="{namespace}"' if namespace else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"{default}{more} '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    ).encode()
