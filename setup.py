"""Packages of the wheel: `cypher/` and `plugin/` stand at the top level and ship inside the package."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["kgrec_gds*"]), "kgrec_gds.cypher", "kgrec_gds.plugin"],
    package_dir={"kgrec_gds.cypher": "cypher", "kgrec_gds.plugin": "plugin"},
)
