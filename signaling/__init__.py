"""WebRTC signaling for small rooms with a waiting room: a protocol, its server and its browser modules."""
