"""The report: of a thousand trials in time, of finals in both languages, and in a real browser."""

import html
import re
import shutil
import subprocess
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from bitjaru.commands.cli import app
from bitjaru.errors import ConfigError, ReportError
from bitjaru.html_report import charts
from bitjaru.html_report.knobs import importances, knobs
from bitjaru.html_report.language import Texts
from bitjaru.html_report.report import html as report_html
from bitjaru.html_report.report import write
from bitjaru.html_report.scales import Axes
from bitjaru.html_report.sections.finals import Record, front
from bitjaru.html_report.sections.search_figures import budget_figures
from bitjaru.html_report.sources import Searched, Source, ties
from bitjaru.tracking.registry.last_group import Group, Tried
from bitjaru.tracking.registry.single_runs import Profile

EN, KO = Texts.read("en"), Texts.read("ko")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def tried(place: int) -> Tried:
    architecture = ("gru", "lstm", "cnn")[place % 3]
    rate, width = 0.0001 * (1 + place % 50), 32 * (1 + place % 4)
    status = "KILLED" if place % 7 == 0 else "FINISHED"
    return Tried(
        run_id=f"{place:032x}",
        started=0,
        rows={},
        params={},
        name=f"{place} {architecture}",
        status=status,
        tags={
            "architecture": architecture,
            "number": str(place),
            "objective": "valid_accuracy",
            "overrides": f"architecture={architecture} optimizer.learning_rate={rate:.17f} architecture.units={width}",
            **({"reason": "pruned"} if status == "KILLED" else {}),
        },
        metrics={"objective": 0.7 + 0.1 * (place % 97) / 97, "weights": 100.0 + place}
        | ({} if status == "KILLED" else {"test_accuracy": 0.7}),
        seconds=1.0 + place % 11,
    )


def searched(count: int) -> Source:
    group = Group(run_ids=("g",), name="search <i>가나</i>", tried=tuple(map(tried, range(count))))
    about = {"name": "sample", "language": "ko", "licence": "MIT", "sha256": "ab" * 32}
    data = {
        "train": Profile(900, {"negative": 300, "positive": 600}, {"median": 27.0, "95 %": 107.4, "longest": 1146.0}),
        "valid": Profile(400, {}, {}),  # as an older run told it
    }
    return Source("g", group.name, Searched(group, {f"{1:032x}": [0.5, 0.7]}, data, about))


def finals(dataset: str = "sample") -> Source:
    def finalist(name: str, mean: float) -> Record:
        return {
            "name": name,
            "mean": [mean, mean - 0.01, mean + 0.01],
            "seeds": [mean, mean],
            "valid": [mean, None],
            "calibration": [
                {"confidence": 0.6, "accuracy": 0.5, "answers": 9},
                {"confidence": 0.9, "accuracy": 0.8, "answers": 9},
            ],
            "calibration_error": 0.1,
            "milliseconds": [],
            "seconds": [3.0, 4.0],
            "weights": None,
            "megabytes": 1.25,
            "curve": [[0.5, 0.6], [0.5]],
            "commands": [f"python train.py architecture={name} seed=1"],
        }

    pair = {"one": "gru", "other": "linear", "difference": [0.02, 0.01, 0.03], "wins": 1.0, "p": 0.01, "holm": 0.01}
    record: Record = {
        "plan": {
            "groups": ["g"],
            "dataset": dataset,
            "seeds": [1, 2],
            "margin": 0.003,
            "commit": "abc",
            "finalists": [
                {"name": "gru", "run_id": "r", "trials": 3, "seconds": 30.0, "objective": 0.8},
                {"name": "linear", "run_id": "s", "trials": 2, "seconds": 8.0, "objective": 0.79},
            ],
        },
        "reviews": 100,
        "finalists": [finalist("gru", 0.84), finalist("linear", 0.82)],
        "verdicts": [pair | {"word": "better", "told": "better"}],
        "budgets": {
            "gru": [{"trials": 1, "seconds": 2.0, "expected": 0.7}, {"trials": 2, "seconds": 4.0, "expected": 0.8}]
        },
        "mistakes": {
            "finalists": ["gru", "linear"],
            "kinds": [{"name": "negation", "limit": None, "reviews": 5, "wrong": [0.2, 0.4]}],
            "by_all": 1,
            "by_one": [2, 3],
            "examples": [
                {
                    "text": "<script>alert('안녕')</script>" + 200 * "가",
                    "truth": 1,
                    "wrong": [0.1, 0.2],
                    "moved": [["재미", -0.21], ["없", 0.4]],
                }
            ],
            "explained": "gru",
        },
        "ensemble": {"gru": 0.75, "linear": 0.25},
        "data": {
            "name": dataset,
            "language": "ko",
            "licence": "MIT",
            "sha256": "ab",
            "classes": ["negative", "positive"],
            "rows": {"train": 900, "test": 100},
            "labels": {"train": [500, 500], "test": [40, 60]},
            "lengths": {
                "characters": {"train": [30.0, 90.0, 140.0], "test": [31.0, 91.0, 141.0]},
                "words": {"train": [7.0, 20.0, 33.0], "test": [8.0, 21.0, 34.0]},
            },
        },
    }
    return Source("f", "finals", record)


