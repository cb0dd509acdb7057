from dataclasses import dataclass, field

from crm_pipeline.report.result import counts, words


@dataclass(frozen=True)
class Result:
    read: int = 1204
    new: int = 0
    full: bool = True
    why: str = ""
    states: dict[str, int] = field(default_factory=lambda: {"held_by_guard": 2})
    objects: tuple[str, ...] = ("contacts",)


def test_counts_are_the_scalars_and_the_states_by_their_own_names():
    assert counts(Result()) == {"read": 1204, "new": 0, "full": True, "why": "", "held by guard": 2}


def test_words_leave_zeroes_out():
    assert words(Result()) == "1,204 read, 2 held by guard"


def test_a_result_without_work_says_so():
    assert words(Result(read=0, states={})) == "nothing"


@dataclass(frozen=True)
class OfObject:
    hidden_objects: int = 1
    there: int | None = 5
    explained: str = "1 is in quarantine"


def test_words_say_what_explains_the_numbers_and_call_one_by_its_singular():
    assert words(OfObject()) == "1 hidden object, 5 there; 1 is in quarantine"


def test_what_could_not_be_read_says_so_instead_of_numbers():
    assert words(OfObject(there=None, explained="no scope")) == "not read: no scope"
    assert counts(OfObject(there=None))["there"] is None
