"""What the three boards sell: categories in two levels, products, and the services that run out and are renewed."""

from __future__ import annotations

from decimal import Decimal

from crm.catalogue.commands import CategoryInput, ProductInput, add_category, add_product
from crm.catalogue.models import Product
from crm.session import ScopedSession

# category: {category below: ((name, unit, price, months until it is renewed), ...)}
_CATALOGUE: dict[str, dict[str, tuple[tuple[str, str, int, int | None], ...]]] = {
    "Music": {"Compact discs": (("CD", "piece", 15, None),)},
    "Machine tools 机床": {
        "Machining centres": (
            ("Machining centre VMC-650 立式加工中心", "piece", 268_000, None),
            ("Machining centre VMC-850 立式加工中心", "piece", 385_000, None),
            ("Machining centre HMC-500 卧式加工中心", "piece", 920_000, None),
        ),
        "Lathes": (
            ("CNC lathe CK-6140 数控车床", "piece", 118_000, None),
            ("CNC lathe CK-6163 数控车床", "piece", 186_000, None),
            ("Turning centre TC-200 车削中心", "piece", 452_000, None),
        ),
        "Grinding": (
            ("Surface grinder M-7140 平面磨床", "piece", 96_000, None),
            ("Cylindrical grinder M-1432 外圆磨床", "piece", 142_000, None),
        ),
    },
    "Hydraulics 液压": {
        "Pumps and valves": (
            ("Piston pump A10-45 柱塞泵", "piece", 6_800, None),
            ("Vane pump PV-20 叶片泵", "piece", 2_450, None),
            ("Directional valve 4WE6 换向阀", "piece", 780, None),
        ),
        "Power units": (
            ("Hydraulic power unit HP-15 液压站", "piece", 28_500, None),
            ("Cylinder HSG-80 液压缸", "piece", 3_200, None),
        ),
    },
    "Tools and parts 刀具配件": {
        "Cutting tools": (
            ("Carbide inserts, box of 10 硬质合金刀片", "box", 320, None),
            ("End mill set 立铣刀套装", "set", 1_260, None),
            ("Tool holder BT40 刀柄", "piece", 540, None),
        ),
        "Spare parts": (
            ("Spindle bearing set 主轴轴承", "set", 4_900, None),
            ("Ball screw 4010 滚珠丝杠", "piece", 3_650, None),
            ("Way cover 导轨防护罩", "piece", 1_850, None),
            ("Servo drive SD-2 伺服驱动器", "piece", 7_400, None),
        ),
    },
    "Services 服务": {
        "Maintenance": (
            ("Maintenance contract, one year 年度维保", "year", 18_000, 12),
            ("Remote monitoring, one year 远程监测", "year", 6_000, 12),
            ("Extended warranty, two years 延长质保", "contract", 26_000, 24),
            ("Annual inspection 年检", "visit", 3_800, 12),
        ),
        "Advice and training": (
            ("Operator training 操作培训", "day", 4_500, None),
            ("Process advice 工艺咨询", "day", 6_800, None),
        ),
        "Private clients": (
            ("Family finance plan, one year 家庭理财规划", "year", 1_200, 12),
            ("Home equipment care, two years 家电保养", "contract", 880, 24),
        ),
    },
}


def add_catalogue(session: ScopedSession) -> dict[str, list[Product]]:
    """-> products by their lower category."""
    found: dict[str, list[Product]] = {}
    for upper, below in _CATALOGUE.items():
        above = add_category(session, CategoryInput(name=upper))
        for lower, products in below.items():
            category = add_category(session, CategoryInput(name=lower, parent_id=above.id))
            found[lower] = [
                add_product(
                    session,
                    ProductInput(name=name, category_id=category.id, unit=unit, price=Decimal(price), renewal_months=months),
                )
                for name, unit, price, months in products
            ]
    return found
