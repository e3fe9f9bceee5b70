"""Invented names of people and titles, without repeats."""

# ruff: noqa: SIM905 - word lists read best as text

import numpy as np

_FIRST = (
    "Ada Alma Anton Bela Boris Carla Cato Clara Dana Dario Edda Elio Emil Enya Fabio Flora Gero Greta Hanno Hilda "
    "Ida Igor Ines Ivo Jana Jonas Judith Karl Kira Lars Lea Leon Lilo Luca Maja Marek Mila Mona Nadia Nils Nora Olaf "
    "Olga Otis Paula Pavel Petra Quentin Rafael Rita Rosa Ruben Sara Sven Tara Theo Tilda Udo Ursula Vera Viktor "
    "Wanda Willem Xenia Yara Yuri Zara Zeno"
).split()
_SYLLABLES = (
    "bal bor cas dor del fen gar hal hol jor kas kel lan lor mar mel nor ol par per quin ras rod sal sol tam tor "
    "ul vas vel wes yor zan"
).split()
_ENDINGS = "a ano berg dahl den er etti field ford ic in is land man mont ner o ova sen ska son stein ton wick".split()
_ADJECTIVES = (
    "Amber Ancient Bitter Blue Bright Broken Burning Copper Crimson Dark Distant Early Empty Endless Fading Final First "
    "Forgotten Frozen Gentle Golden Hidden Hollow Iron Last Late Little Lonely Long Lost Missing Narrow Northern Pale "
    "Patient Quiet Red Restless Salt Second Secret Silent Silver Slow Small Stolen Strange Sudden Tall Thin Unknown "
    "Velvet Warm White Wild Winter Wooden Yellow"
).split()
_NOUNS = (
    "Anchor Answer Arrow Autumn Bridge Brother Captain Castle Circle City Clock Coast Cousin Crown Daughter Door Dream "
    "Echo Engine Evening Farm Feather Field Fire Forest Garden Ghost Guest Harbour Heart Hour House Island Journey Key "
    "King Lake Lantern Letter Light Machine Market Mirror Moon Morning Mountain Neighbour Night Ocean Orchard Painter "
    "Path Promise Queen Rain River Road Roof Sailor Sea Season Shadow Sister Sky Song Star Station Stone Storm Street "
    "Summer Table Teacher Tower Town Train Tree Valley Village Voice Wall Watch Water Wind Window Witness Wolf World"
).split()


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Draw `count` different names of people."""

    def one() -> str:
        first = _FIRST[rng.integers(len(_FIRST))]
        stem = _SYLLABLES[rng.integers(len(_SYLLABLES))] + _SYLLABLES[rng.integers(len(_SYLLABLES))]
        return f"{first} {stem.capitalize()}{_ENDINGS[rng.integers(len(_ENDINGS))]}"

    names: dict[str, None] = {}
    while len(names) < count:
        names[one()] = None
    return list(names)


def titles(rng: np.random.Generator, count: int) -> list[str]:
    """Draw `count` different titles; when they run out, sequels get a number."""
    plain = [f"The {adjective} {noun}" for adjective in _ADJECTIVES for noun in _NOUNS]
    order = rng.permutation(len(plain))
    return [
        plain[order[row % len(plain)]] + (f" {row // len(plain) + 1}" if row >= len(plain) else "")
        for row in range(count)
    ]
