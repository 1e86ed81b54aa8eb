"""Search a Lightfast workspace from Python, and look after its sources."""

from lightfast_client.client import Lightfast
from lightfast_client.errors import LightfastError, Problem, Unreachable

__all__ = ["Lightfast", "LightfastError", "Problem", "Unreachable"]
__version__ = "0.1.0"
