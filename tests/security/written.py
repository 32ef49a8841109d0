"""All that an answer says, as one text: to look for marks in, and to compare two answers."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pandas as pd
from pydantic import BaseModel
from sqlalchemy.inspection import inspect

from crm.database import Base


def written(value: Any) -> str:
    if isinstance(value, pd.DataFrame | pd.Series):
        frame = value.to_frame() if isinstance(value, pd.Series) else value
        return f"{list(frame.columns)} {frame.to_numpy().tolist()!r}" if len(frame) else "nothing"
    if isinstance(value, Base):
        state = inspect(value)
        return written({one.key: state.dict[one.key] for one in state.mapper.column_attrs if one.key in state.dict})
    if isinstance(value, BaseModel):
        return written(value.model_dump())
    if is_dataclass(value) and not isinstance(value, type):
        return written({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return written(sorted(value, key=repr))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(one) for one in value) + "]"
    return repr(value)
