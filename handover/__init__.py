"""Handover: the conversation about what comes after hospital, from booking to figures."""

__version__ = "0.1.0"
