"""Shapes that endpoints of every room build on: strict input, pages, problems."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from django.core.paginator import Page
from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

from console.shell.rest.texts import check_texts

T = TypeVar("T")
R = TypeVar("R")

Price = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=3)]
"""Goes in as a number or a text, comes out as a text with two digits at least."""


class Given(Schema):
    """A body: a field that is not known is refused, not passed over; so is a NUL."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def without_nul(cls, said: Any) -> Any:
        """The body as it came.

        Raises:
            NulInText: a text that cannot be kept.
        """
        check_texts(said)
        return said


class Problem(Schema):
    """Why something was not done (RFC 9457).

    detail: one sentence for a person. code: stable, for programs. field: of the body,
    where one is wrong. values: what a program may use, such as the newer values.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str
    values: dict[str, Any]


class Paged(Schema, Generic[T]):
    """One page of a list. next: the number of the page after it, if there is one."""

    items: list[T]
    page: int
    pages: int
    count: int
    next: int | None


def paged(page: Page[R], told: Callable[[R], T]) -> Paged[T]:
    """A page as programs read it."""
    return Paged(
        items=[told(one) for one in page.object_list],
        page=page.number,
        pages=page.paginator.num_pages,
        count=page.paginator.count,
        next=page.next_page_number() if page.has_next() else None,
    )
