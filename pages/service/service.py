"""How the service goes: figures, complaints, satisfaction, promises."""

from crm.ui.desk import page

person = page("Service quality", needs="support:see")
