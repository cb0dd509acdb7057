"""What somebody typed into a telephone field: which number is meant, its extension, and what is no number at all.

Belongs here: everything before the numbering plan. Not here: whether a number exists, and where (phone.py).
"""

from __future__ import annotations

import re

from crm_pipeline.normalise.text import hyphens

#: What most fields hold: digits with hyphens, one pair of brackets or spaces.
_PLAIN = re.compile(r"\+?[\d-]+(?:\(\d+\)[\d-]+)?|\(\d+\)[\d-]+")
_ZEROS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_STROKE = re.compile(r"(?<=[0-9])一(?=[0-9])")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d{1,14}))?e\+?(\d{1,2})", re.IGNORECASE)
_FLOAT = re.compile(r"(\d{7,15})\.0+")
_EXTENSION = re.compile(
    r"(?:内線(?:番号)?|内|;?ext(?:ension|n)?|(?<=\d)\s*x|#)[\s.:=()#]*(\d{1,7})(?!\d)", re.IGNORECASE
)
_NOTE = re.compile(r"\([^()]*[^\d()+\s-][^()]*\)")
_FAX = re.compile(r"fax|ファックス|ファクス|(?<![a-z])f(?=\s*[:.])", re.IGNORECASE)
_VOICE = re.compile(r"tel|電話|携帯|自宅|勤務先|会社|代表|直通|mobile|phone|(?<![a-z])[tm](?=\s*[:.])", re.IGNORECASE)
_MARKS = re.compile(f"(?={_FAX.pattern}|{_VOICE.pattern})", re.IGNORECASE)
_NEXT = re.compile(r"[/、,;&|~〜※\n]|\s(?:or|又は)\s|または|又は|もしくは", re.IGNORECASE)
#: 212/339-6719, 0351/123456: behind the stroke stands the rest of the number, six to eight digits, and no other number.
_AREA_CODE = re.compile(
    r"^(\D*(?:(?:\+|00)\d{1,3}[\s-]*)?(?:\(0\)\s*)?\(?\d{2,5}\)?)\s*/\s*(?=(?:[\s-]*\d){6,8}(?![\s-]*\d))"
)
_LETTER_O = re.compile(r"(?<![a-z])o(?=[\do-])|(?<=\d)o(?=[\d-])", re.IGNORECASE)
_SEPARATORS = re.compile(r"[・･._:\s]+")
_HIDDEN = re.compile(r"\d-?[x*?●○×■]{2}|[x*?●○×■]{2}-?\d|\d[a-z](?![a-z])", re.IGNORECASE)
_LEADING = re.compile(r"^\D*?(?=[+(\do])", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D")
_NOT_NUMBER = re.compile(r"[^\d+()-]")
_DAY = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}")


def only_digits(text: str) -> str:
    """The digits of a text."""
    return _NOT_DIGIT.sub("", text)


def number_and_extension(text: str) -> tuple[str, str | None]:
    """Digits, plus, brackets and hyphens of the number that a text of usual width means, and its extension.

    The first number that is not named as a fax; the empty text where digits are hidden (090-****-5678) or are lost
    (9.01E+09).
    """
    if _PLAIN.fullmatch(text):
        return ("" if _DAY.fullmatch(text) else text), None
    text = _STROKE.sub("-", hyphens(_as_typed_by_a_spreadsheet(text))).translate(_ZEROS)
    text, extension = _without_extension(_NOTE.sub(" ", _without_extension_note(text)))
    text = _LETTER_O.sub("0", text)
    if _HIDDEN.search(text) or _DAY.fullmatch(text):
        return "", extension
    part = _LEADING.sub("", _meant(text), count=1)
    part = _SEPARATORS.sub("-", part.strip())
    return _NOT_NUMBER.sub("", part), extension


def _without_extension_note(text: str) -> str:
    """(内線12) is no note: its brackets go, its digits stay."""
    return re.sub(r"\(\s*((?:内線|内|ext)[^()]*)\)", r" \1 ", text, flags=re.IGNORECASE)


def _without_extension(text: str) -> tuple[str, str | None]:
    found = _EXTENSION.search(text)
    if not found:
        return text, None
    before, after = text[: found.start()], text[found.end() :]
    return (after if len(only_digits(before)) < 6 <= len(only_digits(after)) else before), found.group(1)


def _meant(text: str) -> str:
    """Of several numbers the first that is long enough and is no fax; the fax where there is nothing else."""
    parts = [(part, bool(_FAX.match(marked))) for marked in _MARKS.split(text) for part in _numbers(marked)]
    long = [(part, fax) for part, fax in parts if len(only_digits(part)) > 5]
    return next((part for part, fax in long if not fax), long[0][0] if long else text)


def _numbers(text: str) -> list[str]:
    """The numbers of a text, as far as signs between them say so."""
    parts = [part for part in _NEXT.split(_AREA_CODE.sub(r"\1-", text)) if part]
    if not any(len(only_digits(part)) > 5 for part in parts):
        return [text]  # 090/1234/5678
    found: list[str] = []
    for part in parts:
        if len(only_digits(part)) > 13 or (len(only_digits(part)) > 11 and re.match(r"\D*0[1-9]", part)):
            pieces = [piece for piece in re.split(r"[\s・･]+", part) if len(only_digits(piece)) > 8]
            found += pieces or [part]
        else:
            found.append(part)
    return found


def _as_typed_by_a_spreadsheet(text: str) -> str:
    """9.012345678E9, 9012345678.0 and ="9012345678" are 9012345678; 9.01235E+09 has lost its digits."""
    text = text.strip("'\"=")
    if found := _SCIENTIFIC.fullmatch(text):
        whole, fraction, power = found.group(1), found.group(2) or "", int(found.group(3))
        return (whole + fraction).ljust(power + 1, "0") if 5 < len(fraction) <= power <= 15 else ""
    if found := _FLOAT.fullmatch(text):
        return found.group(1)
    return text
