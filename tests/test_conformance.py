"""README's table of what is read correctly: the comparison tells right from wrong, and our own corpus says the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.conformance import BEGIN, END, check, columns, score, table, write
from bench.own_corpus import own_corpus
from bench.truth import answers, load

ROOT = Path(__file__).parent.parent
PLACE = ("keepers", "2023-May/000001.html")
TRUTH: dict[str, Any] = {
    "list": PLACE[0],
    "page": PLACE[1],
    "gen": 1,
    "tags": ["ordinary"],
    "message_id": "<2@clock.example.org>",
    "from_name": "Ann Hour",
    "from_address": "ann@clock.example.org",
    "subject": "The pendulum",
    "date_utc": "2023-05-01T12:00:00Z",
    "in_reply_to": "<1@clock.example.org>",
    "references": ["<0@clock.example.org>", "<1@clock.example.org>"],
    "body_text": "It swings again, as it did before the war.\n",
    "saved": [{"path": "attachments/20230501/0123abcd/a.png", "type": "image/png", "exists": True, "sha256": "ab"}],
}
RECORD: dict[str, Any] = {
    "list": PLACE[0],
    "pages": [PLACE[1]],
    "message_id": "<2@clock.example.org>",
    "from_name": "Ann  Hour",
    "from_address": "ann@clock.example.org",
    "subject": "Re: [Keepers] The pendulum",
    "date": "2023-05-01T12:00:00Z",
    "in_reply_to": "<1@clock.example.org>",
    "references": ["<0@clock.example.org>", "<1@clock.example.org>"],
    "body": "It swings again,\nas it did before the war.",
    "attachments": [
        {"url": "http://x/attachments/20230501/0123abcd/a.png", "type": "image/png", "sha256": "ab", "status": "stored"}
    ],
}
Changed = Callable[[dict[str, Any]], None]


def wrong(record: dict[str, Any]) -> set[str]:
    """Name the fields that a record has wrong."""
    return {answer.field for answer in answers(TRUTH, record) if not answer.right}


class TestAnswers:
    """A record against what is known of its message."""

    def test_what_is_right(self) -> None:
        """White space, Re: and the list's prefix do not count."""
        found = list(answers(TRUTH, RECORD))

        assert [answer.field for answer in found if not answer.right] == []
        assert len(found) == 13

    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("message_id", None, {"message_id"}),
            ("from_name", "Ann", {"from_name"}),
            ("from_address", "ann@clock.example.com", {"from_address"}),
            ("subject", "The pendulums", {"subject"}),
            ("date", "2023-05-01T12:00:01Z", {"date"}),
            ("in_reply_to", None, {"in_reply_to"}),
            ("references", ["<1@clock.example.org>", "<0@clock.example.org>"], {"references"}),
            ("body", "It swings, as it did before the war.", {"body", "body of ordinary mail"}),
            ("body", "As it did before the war, it swings again.", {"body", "body of ordinary mail"}),
            ("attachments", [], {"number of attachments", "attachment found"}),
            (
                "attachments",
                [{"url": "attachments/20230501/0123abcd/a.png", "type": "image/gif", "sha256": None}],
                {"attachment type", "attachment bytes"},
            ),
        ],
    )
    def test_what_is_wrong(self, field: str, value: object, expected: set[str]) -> None:
        """Each field that is read otherwise is a miss of that field alone."""
        assert wrong(RECORD | {field: value}) == expected

    def test_what_nobody_can_know_is_not_asked(self) -> None:
        """Bytes that no charset explains stand as lone surrogates in a truth, and are not asked."""
        truth = TRUTH | {"subject": "caf\udce9", "from_name": None}

        assert {"subject", "from_name"} & {answer.field for answer in answers(truth, RECORD)} == set()


class TestScore:
    """Whole exports."""

    def test_records_are_looked_up_by_all_their_pages(self) -> None:
        """A merged message counts for each of its pages; one that belongs to none of the truth is invented."""
        other = (PLACE[0], "2023-May/000002.html")
        truth = {PLACE: TRUTH, other: TRUTH | {"page": other[1]}}
        found = score(truth, [RECORD | {"pages": [PLACE[1], other[1]]}, RECORD | {"pages": ["2023-May/000009.html"]}])

        assert (found.right["message present"], found.right["subject"], found.invented) == (2, 2, 1)

    def test_what_is_missing_is_counted_once(self) -> None:
        """A message without a record is a miss, and nothing else is asked of it."""
        found = score({PLACE: TRUTH}, [])

        assert (found.asked, found.right) == ({"message present": 1}, {"message present": 0})

    def test_a_truth_is_read(self, tmp_path: Path) -> None:
        """Of a file, objects with a page count: others were never archived."""
        (tmp_path / "t.jsonl").write_text(json.dumps(TRUTH) + "\n\n" + json.dumps(TRUTH | {"page": None}) + "\n")

        assert load([tmp_path / "t.jsonl"]) == {PLACE: TRUTH}


class TestReadme:
    """The table in a README."""

    def test_what_was_written_is_found_right(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The table is put between its markers, and a check then agrees; other text stays."""
        readme, scores = tmp_path / "README.md", {"a": score({PLACE: TRUTH}, [RECORD])}
        readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
        write(readme, scores)

        assert check(readme, scores) == 0
        assert readme.read_text().startswith(f"before\n{BEGIN}\n| ")
        assert readme.read_text().endswith(f"{END}\nafter\n")
        assert "old" not in readme.read_text()

    def test_another_result_is_told(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A check names column, row and both values."""
        readme = tmp_path / "README.md"
        readme.write_text(f"{BEGIN}\n{END}\n")
        write(readme, {"a": score({PLACE: TRUTH}, [RECORD])})

        assert check(readme, {"a": score({PLACE: TRUTH}, [RECORD | {"subject": ""}])}) == 1
        assert capsys.readouterr().out == "a, subject: README says 100 % of 1, measured 0.00 % of 1\n"

    def test_ours_says_what_our_own_corpus_gives(self, capsys: pytest.CaptureFixture[str]) -> None:
        """README's column of our own corpus is what reading it gives today."""
        scores = {"own": score(*own_corpus())}

        assert check(ROOT / "README.md", scores) == 0, capsys.readouterr().out
        assert "100 %" in columns(table(scores))["own"]["text"]
