"""What an amendment changes in the plan of a sale: only what differs, as steps.

While the prices are not in the shop yet, the planned steps are rewritten. Once they
are, new steps set what changed and withdraw what left; every SKU is put back at the end
by the last step that set its price (prices.handover). Prices that turn because a SKU is
sold out are steps of the same plan: they settle first, and none is planned meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console import words
from console.campaigns import plan
from console.campaigns.models import Amendment, Campaign
from console.campaigns.operations import plans
from console.campaigns.plan import Part
from console.campaigns.rules import AmendmentAtWork, LineChange, plain
from console.capacity import outlets
from console.capacity.operations import probes
from console.runbook.models import Step
from console.runbook.rewriting import is_untouched, rewrite
from console.runbook.rules import State
from console.stock import operations as stock

if TYPE_CHECKING:
    from django.contrib.auth.models import User

APPLY = "prices.apply"
SETTLED = {State.VERIFIED, State.SKIPPED}
TURNED = (APPLY, "prices.withdraw")


def write(
    made: Amendment, changes: Sequence[LineChange], *, actor: User, now: datetime
) -> bool:
    """Change the plan in the caller's transaction; True if new steps are at work.

    Raises:
        AmendmentAtWork: prices are being set at this moment, or could not be.
    """
    if not changes:
        return False
    stock.hold_turns(made.campaign.code)
    found = Step.objects.select_for_update().filter(plan=made.campaign.plan)
    prefix = plan.key(made.campaign.code, made.campaign.round, "")
    every = list(found.order_by("pk"))
    steps = [step for step in every if step.key.startswith(prefix)]
    work = _Delta(made, changes, steps, actor, now)
    turns = [s for s in every if stock.is_turn(s) and s.kind in TURNED]
    _check_settled(turns)
    kept = [step for step in turns if step.kind == APPLY]
    prices = sorted(
        [*kept, *(s for s in steps if s.kind == APPLY)], key=lambda step: step.pk
    )
    ahead = [step for step in prices if is_untouched(step)]
    shown = [step for step in prices if step not in ahead]
    _check_settled(shown)
    if ahead:
        work.rewrite_opening(ahead)
    return bool(shown) and work.write_steps(shown)


def _check_settled(prices: Sequence[Step]) -> None:
    for step in prices:
        if step.state not in SETTLED:
            raise AmendmentAtWork(
                f"“{step.title}” is {State(step.state).value} at this moment. Wait "
                "until it is done, or settle it on the run sheet, then approve again."
            )


@dataclass(frozen=True)
class _Delta:
    """One amendment, the steps there are, and who changes them."""

    made: Amendment
    changes: Sequence[LineChange]
    steps: Sequence[Step]
    actor: User
    now: datetime

    @property
    def campaign(self) -> Campaign:
        return self.made.campaign

    @property
    def _shops(self) -> list[str]:
        """The shops that show the sale."""
        return list(dict.fromkeys(s.target for s in self.steps if s.kind == APPLY))

    def rewrite_opening(self, prices: Sequence[Step]) -> None:
        """Let the planned steps say what the lines say now."""
        rows = self.campaign.lines.order_by("position", "pk")
        offered = dict(rows.values_list("sku__code", "sale_price"))
        spelled = {sku: plain(price) for sku, price in offered.items()}
        for step in prices:
            title = f"Set {len(spelled):,} sale prices"
            self._say(step, title=title, prices=spelled)
        pages = outlets.pages(list(offered), self._shops)
        tags = self._tags(list(offered))
        for step in self.steps:
            if step.kind == "capacity.warm":
                self._say(step, title=f"Warm {len(pages)} pages", urls=pages)
            elif step.kind == "capacity.purge":
                self._say(step, tags=tags, probe_urls=probes(pages))

    def write_steps(self, prices: Sequence[Step]) -> bool:
        """New steps for what differs in the shop, and their undoing at the end."""
        parts = [*self._priced(prices), *self._withdrawn(prices)]
        if not parts:
            return False
        parts += self._purges(tuple(part.name for part in parts))
        parts.append(self._done(parts))
        steps = plans.rows(
            self.campaign, [self._keyed(part) for part in parts], self.now
        )
        applied = {step.key: step.target for step in steps if step.kind == APPLY}
        self._extend_ending(applied, steps[-1].key)
        return True

    def _say(self, step: Step, *, title: str = "", **wanted: Any) -> None:
        """Rewrite a step that has not started; what has started is left as it is."""
        if is_untouched(step):
            said = step.wanted | wanted
            rewrite(step.pk, wanted=said, title=title, actor=self.actor, now=self.now)

    def _tags(self, skus: Sequence[str]) -> list[str]:
        return [f"campaign-{self.campaign.code}", *(f"sku-{sku}" for sku in skus)]

    def _priced(self, prices: Sequence[Step]) -> Iterator[Part]:
        """One step for each shop: SKUs that are new or have another price."""
        wanted = {
            one.sku: plain(one.after.sale_price)
            for one in self.changes
            if one.after and one.reprices
        }
        if wanted:
            title = f"Set {len(wanted):,} amended prices"
            held = stock.taken_back(self.campaign.plan, list(wanted))
            for part in self._each_shop("prices", APPLY, title, wanted, prices):
                yield from self._held(part, sorted(held.get(part.target, ())))

    def _held(self, part: Part, skus: Sequence[str]) -> Iterator[Part]:
        """A step that sets prices, and does not show those that are taken back.

        What it keeps of these is set by the turn that follows once units are back; a
        turn right behind it says that they are taken back still.
        """
        if not skus:
            yield part
            return
        yield replace(part, wanted={**part.wanted, "held": list(skus)})
        kept = {
            name: {sku: said for sku, said in part.wanted[name].items() if sku in skus}
            for name in ("prices", "inherits", "replaces")
        }
        yield replace(
            part,
            name=f"{self.made.step_prefix}{stock.TURNS}{part.target}",
            kind="prices.withdraw",
            title=f"Keep {words.count(len(skus), 'price')} back: sold out",
            wanted={**part.wanted, **kept},
            after=(part.name,),
            policy="degrade",
        )

    def _withdrawn(self, prices: Sequence[Step]) -> Iterator[Part]:
        """One step for each shop: SKUs that leave the sale."""
        gone = {
            one.sku: plain(one.before.sale_price)
            for one in self.changes
            if one.before and one.after is None
        }
        if gone:
            title = f"Take {len(gone):,} prices out"
            yield from self._each_shop(
                "withdraw", "prices.withdraw", title, gone, prices
            )

    def _each_shop(
        self,
        stem: str,
        kind: str,
        title: str,
        wanted: Mapping[str, str],
        prices: Sequence[Step],
    ) -> Iterator[Part]:
        shops = dict.fromkeys(step.target for step in prices)
        for number, shop in enumerate(shops):
            ours = [step for step in prices if step.target == shop]
            yield self._part(
                f"{stem}-{shop}" if number else stem,
                kind,
                title,
                target=shop,
                wanted={n: v for n, v in ours[0].wanted.items() if n != "held"}
                | {"prices": dict(wanted)}
                | _inheritance(ours, wanted),
                after=tuple(step.key for step in ours),
                policy="blocker" if kind == APPLY else "degrade",
            )

    def _purges(self, after: tuple[str, ...]) -> Iterator[Part]:
        """The caches that were purged at the opening forget the changed pages."""
        skus = [one.sku for one in self.changes if one.reprices]
        seen: set[str] = set()
        for step in self.steps:
            if step.kind != "capacity.purge" or step.target in seen:
                continue
            seen.add(step.target)
            wanted = {
                "tags": self._tags(skus),
                "probe_urls": probes(outlets.pages(skus, self._shops)),
            }
            yield self._part(
                f"purge-{len(seen)}",
                step.kind,
                "Purge amended pages",
                target=step.target,
                wanted=step.wanted | wanted,
                after=after,
                policy="degrade",
            )

    def _done(self, parts: Sequence[Part]) -> Part:
        changed = [part.name for part in parts if part.kind.startswith("prices.")]
        wanted = {"amendment": self.made.pk, "keys": [self._key(n) for n in changed]}
        return self._part(
            "done",
            "campaigns.amended",
            f"Amendment {self.made.number} is applied",
            wanted=wanted,
            after=tuple(part.name for part in parts),
        )

    def _part(self, name: str, kind: str, title: str, **said: Any) -> Part:
        assert self.campaign.opens_at
        offset = int((self.now - self.campaign.opens_at).total_seconds())
        named = f"{self.made.step_prefix}-{name}"
        return Part(
            named, kind, title, "run", due_at=self.now, t_offset_s=offset, **said
        )

    def _key(self, name: str) -> str:
        return plan.key(self.campaign.code, self.campaign.round, name)

    def _keyed(self, part: Part) -> Part:
        """The part with keys in place of names."""
        after = tuple(
            name if name.startswith("campaign:") else self._key(name)
            for name in part.after
        )
        return replace(part, after=after)

    def _extend_ending(self, applied: Mapping[str, str], done: str) -> None:
        """Let the end put back what the new steps set, and wait for the last one.

        applied: key and shop of each new step that sets prices.
        """
        shop_of = {step.key: step.target for step in self.steps}
        skus = [one.sku for one in self.changes if one.verb == "add"]
        for step in self.steps:
            if step.key.startswith(self._key("restore-prices")):
                ends = {shop_of.get(key) for key in step.wanted["keys"]}
                keys = [key for key, shop in applied.items() if shop in ends]
                self._say(step, keys=[*step.wanted["keys"], *keys])
            elif step.kind == "capacity.purge" and step.phase == "end":
                tags = dict.fromkeys([*step.wanted["tags"], *self._tags(skus)])
                self._say(step, tags=list(tags))
            elif step.kind == "campaigns.close" and is_untouched(step):
                after = [*step.after, done]
                rewrite(step.pk, after=after, actor=self.actor, now=self.now)


def _inheritance(ours: Sequence[Step], wanted: Mapping[str, str]) -> dict[str, Any]:
    """What each SKU showed before the sale, and each price the sale gave it.

    ours: the steps that set prices in this shop, in their order.
    """
    before: dict[str, Any] = {}
    shown: dict[str, list[str]] = {}
    for step in ours:
        kept = (step.before or {}).get("prices", {})
        for sku in wanted.keys() & kept.keys():
            before[sku] = kept[sku]
            shown.setdefault(sku, []).append(step.wanted["prices"][sku])
    return {"inherits": before, "replaces": shown}
