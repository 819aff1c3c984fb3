"""Calendar invitations by mail (RFC 5545, 5546, 6047, 7986): plain values in, bytes and messages out.

Knows nothing of wards, databases or web pages; every text a person reads is handed in by the caller.
"""
