"""Where all subjects meet: the tables that say which of them follows upon which.

Importing this module makes every table of the registers known.
"""

from registers.controllers import models as controllers
from registers.kernel import act, audit, files, references
from registers.people import models as people

__all__ = ["act", "audit", "controllers", "files", "people", "references"]
