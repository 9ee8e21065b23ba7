"""Figures in the text form of Prometheus, read from the latest pass when they are asked for."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from device.messages import BoltState, Door
from device.tell.health import State
from device.tell.statistics import Report
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.latest import Tally
from device.web.permission import READS, only

router = APIRouter(tags=["metrics"], dependencies=only(READS))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(served: Served) -> Response:
    """Figures for Prometheus; it needs a token with the scope "read"."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(served))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """Implements prometheus_client's Collector over one device."""

    def __init__(self, served: Appliance) -> None:
        self._served = served

    def collect(self) -> Iterator[Metric]:
        yield from _counted(self._served.latest.tally)
        yield from self._now()
        if self._served.statistics is not None:
            yield from _own(self._served.statistics.report())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        yield _gauge("memory_peak_bytes", "Most memory that was resident so far.", memory)

    def _now(self) -> Iterator[Metric]:
        moment, now = self._served.latest.moment, self._served.clock.now()
        health = GaugeMetricFamily("latchlens_part_ok", "1 while a part is well.", labels=["part"])
        for condition in self._served.health.report():
            health.add_metric([condition.part], float(condition.state is State.OK))
        yield health
        if moment is None:
            return
        observation, decision = moment.observation, moment.decision
        if moment.seen is not None:
            yield _gauge("frame_age_seconds", "Age of the newest frame.", now - moment.seen.frame.time)
        yield _gauge("bolt_unlocked", "1 while the bolt is sensed open.", _is_open(observation.inputs.bolt))
        yield _gauge("door_open", "1 while the flap stands open.", observation.inputs.door is Door.OPEN)
        yield _gauge("enforcing", "1 while the bolt obeys.", observation.settings.enforce)
        yield _gauge("visits_open", "Animals before the door.", len(moment.visits))
        yield _gauge("lockouts", "Lockouts in force.", len(decision.lockouts))


def _own(report: Report) -> Iterator[Metric]:
    """How the device itself does; what nothing measures is left out."""
    yield _gauge("frames_per_second", "Over the last minute.", report.frames_per_s)
    latency = GaugeMetricFamily(
        "latchlens_decision_latency_seconds", "From exposure to lease.", labels=["quantile"]
    )
    for quantile, value in (("0.5", report.latency_p50_s), ("0.95", report.latency_p95_s)):
        if value is not None:
            latency.add_metric([quantile], value)
    yield latency
    if report.temperature_c is not None:
        yield _gauge("processor_celsius", "Temperature of the processor.", report.temperature_c)
    if report.throttled is not None:
        yield _gauge("throttled", "1 while the processor is held back.", bool(report.throttled))


def _is_open(bolt: BoltState) -> bool:
    return bolt is BoltState.UNLOCKED


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"latchlens_{name}", text, value=float(value))


def _counted(tally: Tally) -> Iterator[Metric]:
    for name, text, count in (
        ("passes", "Passes of the loop.", tally.passes),
        ("frames", "Frames that were looked at.", tally.frames),
        ("frames_dropped", "Frames that nobody took.", tally.dropped),
        ("passes_blind", "Passes in which the camera proved nothing.", tally.blind),
    ):
        yield CounterMetricFamily(f"latchlens_{name}", text, value=count)
    for name, text, label, counts in (
        ("decisions", "Decisions by what they asked for.", "outcome", tally.outcomes),
        ("visits", "Ended visits by their kind.", "kind", tally.visits),
        ("events", "Events by their kind.", "kind", tally.events),
    ):
        family = CounterMetricFamily(f"latchlens_{name}", text, labels=[label])
        for value, count in dict(counts).items():
            family.add_metric([value], count)
        yield family
