"""Every table, imported once: for migrations, access limits and tests."""

from crm.audit import AuditEntry
from crm.catalogue import models as catalogue
from crm.customers import models as customers
from crm.database import Base
from crm.office import models as office
from crm.staff import models as staff

metadata = Base.metadata

__all__ = ["AuditEntry", "catalogue", "customers", "metadata", "office", "staff"]
