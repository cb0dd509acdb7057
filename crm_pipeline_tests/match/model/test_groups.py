from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.match.model.groups import Regrouped, regrouped


def labels(*customers):
    return {record: customer[0] for customer in customers for record in customer}


def test_the_same_customers_under_other_labels_are_no_change():
    assert regrouped(labels("ab", "c"), {"a": "x", "b": "x", "c": "y"}) == []


def test_customers_that_become_one_are_merged():
    assert regrouped(labels("ab", "c", "d"), labels("abc", "d")) == [
        Regrouped("merged", [["a", "b"], ["c"]], [["a", "b", "c"]])
    ]


def test_a_customer_that_becomes_several_is_split():
    assert regrouped(labels("abc", "d"), labels("a", "bc", "d")) == [
        Regrouped("split", [["a", "b", "c"]], [["a"], ["b", "c"]])
    ]


def test_a_record_that_goes_from_one_customer_to_another_is_moved():
    [found] = regrouped(labels("abc", "de"), labels("ab", "cde"))
    assert found == Regrouped("moved", [["a", "b", "c"], ["d", "e"]], [["a", "b"], ["c", "d", "e"]])


groupings = st.lists(st.integers(0, 4), min_size=8, max_size=8).map(
    lambda found: {f"r{n}": str(g) for n, g in enumerate(found)}
)


@given(before=groupings, after=groupings)
def test_the_changes_lead_from_the_one_to_the_other(before, after):
    def customers(found):
        return {frozenset(r for r in found if found[r] == label) for label in found.values()}

    made = customers(before)
    for change in regrouped(before, after):
        old, new = ({frozenset(one) for one in side} for side in (change.before, change.after))
        assert old <= made
        assert frozenset.union(*old) == frozenset.union(*new)
        made = made - old | new
    assert made == customers(after)
