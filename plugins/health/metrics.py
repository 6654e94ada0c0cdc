"""The metrics, in Prometheus' text format, gathered when they are asked for."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from db.queries.storage import Stored
from plugins._chat.service import Service
from plugins._chat.tally import BUCKETS, Tally
from plugins._chat.version import VERSION

MEDIA_TYPE = CONTENT_TYPE_LATEST


def exposition(service: Service, stored: Stored | None) -> bytes:
    """All metrics; those of the database are left out where it does not answer (`stored` is None)."""
    registry = CollectorRegistry()
    registry.register(_Everything(service, stored))
    return generate_latest(registry)


class _Everything(Collector):
    def __init__(self, service: Service, stored: Stored | None) -> None:
        self._service, self._stored = service, stored

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("talk_bot", "The program", value={"version": VERSION})
        yield from _asked(self._service.tally)
        yield from _running(self._service)
        if self._stored is not None:
            yield GaugeMetricFamily("talk_database_bytes", "Size of the database", value=self._stored.size)
            yield _deliveries(self._stored.deliveries)


def _asked(tally: Tally) -> Iterator[Metric]:
    commands = CounterMetricFamily("talk_commands", "Commands, by how they ended", labels=("command", "outcome"))
    for (command, ending), count in tally.commands.items():
        commands.add_metric((command, ending.value), count)
    yield commands
    reached = accumulate(tally.answers)
    names = (*(str(each) for each in BUCKETS), "+Inf")
    seconds = HistogramMetricFamily("talk_answer_seconds", "From a message that was heard to its answer")
    seconds.add_metric((), list(zip(names, reached, strict=True)), tally.seconds)
    yield seconds


def _running(service: Service) -> Iterator[Metric]:
    online = {bot.self_id for bot in service.accounts.online()}
    accounts = GaugeMetricFamily("talk_account_online", "Connected accounts; 0: logged out of QQ", labels=("account",))
    for bot in service.bots():
        accounts.add_metric((bot.self_id,), float(bot.self_id in online))
    yield accounts
    yield GaugeMetricFamily("talk_connections", "Connections of OneBot implementations", value=len(service.bots()))
    yield GaugeMetricFamily("talk_writer_queue", "Use cases that wait for the writer", value=service.db.waiting)
    since = service.monotonic() - service.ticked_at
    yield GaugeMetricFamily("talk_clock_seconds", "Since the clock last looked for what is due", value=since)


def _deliveries(owed: Mapping[tuple[str, str], int]) -> Metric:
    family = GaugeMetricFamily("talk_deliveries", "Deliveries, by kind and state", labels=("kind", "state"))
    for (kind, state), count in owed.items():
        family.add_metric((kind, state), count)
    return family
