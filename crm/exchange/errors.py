"""The one error of the exchange: a file that cannot be read or written at all (a bad row is not an error, but a problem)."""


class ExchangeError(ValueError):
    """An English template and its values, kept apart so that the sentence can be shown in another language."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values
