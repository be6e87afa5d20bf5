"""The pages of uplift, as people use them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.uplift import tasks
from console.uplift.models import HistoryFile, PastSale
from tests import make
from tests.make import NOW
from tests.uplift.kit import imported, row, sheet
from tests.uplift.test_measuring import history, measured

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(make.user("merchandiser"))
    return client


def page(client: Client, name: str = "home", *args: object, **asked: str) -> str:
    return client.get(reverse(f"uplift:{name}", args=args), asked).content.decode()


def test_before_there_is_anything_the_page_says_what_to_bring(merchant: Client) -> None:
    assert "Bring your order history" in page(merchant)
    assert "No history yet" in page(merchant, "histories")


def test_a_person_uploads_watches_and_sees_what_was_left_out(merchant: Client) -> None:
    url = reverse("uplift:import")
    assert merchant.get(url).status_code == 200
    assert merchant.post(url, {"zone": "Europe/London"}).status_code == 422
    body = sheet(row(), row("2", price=0), row("=3", at="=cmd()"), row("C4", units=-1))
    reply = merchant.post(
        url, {"file": SimpleUploadedFile("a.csv", body), "zone": "Europe/London"}
    )
    job = HistoryFile.objects.get()
    assert reply.url == reverse("uplift:history_file", args=[job.pk])
    assert "every 1s" in page(merchant, "history_file", job.pk)
    tasks.run_import(job.pk)
    told = page(merchant, "history_file", job.pk)
    assert "every 1s" not in told
    assert "4 = 1 sales + 1 returns + 0 known + 2 left out" in told
    assert "UnitPrice is 0" in told
    assert "17850" not in told
    lines = b"".join(merchant.get(reverse("uplift:left_out", args=[job.pk])))
    rows = list(csv.DictReader(io.StringIO(lines.decode())))
    assert [(r["row"], r["InvoiceNo"], r["InvoiceDate"]) for r in rows] == [
        ("3", "2", "2026-03-02 10:00:00"),
        ("4", "'=3", "'=cmd()"),
    ]


def test_a_file_that_is_no_history_is_refused_in_one_sentence(merchant: Client) -> None:
    file = SimpleUploadedFile("a.csv", b"sku,units\nA,1")
    url = reverse("uplift:import")
    reply = merchant.post(url, {"file": file, "zone": "Europe/London"})
    assert reply.status_code == 422
    assert "The column InvoiceNo is missing" in reply.content.decode()


def test_what_a_file_brought_can_be_taken_out(merchant: Client) -> None:
    job = imported(sheet(row()))
    merchant.post(reverse("uplift:remove_history", args=[job.pk]))
    assert not HistoryFile.objects.exists()


def test_the_evidence_shows_sales_with_intervals_and_the_policy_beside_it(
    merchant: Client,
) -> None:
    make.audience("Everyone")
    imported(history())
    measured()
    told = page(merchant)
    assert "6 SKUs reduced together" in told
    assert "Your data cannot tell the half-life: 0 measured and clear sales" in told
    assert "the policy says 21 days" in told
    assert "at most" in told
    assert 'role="img"' in told
    assert "1 of 1 past sales could be measured" in told


def test_while_nothing_can_be_measured_the_page_asks_for_a_history(
    merchant: Client,
) -> None:
    past(1)
    PastSale.objects.update(uplift=None)
    told = page(merchant)
    assert "None of 1 past sale could be measured" in told
    assert reverse("uplift:import") in told
    assert "Nothing to plot yet" in told


def test_a_viewer_reads_but_changes_nothing(client: Client) -> None:
    client.force_login(make.user("viewer"))
    imported(history())
    measured()
    assert "Add a past sale" not in page(client)
    assert client.get(reverse("uplift:add")).status_code == 403
    assert client.post(reverse("uplift:import")).status_code == 403


def test_one_sale_shows_each_figure_or_why_it_is_unknown(merchant: Client) -> None:
    imported(history())
    (sale,) = measured()
    told = page(merchant, "sale", sale.pk)
    assert "The category of its goods is not known." in told
    assert "S5" in told
    assert "Take out" not in told


def test_a_person_adds_a_past_sale_and_takes_it_out(merchant: Client) -> None:
    imported(history())
    url = reverse("uplift:add")
    assert merchant.get(url).status_code == 200
    said = {"name": "July sale", "opens_local": "2026-07-27T00:00"}
    said |= {"closes_local": "2026-07-30T00:00", "depth": "30", "skus": "S0, S1\nS2"}
    codes = SimpleUploadedFile("skus.csv", b"sku,name\nS2,x\nS3,y\n")
    reply = merchant.post(url, said | {"sheet": codes})
    sale = PastSale.objects.get(source="hand")
    assert reply.url == reverse("uplift:sale", args=[sale.pk])
    assert [offer[0] for offer in sale.offers] == ["S0", "S1", "S2", "S3"]
    assert "Not measured yet." in page(merchant, "sale", sale.pk)
    tasks.measure()
    assert "Take out" in page(merchant, "sale", sale.pk)
    merchant.post(reverse("uplift:remove", args=[sale.pk]))
    assert not PastSale.objects.filter(source="hand").exists()


@pytest.mark.parametrize(
    "changes,sentence",
    [
        ({"skus": ""}, "Name at least one SKU"),
        ({"skus": "NOPE"}, "Unknown SKU: NOPE"),
        ({"closes_local": "2026-07-20T00:00"}, "The end must be after the start"),
        ({"opens_local": "", "closes_local": ""}, "is missing. Fill it in."),
        ({"depth": "120"}, "must be 99 or less."),
    ],
)
def test_a_past_sale_that_cannot_be_is_refused(
    merchant: Client, changes: dict[str, str], sentence: str
) -> None:
    imported(history(days=7))
    said = {"name": "July sale", "opens_local": "2026-07-27T00:00", "skus": "S0"}
    said |= {"closes_local": "2026-07-30T00:00", "depth": "30"} | changes
    reply = merchant.post(reverse("uplift:add"), said)
    assert reply.status_code == 422
    assert sentence in reply.content.decode()


def past(count: int) -> None:
    for n in range(count):
        PastSale.objects.create(
            key=f"found:{n}",
            source="found",
            name=f"Sale {n}",
            opens_at=NOW + timedelta(days=n),
            closes_at=NOW + timedelta(days=n + 1),
            offers=[["A", None, None, 0.2]],
            skus=1,
            depth="0.2",
            days_since=7,
            uplift=n,
            result={"actual": 5},
        )


@pytest.mark.parametrize("count", [1, 3])
def test_the_evidence_takes_the_same_queries_whatever_its_length(
    merchant: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    past(count)
    make.audience()
    with django_assert_num_queries(11):
        page(merchant)


@pytest.mark.parametrize("count", [1, 3])
def test_the_files_take_the_same_queries_whatever_their_number(
    merchant: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(count):
        imported(sheet(row(str(n))))
    with django_assert_num_queries(4):
        page(merchant, "histories")


def test_sales_that_could_not_be_measured_are_shown_when_asked_for(
    merchant: Client,
) -> None:
    past(2)
    PastSale.objects.filter(key="found:1").update(uplift=None)
    table = 'id="past-sales"'
    assert "Sale 1<" not in page(merchant).split(table)[1]
    assert "Sale 1<" in page(merchant, show="all").split(table)[1]


def test_doubtful_sales_are_shown_and_the_half_life_does_not_listen_to_them(
    merchant: Client,
) -> None:
    past(9)
    assert "0 measured" not in page(merchant)
    PastSale.objects.update(source="doubtful")
    told = page(merchant)
    assert "0 measured and clear sales follow" in told
    assert "Doubtful" in told
    assert '"symbol": "circle-open"' in told


def test_the_table_sorts_and_what_is_unknown_comes_last(merchant: Client) -> None:
    past(3)
    PastSale.objects.filter(key="found:1").update(uplift=None)
    for sort, order in (("uplift", "021"), ("-uplift", "201"), ("nonsense", "210")):
        told = page(merchant, sort=sort, show="all").split('id="past-sales"')[1]
        places = [told.index(f"Sale {n}<") for n in order]
        assert places == sorted(places), sort
