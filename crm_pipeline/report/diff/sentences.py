"""The plan stage's sentences in Japanese: why a value wins, why an operation is not sent, why a plan is held.

Belongs here: patterns of English sentences with their gaps, and what they say in Japanese. Not here: fixed words
(words.py), and the meaning of codes (push/refusals.yaml). A test reads the sentences out of the plan stage's source.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crm_pipeline.report.diff.words import ja as word

#: English -> Japanese; {gaps} are carried over, their words translated. The first that fits counts.
SENTENCES = {
    # decisions (plan/decision)
    "{0} has a value": "{0}に値がある",
    "{0} is blank": "{0}が空白",
    "{0} is blank and the master": "優先側の{0}が空白",
    "deleted in {0}": "{0}で削除された",
    "always {0}": "常に{0}に従う",
    "edited although {0} is the master": "{0}が優先側だが、反対側で編集された",
    "both sides agree": "両側が一致",
    "not synced": "同期しない",
    "only one side has a record": "片側にだけレコードがある",
    "the agreed value is missing on the other side": "前回一致した値が反対側にない",
    "changed on one side only": "片側だけで変更された",
    "deleted on one side": "片側で削除された",
    "a first value meets a deleted one": "新しい値があり、反対側は削除済み",
    "blank on the other side": "反対側が空白",
    "more complete": "より詳しい値",
    "waits for a person": "人の判断待ち",
    "both sides changed": "両側で変更された",
    "edited on one side, deleted on the other ({0})": "片側で編集、反対側で削除（{0}）",
    "changed later": "後から変更された",
    "times cannot tell: {0} by tie_breaker": "日時では決められないため、設定 tie_breaker により{0}",
    "a loosening waits for a person": "保護の解除が人の判断待ち",
    "a tight value goes to all records": "保護する値をすべてのレコードへ",
    "nothing tight": "保護する値がない",
    "unknown: the field was missing from a record's data": "不明：レコードのデータに項目がない",
    "another record of the same CRM holds a different value; it stays": (
        "同じCRMの別のレコードが違う値を持つ（そのまま残す）"
    ),
    "the value was deleted elsewhere, but this record holds another one; it stays": (
        "他で値が削除されたが、このレコードは別の値を持つ（そのまま残す）"
    ),
    "a protecting value was taken back; a person decides": "保護する値が解除された（人が判断）",
    "edited in {0} since {1} answered": "{1}の回答後に{0}で編集された",
    "edited since {0} answered; asked again": "{0}の回答後に編集されたため、再確認",
    "several answers wait, of {0}: keep one of them in state.answer": (
        "複数の回答がある（{0}）：state.answer に一つだけ残す"
    ),
    "{0} answered": "{0}が回答",
    "{0} took a loosening back": "{0}が保護の解除を取り消した",
    "{0} confirmed a loosening": "{0}が保護の解除を承認した",
    # records (plan/records, plan/references, plan/undo)
    "{0} has no record of this {1}": "{0}にこの{1}のレコードがない",
    "deleted in {0}, asked for again by {1}": "{0}で削除されたが、{1}が再作成を依頼",
    "goes with the new record": "新しいレコードに付随",
    "deleted in {0}, where it was the last record of this {1}": "{0}で削除された（この{1}の最後のレコード）",
    "written from a record that turned out to be another customer's": "別の顧客のレコードから書き込んだ値だった",
    "takes back what was written; asked for by {0}: {1}": "書き込みの取り消し（依頼者 {0}）：{1}",
    "takes back what was written; asked for by {0}": "書き込みの取り消し（依頼者 {0}）",
    "it is the record that speaks for this customer in its CRM": "CRM内でこの顧客を代表するレコード",
    "it is the most complete": "最も項目が揃っている",
    "it is the oldest": "最も古い",
    # why an operation is not sent
    "held by another record": "別のレコードが同じ値を使用中",
    "held by {0}": "{0} が同じ値を使用中",
    "refused by the CRM before, and nothing has changed since": "以前CRMが拒否し、その後変更がない",
    "blocked: waits for its {0} record, which is not created: {1}": "待機：{0}の自レコードが未作成（{1}）",
    "blocked: waits for its {0} record, which is not created": "待機：{0}の自レコードが未作成",
    "blocked: waits for {0}: {1} has no {2} of it, and none is being created": (
        "待機：{0} の {2} が{1}になく、作成の予定もない"
    ),
    "blocked: {1} has no {2} of it, and none is being created": "待機：参照先の {2} が{1}になく、作成の予定もない",
    "blocked: waits for {0}: {1} has no {2} of it: {3}": "待機：{0} の {2} が{1}にない（{3}）",
    "blocked: {1} has no {2} of it: {3}": "待機：参照先の {2} が{1}にない（{3}）",
    "blocked: {0} is with a lead, and Salesforce lets it be about nothing else; convert the lead": (
        "待機：{0} はリードに紐付き、Salesforceでは他に関連付けられない。リードの取引を開始する"
    ),
    "blocked: {0} refers to {1} {2} {3}, which is not read: let it be read, or choose another one there": (
        "待機：{0} の参照先（{1} {2} {3}）を読み取っていない。読み取り対象にするか、別の参照先を選ぶ"
    ),
    "blocked: {0} leads to one record, and {1} gives it one": "待機：{0} の参照先は一つだけで、{1} が指定済み",
    "{0} cannot be cleared": "{0} は空白にできない",
    "{0} cannot be written any more": "{0} は書き込めなくなった",
    "{0} cannot be seen; restore the field or the permission to read it": (
        "{0} が見えない。項目または参照権限を元に戻す"
    ),
    "{0} has no field {1}; create it as a unique text field": "{0} に項目 {1} がない。一意のテキスト項目として作成する",
    "{0} needs {1}, which the mapping does not fill; add the field, or set no create": (
        "{0} の必須項目 {1} がマッピングされていない。項目を追加するか、作成しない設定にする"
    ),
    "{0} needs {1}, which no linked record has": "{0} の必須項目 {1} を持つレコードがない",
    "the value has {0} characters, {1} takes {2}": "値は{0}文字、{1} の上限は{2}文字",
    "the value is no e-mail address that {0} accepts in {1}": "{0}が {1} に受け付けるメールアドレスの形式ではない",
    "{0} has no active user with the owner's e-mail address; add one": (
        "{0}に担当者と同じメールアドレスの有効なユーザーがいない。追加する"
    ),
    "the value is neither true nor false, {0} takes nothing else": "真偽値ではない（{0} は真偽値のみ）",
    "the value is not a date, {0} takes only dates": "日付ではない（{0} は日付のみ）",
    "the value is not a date, {0} takes only a date with a time": "日時ではない（{0} は日時のみ）",
    "the value is not a date that {0} takes: the years are 1700 to 4000": "{0} に入る日付ではない（1700年から4000年）",
    "the value is not a number, {0} takes only numbers": "数値ではない（{0} は数値のみ）",
    "the value has more digits than a number of {0} keeps": "{0}の数値の桁数を超えている",
    "the value is a fraction, {0} takes whole numbers": "小数である（{0} は整数のみ）",
    "the value has more decimals than the {0} of {1}": "小数の桁数が {1} の{0}桁を超えている",
    "the value has more digits before the decimal point than {0} takes": "整数部の桁数が {0} の上限を超えている",
    "the value is not an option of {0}; add the option there or a line under values in the mapping": (
        "{0} の選択肢にない値。選択肢を追加するか、マッピングの values に行を追加する"
    ),
    "HubSpot moves {0} forward only, and the record is further on; clear it in HubSpot first, or use always_hubspot": (
        "HubSpotの {0} は前にのみ進み、レコードは既に先にある。HubSpotで先に空白にするか、always_hubspot を使う"
    ),
    "HubSpot moves {0} forward only: clear it there and set the old value by hand": (
        "HubSpotの {0} は前にのみ進む。手作業で空白にしてから元の値を入れる"
    ),
    "the value is not an option of the record's pipeline '{0}' in HubSpot {1}; "
    "add a line under values for one of its stages": (
        "HubSpot {1} のパイプライン「{0}」の選択肢にない値。values にそのステージの行を追加する"
    ),
    "the mapping of {0} is another one by now: restore it by hand": "{0} のマッピングが変わったため、手作業で戻す",
    "somebody changed the value since: theirs stays": "その後変更されたため、変更後の値を残す",
    "the field is missing from the record's data: nobody knows what it holds": "項目を読み取れず、現在の値が不明",
    "other records belong to it by now: archive it by hand": "他のレコードが紐付いているため、手作業でアーカイブする",
    "somebody edited the record since it was created: archive it by hand": (
        "作成後に編集されたため、手作業でアーカイブする"
    ),
    "whether it landed is not known yet: run the pipeline once, then undo again": (
        "反映されたか未確認。一度実行してから再度取り消す"
    ),
    "an archived record is restored by hand, in the CRM's recycle bin": "アーカイブの復元はCRMのごみ箱から手作業で行う",
    "the record was {0} since": "その後レコードが{0}",
    "run {0} took it back already": "実行 {0} が取り消し済み",
    "run {0} wrote there later: undo that one first": "後の実行 {0} が書き込み済み。先にそちらを取り消す",
    # what was written before (push/before/sent_before.py)
    "unstable: {0}": "不安定：以前の書き込みがCRMに保持されなかった",
    "unknown: {0}": "不明：以前の書き込みの応答が失われた",
    # guards (plan/guards.py)
    "{0}: first run of this mapping": "{0}：このマッピングの初回実行",
    "{0}: {1} {2} of {3} for {4} linked records (allowed {5})": (
        "{0}：{3} の{2} {1}件（連携レコード {4} 件、上限 {5}）"
    ),
    "{0}: {1} {2} for {3} linked records (allowed {4})": "{0}：{2} {1}件（連携レコード {3} 件、上限 {4}）",
    "{0}, at least {1}": "{0}、{1}件以上",
    "run {0} planned anew before this undo was sent; make it again with: {1}": (
        "この取り消しの送信前に実行 {0} が計画し直したため、もう一度作成する：{1}"
    ),
}

_GAP = re.compile(r"\\\{(\d)\\\}")
#: A gap ends where another sentence begins; one behind a colon at the end may hold several.
_WITHIN, _TO_THE_END = r"(?:(?!; ).)+?", r".+"


def sentence_ja(english: str) -> str:
    """The Japanese of a sentence of the plan stage, or of several, joined by `; `. One that nobody listed stays."""
    parts, found = english.split("; "), []
    while parts:
        for number in range(len(parts), 0, -1):
            if japanese := _translated("; ".join(parts[:number])):
                break
        else:
            number, japanese = 1, word(parts[0])
        found.append(japanese)
        parts = parts[number:]
    return "；".join(found)


@lru_cache(maxsize=10_000)
def _translated(english: str) -> str:
    """Empty where no pattern fits."""
    for pattern, japanese in _patterns():
        if found := pattern.fullmatch(english):
            gaps = {int(name[1:]): sentence_ja(text) for name, text in found.groupdict().items()}
            return japanese.format(*(gaps.get(number, "") for number in range(10)))
    return ""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those without gaps first, then the longer ones: what says more fits first."""
    ordered = sorted(SENTENCES.items(), key=lambda one: ("{" in one[0], -len(one[0])))
    return tuple((re.compile(_pattern(english), re.DOTALL), japanese) for english, japanese in ordered)


def _pattern(english: str) -> str:
    pattern = _GAP.sub(rf"(?P<g\1>{_WITHIN})", re.escape(english))
    ending = f"{_WITHIN})"
    if re.search(r": \{\d\}$", english) and pattern.endswith(ending):
        pattern = f"{pattern.removesuffix(ending)}{_TO_THE_END})"
    return pattern
