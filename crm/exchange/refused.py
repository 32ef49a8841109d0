"""The rows that were refused, as a file to mend and import again."""

from collections.abc import Callable

import pandas as pd

from crm.exchange.reading import EXTRA, REASON, Table


def refused_file(table: Table, problems: pd.DataFrame, say: Callable[..., str] = str.format) -> pd.DataFrame:
    """The refused rows as they were in the file, then their cells too many, then `REASON`: all reasons of the row.

    `say(template, **values)` gives the sentence in the reader's language. The added columns are left out when the saved file is
    read again.
    """
    sentences = [
        f"{column}: {say(template, **values)}" if column else say(template, **values)
        for column, template, values in zip(
            problems["column"], problems["reason_template"], problems["reason_values"], strict=True
        )
    ]
    by_row: dict[int, str] = {}
    for row, sentence in zip(problems["row"].tolist(), sentences, strict=True):
        by_row[row] = f"{by_row[row]} {sentence}" if row in by_row else sentence
    reasons = pd.Series(by_row, dtype="str")
    refused = table.frame.loc[table.frame.index.isin(reasons.index)].copy()
    beyond = {line: table.extra[line] for line in refused.index if line in table.extra}
    for place in range(max(map(len, beyond.values()), default=0)):
        cells = {line: extra[place] for line, extra in beyond.items() if place < len(extra)}
        refused[EXTRA.format(number=place + 1)] = pd.Series(cells, dtype="str").reindex(refused.index)
    refused[REASON] = reasons.reindex(refused.index)
    return refused
