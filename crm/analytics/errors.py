"""What an analysis refuses, as an English template and its values, so that it can be said in another language."""


class AnalyticsError(ValueError):
    """Data or arguments that no figure can be computed from."""

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), self.template, self.values)


class TooLittleData(AnalyticsError):  # noqa: N818 - it is raised, and also carried by a fitter as the reason of a refusal
    """The data are sound, but say too little for this figure."""


def _restored(kind: type[AnalyticsError], template: str, values: dict[str, object]) -> AnalyticsError:
    return kind(template, **values)
