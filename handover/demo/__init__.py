"""The demo: invented people at places that exist, with nine months of talks behind them and some ahead."""

from handover.demo.coming import ensure_soon, talk_now
from handover.demo.people import ACCOUNTS
from handover.demo.seeding import seed

__all__ = ["ACCOUNTS", "ensure_soon", "seed", "talk_now"]
