"""What Tarn & Fell sells: name, variant, price, cost and stock of each SKU."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Product:
    """One SKU of the shop.

    regular: price with VAT in euro; sale: what a doorbuster asks for it.
    units, buffer: what a doorbuster locks and holds back.
    pull: how often a shopper asks for it, relative to the others.
    """

    code: str
    name: str
    variant: str
    category: str
    regular: Decimal
    sale: Decimal
    on_hand: int
    committed: int
    units: int
    buffer: int
    pull: int

    @property
    def cost(self) -> Decimal:
        """What it cost: a believable 46% of the regular price."""
        return (self.regular * Decimal("0.46")).quantize(Decimal("0.01"))


def _p(code: str, name: str, variant: str, category: str, *numbers: int) -> Product:
    regular, sale, on_hand, committed, units, buffer, pull = numbers
    return Product(
        code, name, variant, category, Decimal(regular), Decimal(sale),
        on_hand, committed, units, buffer, pull,
    )  # fmt: skip


_OUT, _FOOT, _CAMP, _ACC = "Outerwear", "Footwear", "Camp and sleep", "Accessories"

PRODUCTS = [
    _p("SKN3-M-BLK", "Skarn 3L Shell", "Men, black", _OUT, 329, 219, 3120, 410, 2400, 120, 38),
    _p("SKN3-W-MOS", "Skarn 3L Shell", "Women, moss", _OUT, 329, 219, 2760, 320, 2200, 110, 31),
    _p("SKN3-W-BLK", "Skarn 3L Shell", "Women, black", _OUT, 329, 219, 2340, 360, 1800, 90, 34),
    _p("TND-M-NVY", "Tind Down Parka", "Men, navy", _OUT, 389, 249, 1610, 240, 1200, 60, 21),
    _p("TND-W-SND", "Tind Down Parka", "Women, sand", _OUT, 389, 249, 1230, 130, 1100, 55, 28),
    _p("RVN-M-OCH", "Ravn Rain Jacket", "Men, ochre", _OUT, 169, 95, 1480, 220, 1000, 50, 9),
    _p("RVN-W-SLT", "Ravn Rain Jacket", "Women, slate", _OUT, 169, 95, 2210, 310, 1600, 80, 14),
    _p("LFT-U-RST", "Lofot Insulated Jacket", "Rust", _OUT, 219, 149, 2540, 280, 1900, 95, 29),
    _p("LFT-U-INK", "Lofot Insulated Jacket", "Ink", _OUT, 219, 149, 2320, 300, 1700, 85, 24),
    _p("FJW-U-CHK", "Fjord Wind Shirt", "Chalk", _OUT, 89, 59, 2050, 190, 1400, 70, 9),
    _p("BRE-U-OAT", "Bre Fleece Hoodie", "Oat", _OUT, 99, 69, 2180, 240, 1500, 75, 16),
    _p("STM-U-BLK", "Storm Overtrousers", "Black", _OUT, 139, 89, 2400, 280, 1600, 80, 20),
    _p("HGN-M-BRN", "Haugen Hiking Boot", "Men, brown", _FOOT, 219, 149, 1400, 160, 900, 45, 18),
    _p("HGN-W-GRY", "Haugen Hiking Boot", "Women, grey", _FOOT, 219, 149, 1350, 150, 900, 45, 17),
    _p("STI-U-RED", "Sti Trail Shoe", "Red", _FOOT, 149, 99, 1700, 210, 1100, 55, 15),
    _p("STI-U-TEA", "Sti Trail Shoe", "Teal", _FOOT, 149, 99, 1620, 190, 1000, 50, 12),
    _p("FRO-U-M05", "First Frost Bag −5", "Regular", _CAMP, 259, 179, 900, 80, 600, 30, 14),
    _p("FRO-U-M12", "First Frost Bag −12", "Regular", _CAMP, 329, 229, 760, 70, 500, 25, 11),
    _p("MAT-U-R45", "Myr Sleeping Mat", "R 4.5", _CAMP, 129, 89, 1250, 120, 800, 40, 10),
    _p("LMP-U-400", "Lykt Headlamp", "400 lm", _ACC, 59, 39, 3100, 260, 1500, 75, 22),
    _p("LMP-U-900", "Lykt Headlamp Pro", "900 lm", _ACC, 99, 69, 1900, 180, 900, 45, 13),
    _p("BUF-U-FJL", "Fjell Neck Tube", "Merino", _ACC, 29, 19, 5200, 400, 2600, 130, 25),
]  # fmt: skip
