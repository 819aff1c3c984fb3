"""Templates get their sentences when they are compiled, once for each language, instead of at every look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

CALL = ["name", "lparen", "string", "rparen"]  # _("Book a talk")


class Sentences(Extension):
    """Puts the environment's language in place of `_("…")`: a page spends a third of its time on looking sentences up
    and escaping them. A template that gives `_` another meaning on its way (`{% set _ = … %}`) is left as it is, and
    must not include others, which would speak the page's language."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The template's tokens, with each sentence as the text it is in this language."""
        tokens = list(stream)
        if any(_is_underscore(one) and two.type == "assign" for one, two in pairwise(tokens)):
            yield from tokens
            return
        say: Callable[[str], str] = self.environment.say  # type: ignore[attr-defined]
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if _is_underscore(token) and [one.type for one in tokens[place : place + 4]] == CALL:
                yield Token(token.lineno, "string", say(tokens[place + 2].value))
                place += 4
            else:
                yield token
                place += 1


def speaking(environment: Environment, say: Callable[[str], str]) -> Environment:
    """The same environment for one language; nothing may have been compiled in it yet."""
    environment.extend(say=say)
    environment.add_extension(Sentences)
    return environment


def _is_underscore(token: Token) -> bool:
    return token.type == "name" and token.value == "_"