def ten_finalists() -> Source:
    """Finals with names, figures and verdicts as long as they come."""
    found = finals("naver_shopping").found
    assert isinstance(found, dict)
    record: dict[str, Any] = dict(found)
    names = [f"architecture{place}" for place in range(10)]
    first = record["finalists"][0]
    record["finalists"] = [
        first | {"name": name, "weights": 12_345_678, "milliseconds": [0.5, 0.7], "commands": 11 * first["commands"]}
        for name in names
    ]
    pair = record["verdicts"][0] | {"word": "undecided", "told": "undecided", "needs": 128}
    record["budgets"] = {}
    record["verdicts"] = [pair | {"one": one, "other": other} for one, other in combinations(names, 2)]
    kinds = [
        {"name": name, "limit": 1_000, "reviews": 17_000, "wrong": 10 * [0.1234]}
        for name in ("short", "middle", "long", "negation", "concession", "neither")
    ]
    example = record["mistakes"]["examples"][0] | {"wrong": 10 * [0.123]}
    record["mistakes"] |= {"finalists": names, "kinds": kinds, "by_one": 10 * [3], "examples": [example]}
    return Source("f", "finals", record)


def test_finals_say_what_moved_an_answer_what_a_model_weighs_and_what_the_data_is(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write([finals()], EN, target)
    page = target.read_text(encoding="utf-8")
    assert "재미 -21.0, 없 +40.0" in page
    assert "what moved the answer of gru" in page
    assert 160 * "가" not in page
    assert "Mean shares: gru 75%, linear 25%" in page
    assert ">1.2<" in page.replace("\n", "")
    assert "31 / 91 / 141" in page
    assert "negative 40.0%, positive 60.0%" in page
    write([finals()], KO, target)
    assert "gru의 답을 움직인 것" in target.read_text(encoding="utf-8")


def test_a_thousand_trials_make_a_small_page_in_time(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    started = time.process_time()
    write([searched(1_000)], EN, target)
    assert time.process_time() - started < 5  # of ten that the command may take; the rest is MLflow's
    assert target.stat().st_size < 3_000_000
    assert target.read_text().count("<tr") > 1_000


def test_a_search_says_how_many_reviews_of_which_classes_and_lengths_it_had() -> None:
    page = report_html([searched(3)], EN)
    assert "negative 33.3%, positive 66.7%" in page
    assert "27 / 107 / 1,146" in page


def test_the_page_asks_for_nothing_else() -> None:
    text = report_html([searched(20)], EN) + report_html([finals()], KO)
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", text)
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", text)


@pytest.mark.parametrize(("texts", "said"), [(EN, "gru is ahead of linear by 2.00 points"), (KO, "linear보다 2.00%p")])
def test_finals_say_their_verdict_first(texts: Texts, said: str) -> None:
    text = report_html([finals()], texts)
    verdict = re.search(r'<p class="verdict">(.*?)</p>', text)
    assert verdict is not None
    assert said in html.unescape(verdict.group(1))
    assert "[+1.00, +3.00]" in html.unescape(verdict.group(1))


def test_no_difference_has_no_sign_but_that_of_zero() -> None:
    source = finals()
    assert isinstance(source.found, dict)
    source.found["verdicts"][0] |= {"difference": [0.0, 0.0, 0.0], "word": "equivalent"}
    page = report_html([source], EN)
    assert "[+0.00, +0.00]" in page
    assert "-0.00" not in page


def test_what_is_undecided_says_what_would_decide() -> None:
    source = ten_finalists()
    assert "About 128 seeds might decide it." in report_html([source], EN)
    assert "시드가 128개쯤이면 가려질 수 있습니다." in report_html([source], KO)
    assert isinstance(source.found, dict)
    for pair in source.found["verdicts"]:
        pair["needs"] = "reviews"
    page = report_html([source], EN)
    assert "More seeds alone will not decide it" in page
    assert "undecided (more reviews)" in page


def test_finals_say_what_the_search_spent_on_each() -> None:
    assert "from 2 to 3 trials, and from 8 s (linear) to 30 s (gru)" in " ".join(report_html([finals()], EN).split())
    equal = finals()
    assert isinstance(equal.found, dict)
    equal.found["plan"]["finalists"][1]["trials"] = 3
    assert "Searched equally in trials, 3 of each architecture." in report_html([equal], EN)


def test_on_the_front_is_whom_no_other_beats_in_cost_and_accuracy() -> None:
    assert front({"slow": (9.0, 0.9), "quick": (1.0, 0.8), "worse": (2.0, 0.7), "same": (9.0, 0.9)}) == [
        "quick",
        "slow",
    ]
    assert front({"only": (1.0, 0.5)}) == ["only"]


def test_the_commands_are_one_line_a_finalist_for_all_seeds() -> None:
    page = re.sub("</?code>", "", html.unescape(report_html([finals()], EN)))
    assert "bitjaru finals --search g --seeds 2 --margin 0.003 --top 1 --against linear --fractions ''\n" in page
    assert "for N in 1 2; do\n  python train.py architecture=gru seed=$N\n" in page


def test_a_setting_may_be_broken_and_its_value_may_not() -> None:
    page = report_html([searched(30)], EN)
    assert ">learning_<wbr>rate=<wbr>0.003 units=<wbr>64</td>" in page


def test_how_trials_ended_and_how_long_they_would_have_taken_is_said_in_korean() -> None:
    page = report_html([searched(100)], KO)
    assert "도중에 끝냄 (pruned)" in page
    assert "KILLED" not in page
    assert re.search(r"약 [\d분 ]+초 더 걸렸을", page)
    assert "<code>bitjaru finals</code>" in page


def test_a_single_run_is_told_by_its_own_figures() -> None:
    source = searched(1)
    assert isinstance(source.found, Searched)
    group = replace(source.found.group, tried=(tried(1),))
    page = report_html([replace(source, found=replace(source.found, group=group))], EN)
    assert "1 lstm: validation accuracy 0.7010 [0.6544, 0.7438] on 400 reviews, test accuracy 0.7000. " in page
    assert "The best of" not in page
    assert "No other trial" not in page


def test_where_less_is_better_the_report_says_of_what_and_takes_the_least_for_the_best() -> None:
    source = searched(30)
    assert isinstance(source.found, Searched)
    group = source.found.group
    lossy = [replace(run, tags={**run.tags, "objective": "valid_loss", "direction": "minimize"}) for run in group.tried]
    found = replace(source.found, group=replace(group, tried=tuple(lossy)))
    page = report_html([replace(source, found=found)], EN)
    assert "is #1 lstm, valid_loss 0.7010 on 400 reviews.</p>" in page  # nothing of ties, which are of accuracies
    assert "The valid_loss that the best of so many trials" in page
    assert "validation accuracy of each" not in page.lower()
    budgets = dict(zip(("trials", "seconds"), budget_figures(found, EN), strict=True))
    drawn = re.search(r'<polyline points="([^"]+)"', getattr(budgets["trials"], "svg", ""))
    assert drawn is not None
    heights = [float(point.partition(",")[2]) for point in drawn.group(1).split()]
    assert heights == sorted(heights)  # down the page: with more trials a smaller loss is to be expected


def test_importances_are_of_the_best_trials_whichever_way_is_better() -> None:
    trials = [replace(tried(place), metrics={"objective": float(place % 10 > 2)}) for place in range(1, 61)]
    found = knobs(trials)
    more, less = (importances(trials, found, sign=sign) for sign in (1, -1))
    assert more.keys() == less.keys() > {"optimizer.learning_rate"}
    assert more != less


def test_of_few_trials_no_importance_is_told() -> None:
    trials = [replace(tried(place), metrics={"objective": float(place % 10 > 2)}) for place in range(1, 20)]
    assert importances(trials, knobs(trials), sign=1) == {}


def alone() -> Source:
    run = replace(tried(1), metrics={"objective": 0.75, "test_accuracy": 0.7, "milliseconds_per_review": 0.00432})
    data = {"valid": Profile(400, {}, {}), "test": Profile(1000, {"negative": 300, "positive": 700}, {})}
    about = {"name": "sample", "language": "ko", "licence": "MIT", "sha256": "ab" * 32}
    found = Group(run_ids=(run.run_id,), name="lstm", tried=(run,))
    return Source(run.run_id, "lstm", Searched(found, {run.run_id: [0.5, 0.75]}, data, about))


def test_a_run_alone_is_no_list_of_trials() -> None:
    page = report_html([alone()], EN)
    assert "<h1>lstm on sample</h1>" in page
    assert "0.7500 [0.7053, 0.7899] on 400 reviews, test accuracy 0.7000 [0.6709, 0.7276] on 1,000 reviews" in page
    body = page.partition("<body>")[2].partition("<script>")[0]
    assert not re.search(r">[^<]*(\btrials?\b|changed|best|Failures)", body)
    assert ">0.0043</td>" in page  # milliseconds that two digits would make 0.00
    assert "language Korean" in page
    assert "negative 30.0%, positive 70.0%" in page
    assert "언어 한국어" in report_html([alone()], KO)


def test_without_scripts_nothing_is_offered_that_needs_them() -> None:
    page = report_html([searched(30)], EN)
    body, style = page.partition("<body>")[2].partition("<script>")[0], page.partition("<style>")[2]
    assert "<button" not in body
    assert "↕" not in body
    assert "label.filter{display:none" in style
    assert body.count("<input") == body.count('<label class="filter">') > 0


def test_where_nothing_finished_the_verdict_says_so() -> None:
    found = searched(30).found
    assert isinstance(found, Searched)
    killed = tuple(run for run in found.group.tried if run.status == "KILLED")
    page = report_html([Source("g", "s", replace(found, group=replace(found.group, tried=killed), curves={}))], EN)
    assert '<p class="verdict">No trial has finished' in page


def test_names_of_neighbouring_axes_do_not_run_into_each_other() -> None:
    drawn = charts.parallel(
        ["inverse_regularization", "minimum_count", "x"], [(1.0, [0, 1, 1])], [("0", "1")] * 3, alt=""
    )
    heights = re.findall(r'y="([\d.]+)" text-anchor="middle" class="name"', drawn)
    assert heights[0] == heights[2] != heights[1]


def test_ticks_have_as_many_digits_as_each_other_and_epochs_none() -> None:
    axes = Axes("epoch", "accuracy", whole=True)
    drawn = charts.lines({"gru": [(1.0, 0.47), (2.0, 0.62)]}, axes, order=["gru"], alt="")
    up = re.findall(r'text-anchor="end">([^<]+)<', drawn)
    across = re.findall(r'class="tick">([^<]+)<', drawn)
    assert "0.50" in up
    assert {len(tick) for tick in up} == {4}
    assert across == ["1", "2"]


def test_what_people_wrote_is_text_and_not_html() -> None:
    assert "<script>alert" not in report_html([finals()], EN)
    assert "<i>가나" not in report_html([searched(3)], EN)


def test_both_languages_say_the_same_things_with_the_same_figures() -> None:
    assert EN.sentences.keys() == KO.sentences.keys()
    places = {name: set(re.findall(r"{(\w+)}", text)) for name, text in EN.sentences.items()}
    assert places == {name: set(re.findall(r"{(\w+)}", text)) for name, text in KO.sentences.items()}
    with pytest.raises(ConfigError, match=r"must be one of en, ko. Received: 'de'"):
        Texts.read("de")


def test_several_finals_are_ranked_across_data_sets() -> None:
    text = report_html([finals("nsmc"), finals("imdb")], EN)
    assert re.search(r"gru</td><td[^>]*>1</td><td[^>]*>1</td><td[^>]*>1\.00", text)
    names = re.findall(r'<table id="([^"]+)"', text)
    assert len(names) == len(set(names))


def test_ties_are_counted_and_pruning_is_told() -> None:
    source = searched(100)
    assert isinstance(source.found, Searched)
    assert 0 < len(ties(source.found)) < len(source.found.finished)
    assert "15 of 100 trials were ended early" in report_html([source], EN)


@pytest.fixture
def _two_results(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitjaru.html_report.sources.sources", lambda *_: [finals("nsmc"), finals("imdb")])


@pytest.mark.usefixtures("_two_results")
def test_where_no_browser_opens_the_file_is_there_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "새 report.html"
    for opens, said in ((True, False), (False, True)):
        browser = Mock(return_value=opens)
        monkeypatch.setattr("webbrowser.open", browser)
        done = CliRunner().invoke(app, ["report", "--open", "--output", str(page)], catch_exceptions=False)
        assert done.exit_code == 0
        assert ("No browser could be opened" in done.stderr) == said
        browser.assert_called_once_with(page.as_uri())
    assert page.exists()


@pytest.mark.usefixtures("_two_results")
def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for target in (tmp_path, file / "report.html"):
        with pytest.raises(ReportError, match=r"must go into a file that can be written. Received: .*`--output`"):
            CliRunner().invoke(app, ["report", "--output", str(target)], catch_exceptions=False)


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("made", [searched(30), finals()], ids=["search", "finals"])
def test_in_a_browser_nothing_is_asked_for_nothing_fails_and_a_click_sorts(made: Source, tmp_path: Path) -> None:
    click = (
        "<script>const t=document.querySelector('table');"
        "const at=[...t.tHead.rows[0].cells].findIndex(c=>/valid|test accuracy/.test(c.textContent));"
        "t.tHead.rows[0].cells[at].querySelector('button').click();"
        "t.tHead.rows[0].cells[at].querySelector('button').click();"
        "const f=document.querySelector('input');if(f){f.value='cnn';f.dispatchEvent(new Event('input'));}"
        "document.body.dataset.order=[...t.tBodies[0].rows].map(r=>r.cells[at].textContent).join(' ');"
        "const test=[...t.tHead.rows[0].cells].find(c=>/^test/.test(c.textContent)).querySelector('button');"
        "test.click();document.body.dataset.down=t.tBodies[0].lastElementChild.textContent;"
        "test.click();document.body.dataset.up=t.tBodies[0].lastElementChild.textContent;"
        "document.body.dataset.shown=[...t.tBodies[0].rows].filter(r=>!r.hidden).length;</script></body>"
    )
    page, net = tmp_path / "page.html", tmp_path / "net.json"
    page.write_text(report_html([made], EN).replace("</body>", click))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--log-net-log={net}"]
    where = [f"--user-data-dir={tmp_path}/profile", "--disable-background-networking", "--disable-component-update"]
    ended = subprocess.run(
        [str(BROWSER), *flags, *where, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "CONSOLE" not in ended.stderr, ended.stderr
    order = re.search(r'data-order="([^"]+)"', ended.stdout)
    assert order is not None
    figures = [float(value) for value in order.group(1).split()]
    assert figures == sorted(figures)
    if made.run_id == "g":  # whichever way is sorted, trials without a test figure stand last
        assert re.search(r'data-down="[^"]*pruned', ended.stdout)
        assert re.search(r'data-up="[^"]*pruned', ended.stdout)
    shown = re.search(r'data-shown="(\d+)"', ended.stdout)
    assert shown is not None
    assert int(shown.group(1)) == (10 if made.run_id == "g" else 2)
    assert not re.findall(r'"url":"https?://(?!localhost)[^"]*(?:fonts|cdn|\.js|\.css)', net.read_text())


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("texts", [EN, KO], ids=["en", "ko"])
@pytest.mark.parametrize("made", [ten_finalists(), searched(30)], ids=["ten finalists", "search"])
def test_nothing_scrolls_at_1100_pixels(made: Source, texts: Texts, tmp_path: Path) -> None:
    measure = (
        "<script>document.body.dataset.wide=[...document.querySelectorAll('.wide,pre,body')]"
        ".filter(e=>e.scrollWidth>e.clientWidth).map(e=>e.getAttribute('aria-label')).join('; ')||'none'</script>"
        "</body>"
    )
    page = tmp_path / "page.html"
    page.write_text(report_html([made], texts).replace("</body>", measure))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1100,900", f"--user-data-dir={tmp_path}/own"]
    ended = subprocess.run(
        [str(BROWSER), *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=120
    )
    assert 'data-wide="none"' in ended.stdout, re.findall('data-wide="([^"]*)"', ended.stdout)
