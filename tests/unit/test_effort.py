"""Samples of the proofs."""

from __future__ import annotations

from effort import QUICK, WHOLE, Share


def test_a_sample_has_every_nth_case_and_the_edge_cases_in_their_order() -> None:
    assert Share(4).sample(range(10), lambda number: number in (4, 9)) == [0, 4, 8, 9]
    assert WHOLE.sample(range(10)) == [*range(10)]


def test_a_whole_run_has_all_rounds_and_a_quick_run_some() -> None:
    assert (WHOLE.is_whole, WHOLE.rounds(120, least=6)) == (True, 120)
    assert (QUICK.is_whole, QUICK.rounds(120, least=6)) == (False, 6)
    assert QUICK.rounds(1_000_000, least=6) == 1_000_000 // QUICK.one_in
