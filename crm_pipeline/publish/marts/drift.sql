create table published.drift as
select d.golden_id, n.name, d.field, d.hubspot_key, d.salesforce_key, d.reason, w.sentence, w.sentence_ja
from publish.drift d
left join golden_name n on n.golden_id = d.golden_id
left join (
    values ('dont_sync', 'the mapping does not sync this field', '同期しない設定の項目です'),
        ('incompatible', 'the field does not fit both CRMs', '両CRMに適合しない項目です'),
        ('unknown', 'the field is missing from a record''s data, or the answer of a write was lost', '項目を読み取れないか、書き込みの応答がありません'),
        ('undone', 'our write was taken back and is held', '書き込みを取り消し、保留中です'),
        ('pinned', 'a person pinned it', '担当者が固定中です'),
        ('outside_filter', 'a filter leaves the record out', '条件により対象外です'),
        ('waits_for_approval', 'the write waits for the approval of the plan', '計画の承認待ちです'),
        ('not_yet_written', 'the next run writes it', '次回の実行で書き込みます'),
        ('read_only', 'the record has it by a relation and is not written', '参照先の項目のため書き込めません'),
        ('not_primary', 'only the primary record of each side is written', '主レコードだけに書き込みます'),
        ('within_side', 'records of one CRM differ among themselves and stay', '同じCRM内の重複レコードの値は変更しません'),
        ('not_cleared', 'deleted elsewhere, but this record holds another value', '他で削除されましたが、別の値のため残します'),
        ('ask', 'both sides changed it: a person decides', '両側で変更されたため、人の判断待ちです'),
        ('loosening', 'a protecting value was taken back: a person decides', '保護する値が解除されたため、人の判断待ちです'),
        ('rewritten', 'the CRM made this of what we sent, or filled it in by itself', 'CRMが書き込み後に変換・自動入力した値です'),
        ('one_way', 'the rule passes nothing this way', 'ルールによりこの方向には反映しません'),
        ('invalid', 'the value cannot be written there', '相手側に書き込めない値です'),
        ('rejected', 'the CRM refused the write', 'CRMが書き込みを拒否しました'),
        ('quarantined', 'the CRM refused it before and nothing has changed', '以前拒否され、その後変更がありません'),
        ('stale', 'somebody edited it after the plan was made, or this push changed what it is made from', '計画後に編集されたか、この送信自体が値の元を変更しました'),
        ('blocked', 'the record that it refers to could not be written', '参照先のレコード待ちです'),
        ('not_sent', 'the push stopped before it', '送信が途中で停止しました'),
        ('unexplained', 'nothing explains it: please report it', '理由が不明です')
) w(reason, sentence, sentence_ja) on w.reason = d.reason
order by d.field, d.golden_id, d.hubspot_key, d.salesforce_key;

comment on table published.drift is 'Linked pairs of records that differ in a field, and why: what is behind the reasons of agreement.';
comment on column published.drift.golden_id is 'The customer or company.';
comment on column published.drift.name is 'Its name. [personal]';
comment on column published.drift.field is 'The mapped field.';
comment on column published.drift.hubspot_key is 'The HubSpot record: system/object/id.';
comment on column published.drift.salesforce_key is 'The Salesforce record.';
comment on column published.drift.reason is 'Why, in one word.';
comment on column published.drift.sentence is 'Why, in words.';
comment on column published.drift.sentence_ja is 'The same in Japanese.';
