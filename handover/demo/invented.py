"""People who do not exist: patients and relatives of the demo, drawn from common names, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

Sex = Literal["female", "male"]

_FEMALE = {
    "da": "Karen Kirsten Inger Else Gitte Lone Hanne Susanne Birthe Annette Lise Ruth Tove Bente Rikke Dorte Vibeke",
    "nb": "Marit Randi Solveig Turid Ingrid Berit Gunn Torill Aud Wenche",
}
_MALE = {
    "da": "Jens Peter Hans Niels Erik Svend Ole Jørgen Finn Knud Henning Bjarne Leif Poul Kurt Allan",
    "nb": "Arne Odd Kjell Terje Sverre Leif Oddvar Geir Tormod Roald",
}
_LAST = {
    "da": "Nissen Petersen Hansen Jessen Iversen Thomsen Lorenzen Clausen Schmidt Bonde Juhl Kjær Brandt Paulsen Toft "
    "Møller Asmussen Damgaard Krogh Ravn Skov Friis Lassen Bech",
    "nb": "Hagen Strand Moen Haugland Solberg Myhre Eide Berge Lie Nygård Sandvik Tveit",
}

# Relation of a relative to the patient → the relative's sex, where it says so.
_RELATIONS: dict[str, Sex | None] = {
    "partner": None,
    "daughter": "female",
    "son": "male",
    "sibling": None,
    "friend": None,
    "neighbour": None,
}


# Why a ward cancels; needs without an offer, by theme; the patient's own words.
CANCELLED = {
    "da": ("Udskrevet tidligere end ventet", "Patienten vil hellere ringes op derhjemme"),
    "nb": ("Utskrevet tidligere enn ventet", "Pasienten vil heller bli ringt hjemme"),
}
UNMET = {
    "da": (
        ("mouth", "En tandlæge, der ved noget om mundtørhed efter stråler"),
        ("everyday", "Kørsel til træning, når man bor på landet"),
        ("sexuality", "Nogen at tale med om samliv, som ikke er en gruppe"),
        ("work", "Hjælp til at tale med arbejdsgiveren"),
    ),
    "nb": (
        ("mouth", "Tannlege som kan noe om munntørrhet etter stråling"),
        ("everyday", "Skyss til trening fra øyene"),
        ("network", "Noen på samme alder å snakke med"),
    ),
}
WORDS = {
    "da": (
        "Jeg vil gerne kunne gå tur med hunden igen.",
        "Det er rart at have et navn at ringe til.",
        "Jeg vil først hjem og sove i min egen seng.",
        "Min mand skal have nogen at tale med.",
    ),
    "nb": (
        "Jeg vil gjerne klare trappene hjemme.",
        "Godt å vite hvem jeg kan ringe.",
        "Jeg vil hjem og fiske igjen.",
    ),
}


@dataclass(frozen=True)
class Patient:
    """Somebody on the ward; `reference` is the hospital's own."""

    first: str
    last: str
    sex: Sex
    birth_year: int
    reference: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        return f"{_plain(self.first)}.{_plain(self.last)}@home.example"

    @property
    def initials(self) -> str:
        return self.first[0] + self.last[0]


@dataclass(frozen=True)
class Relative:
    """Somebody of the patient's, with an address where no mail arrives."""

    name: str
    email: str
    relation: str


def patient(rng: Random, language: str, number: int, year: int) -> Patient:
    """The `number`th patient of a ward in `year`."""
    sex: Sex = "female" if rng.random() < 0.58 else "male"
    first = rng.choice((_FEMALE if sex == "female" else _MALE)[language].split())
    last = rng.choice(_LAST[language].split())
    age = min(88, max(34, round(rng.gauss(64, 12))))
    return Patient(first, last, sex, year - age, f"{first[0]}{last[0]}-{1000 + number}")


def relative(rng: Random, language: str, of: Patient) -> Relative:
    """Somebody close to a patient; family often shares the name."""
    relation = rng.choices(list(_RELATIONS), (40, 25, 15, 8, 8, 4))[0]
    sex = _RELATIONS[relation] or ("male" if of.sex == "female" else "female")
    first = rng.choice((_FEMALE if sex == "female" else _MALE)[language].split())
    last = rng.choice(_LAST[language].split()) if relation in ("friend", "neighbour", "sibling") else of.last
    return Relative(f"{first} {last}", f"{_plain(first)}.{_plain(last)}@home.example", relation)


def _plain(name: str) -> str:
    """The name as mail providers write it."""
    for letter, written in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        name = name.lower().replace(letter, written)
    return name
