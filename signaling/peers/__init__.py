"""Participants without a browser: they speak the protocol over a real WebSocket and meet over real ICE (aiortc)."""
