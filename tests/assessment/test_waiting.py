"""What targets wait for: every finding once, the same need together."""

from dataclasses import replace

from ctzgis.assessment.waiting import waits_of
from ctzgis.texts import Text


def test_every_waiting_finding_is_in_one_group(assessment):
    waiting = assessment.scorecard.waiting
    waits = waits_of(waiting)
    grouped = [id(finding) for wait in waits for finding in wait.findings]
    assert sorted(grouped) == sorted(map(id, waiting))


def test_facilities_are_one_need_and_single_reasons_another(assessment):
    (one, *_) = assessment.scorecard.waiting
    texts = ["a", "--facilities park=FILE", "b", "c", "b", "--facilities port=FILE"]
    findings = [replace(one, reason=Text(text, text)) for text in texts]
    told = [(wait.needed.en, len(wait.findings)) for wait in waits_of(findings)]
    (common, sites, others) = told
    assert common == ("b", 2)
    assert "of the kinds park, port;" in sites[0]
    assert sites[1] == 2
    assert others == ("other reasons, listed one by one", 2)


def test_rare_reasons_do_not_stand_for_themselves(assessment):
    (one, *_) = assessment.scorecard.waiting
    findings = [replace(one, reason=Text(text, text)) for text in "aaabbc"]
    told = [(wait.needed.en, len(wait.findings)) for wait in waits_of(findings, most=1)]
    assert told == [("a", 3), ("other reasons, listed one by one", 3)]


def test_nothing_waits_for_nothing():
    assert waits_of(()) == ()
