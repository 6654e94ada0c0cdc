"""Reading settings and series together, so that everything that is wrong is told at once."""

from pathlib import Path

from plugins._chat.config import BadSetting, Settings, load_settings
from plugins._talk.problems import Problems
from plugins._talk.series import Series
from plugins._talk.series_file import BadSeries, load_series


def read_series(file: Path | None) -> Series:
    """A series whose template of the minutes can be read. Raises BadSeries."""
    series = load_series(file)
    if series.texts.template is not None:
        from plugins._talk.render.minutes import check_template  # it takes all documents and the database to import

        check_template(series)
    return series


def read_alone(root: Path, file: Path) -> tuple[Settings, Series]:
    """A series' file, whatever the settings are, with those of a sandbox. Raises BadSeries."""
    file = file.absolute()
    return Settings(root=root, sandbox=True, talk_file=file), read_series(file)


def read_all(root: Path) -> tuple[Settings, Series]:
    """Settings and series of the installation in `root`. Raises Problems with all that is wrong in either."""
    wrong: list[str] = []
    settings = series = None
    file: Path | None = None
    try:
        settings = load_settings(root)
        file = settings.series_file
    except BadSetting as bad:
        wrong += bad.problems
        file = bad.series_file
    try:
        series = read_series(file)
    except BadSeries as bad:
        wrong += bad.problems
    if settings is None or series is None:
        raise Problems(*wrong)
    return settings, series
