"""Every rate of a synthetic organisation, with its source. Belongs here: numbers. Not here: what is made of them.

Sources: "matching.md" and "japanese.md" are this project's measurements, "brief" is the order for the benchmark, the
rest is assumed: nobody publishes how two CRMs of one company differ. The assumed rates were set so that Splink comes
near what it reached in matching.md (cluster F1 about .80 at 100,000). The first set gave .792, with 27 % of the true
pairs sharing the name only, which no careful person would join; the second and last one has 19 % of those and more kana
and romaji instead, .796. Both before our own matcher could be run; nothing was changed since.
"""

from __future__ import annotations

# --- who is known where -------------------------------------------------------------------------------------------
#: Customers in both CRMs, only in marketing, only in sales (brief: about half both, about 40 % one).
KNOWN = (0.55, 0.24, 0.21)
#: Second and third record of a customer in one CRM (brief: 5-10 %).
SECOND, THIRD = 0.07, 0.006
#: Records that are nobody: tests and form samples, each a customer of its own (assumed).
JUNK_RECORDS = 0.004

# --- people -------------------------------------------------------------------------------------------------------
#: Japanese (brief).
JAPANESE = 0.80
#: Japanese with a family name that the name dataset lacks (japanese.md: its 1,999 cover 79 % of the population).
RARE_FAMILY_NAME = 0.15
#: Mass of the commonest given names (words.MEN, words.WOMEN): about .3 % each (japanese.md assumes .15 % for 太郎); the
#: rest is spread over the dataset.
COMMON_GIVEN_NAME = 0.20
#: People who work for a company that sales would write down (assumed: business with a share of consumers).
EMPLOYED = 0.65
#: People in a household with another customer, and households' sorts: couple, parent and child, three, four (assumed).
IN_HOUSEHOLD = 0.12
HOUSEHOLDS = (0.50, 0.25, 0.17, 0.08)
#: Children of one household who are twins (1.1 % of Japanese births since 2010 are twins: Vital Statistics, about).
TWINS = 0.03
#: Sons and twins whose given name begins with a parent's or sibling's first character (assumed).
SHARED_CHARACTER = 0.30
#: Between two records: a new employer (3.3 of 67 million change a year, Labour Force Survey; records two years apart),
#: a new home (about 4 % a year), a new family name (women only; 0.5 million marriages a year).
JOB_CHANGE, MOVED, MARRIED = 0.10, 0.08, 0.025
#: Customers with the mailbox of their household, of those in one (assumed).
FAMILY_MAILBOX = 0.10
#: Bearers of a name with a rarer character (髙, 邉) who have it in the register (assumed).
REGISTERED_VARIANT = 0.25

# --- what a CRM knows: marketing, sales (brief: which fields; assumed: how often) -----------------------------------
E_MAIL = (0.92, 0.50)
#: The employed give the mailbox at work.
WORK_MAILBOX = (0.68, 0.88)
#: The employed whose e-mail is the company's info@ (assumed; sales types it from a website).
ROLE_MAILBOX = (0.01, 0.05)
PHONE = (0.48, 0.85)
#: Of known phones of the employed: mobile, direct line, switchboard (with extension sometimes).
WORK_PHONES = ((0.62, 0.18, 0.20), (0.42, 0.28, 0.30))
#: Of known phones of others: mobile (else the home's landline).
MOBILE = (0.80, 0.65)
#: A second phone in the other column.
SECOND_PHONE = (0.04, 0.25)
COMPANY = (0.82, 0.94)
ADDRESS = (0.55, 0.70)
#: The address of the employed is the company's.
WORK_ADDRESS = (0.35, 0.85)
#: Of known addresses: whole, town without number, city only, prefecture only.
ADDRESS_PARTS = ((0.50, 0.15, 0.20, 0.15), (0.80, 0.06, 0.09, 0.05))
BIRTH_DATE = (0.18, 0.04)
READING = (0.22, 0.15)
JOB_TITLE = (0.30, 0.60)

# --- how a name is written: marketing, sales (assumed; forms and half the sorts from japanese.md section 2) -----------
NAME_FORMS = {
    "split": (0.560, 0.760),
    "whole": (0.080, 0.050),
    "katakana": (0.070, 0.020),
    "hiragana": (0.015, 0.003),
    "romaji": (0.110, 0.050),
    "capitals": (0.030, 0.015),
    "romaji whole": (0.020, 0.012),
    "family only": (0.060, 0.070),
    "given only": (0.010, 0.002),
    "initial": (0.015, 0.008),
    "missing": (0.020, 0.002),
    "swapped": (0.010, 0.008),
}
#: Of a name with a character that has others: written with the common character although the register has another;
#: confused with a like name (斎藤, 斉藤); given name with other Kanji of one reading.
KEYBOARD, CONFUSED, OTHER_KANJI = 0.60, 0.10, 0.012
#: Latin names: a letter wrong; nickname; accents left out.
LETTER, NICKNAME, NO_ACCENTS = 0.015, 0.08, 0.50

# --- damage of contacts (assumed) -----------------------------------------------------------------------------------
E_MAIL_TYPO, E_MAIL_CAPITALS, E_MAIL_TAG, E_MAIL_JUNK = 0.010, 0.04, 0.008, 0.006
PHONE_TYPO, PHONE_EXCEL, PHONE_JUNK = 0.010, 0.030, 0.008
#: Birth dates: day and month swapped or a digit wrong; a default (January 1st).
DATE_TYPO, DATE_DEFAULT = 0.010, 0.015
#: Switchboard numbers with an extension.
EXTENSION = 0.30
