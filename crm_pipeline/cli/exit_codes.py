"""What the number means with which a command ends, for scripts and for whoever is woken by one.

Belongs here: the table. The numbers of our own errors stand beside them (errors.py); a test says that both agree.
"""

from __future__ import annotations

from dataclasses import dataclass

#: A sentence was asked for and there is something in it that a person has to see to.
FOUND = 1
#: An error that nobody foresaw: a defect of the program.
DEFECT = 9
#: Ctrl-C, and whoever read our output closed it: as a shell has it (128 and the signal's number).
STOPPED, UNREAD = 130, 141


@dataclass(frozen=True)
class Code:
    """`numbers`: one, or several that differ in nothing that a script would ask. `to_do`: what a person does next."""

    numbers: str
    means: str
    to_do: str


CODES = (
    Code("0", "done; also when a plan is held, or nothing was found", "nothing"),
    Code("1", "something needs a person: a field does not fit, a test fails, a check finds a defect", "see output"),
    Code("2", "configuration: settings, mapping, a variable, the words typed, a query", "correct what is named"),
    Code("3", "a file or database: missing, damaged, from a newer program, not allowed, disk full", "see the sentence"),
    Code("4", "another process holds the database, or another run is at work", "wait for it, then run again"),
    Code("5", "a CRM refused a call for good, or today's calls do not suffice", "correct what is named"),
    Code("6", "a CRM did not answer, or failed in a way that may pass", "run again; nothing is written twice"),
    Code("7", "stopped for safety: plan expired or used, mapping changed, truncated extract", "look, then run again"),
    Code("8", "what was named does not exist: plan, run, pair, record, published copy", "correct the name"),
    Code("9", "a defect of this program; the sentence names the log", "run again; report it with the log"),
    Code("130", "stopped by Ctrl-C; what was finished is kept", "run again to go on"),
    Code("141", "whoever read the output closed it, as `head` does", "nothing"),
)
