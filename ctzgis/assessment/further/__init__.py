"""What an assessment measures besides its targets, when asked (另行量算)."""

from ctzgis.assessment.further.parts import Drawn, Field, Found, Further, Sheet
from ctzgis.assessment.further.registry import (
    FURTHER,
    measure_further,
    require_further,
)

__all__ = [
    "FURTHER",
    "Drawn",
    "Field",
    "Found",
    "Further",
    "Sheet",
    "measure_further",
    "require_further",
]
