"""The thread `web`: serves the application with uvicorn, beside the loop and never in its way."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from threading import Thread

import uvicorn
from fastapi import FastAPI

from device.config import WebSettings
from device.errors import ConfigError
from device.tell.health import State
from device.web.access import Access
from device.web.additions import Addition
from device.web.appliance import Appliance
from device.web.application import build, show
from device.web.listening import CONNECTIONS, listening, refuse_bad_certificate

log = logging.getLogger(__name__)

CLOSING_S = 5.0


def serve(appliance: Appliance, additions: Sequence[Addition] = ()) -> WebServer | None:
    """The server of a device, answering; None, with the reason in the log, if it cannot be served.

    Without it the door does its work all the same, so none of its faults ends the device. Whoever starts
    the device on a terminal is shown a link that logs in; the log, which others may read, never has it.
    """
    access = Access(appliance.folder)
    try:
        server = WebServer(appliance.project.section("web"), appliance, access, additions)
    except ConfigError as error:
        log.error("%s; the door goes on without the page", error)
        appliance.health.set("web", State.FAULT, str(error), "correct [web] in the project file")
        return None
    server.start()
    log.info("the page is at %s", server.address)
    if sys.stdout.isatty():
        print(f"open it once without a password: {server.one_time_link()}", flush=True)
    return server


class WebServer:
    """Listens from the start of its life, answers from `start` on, until `stop`."""

    def __init__(
        self,
        settings: WebSettings,
        appliance: Appliance,
        access: Access,
        additions: Sequence[Addition] = (),
    ) -> None:
        """Take the port.

        Raises:
            ConfigError: it is taken, the host is none of ours, or certificate and key do not fit.
        """
        self._settings = settings
        self._access = access
        self._appliance = appliance
        self._app = build(appliance, access, additions)
        self._server = uvicorn.Server(_configured(settings, self._app))
        self._socket = listening(settings)
        self._thread = Thread(target=self._run, name="web", daemon=True)

    @property
    def port(self) -> int:
        found: int = self._socket.getsockname()[1]
        return found

    @property
    def address(self) -> str:
        """Where the page is, as seen from the device itself if it listens everywhere."""
        host = self._settings.host
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        shown = f"[{shown}]" if ":" in shown else shown
        return f"{'https' if self._settings.certificate else 'http'}://{shown}:{self.port}"

    def show(self, appliance: Appliance) -> None:
        """Serve this device in place of the one before; whoever is logged in stays so."""
        before, self._appliance = self._appliance, appliance
        show(self._app, appliance)
        before.reading.close()

    def one_time_link(self) -> str:
        """An address that logs the owner in once, within ten minutes, from this very device."""
        return f"{self.address}/login?once={self._access.links.make()}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close all connections and end the thread; harmless if it was never started."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(CLOSING_S)
        self._socket.close()
        if (service := self._app.state.rekognition) is not None:
            service.close()
        self._app.state.errands.close()
        self._appliance.reading.close()
        self._app.state.writing.close()

    def _run(self) -> None:
        health = self._appliance.health
        health.set("web", State.OK, f"listens on {self.address}")
        try:
            self._server.run(sockets=[self._socket])
        except (Exception, SystemExit):  # the top of a thread: without the page the door still works
            log.exception("the web has stopped; the door goes on without it")
        if not self._server.should_exit:
            health.set("web", State.FAULT, "has stopped", "see the log, and start the device again")


def _configured(settings: WebSettings, app: FastAPI) -> uvicorn.Config:
    refuse_bad_certificate(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        proxy_headers=bool(settings.behind_proxy),
        forwarded_allow_ips=_proxy(settings) or None,
        ssl_certfile=settings.certificate or None,
        ssl_keyfile=settings.key or None,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=1,
    )
    config.load()
    return config


def _proxy(settings: WebSettings) -> str:
    try:
        return str(ip_address(settings.behind_proxy)) if settings.behind_proxy else ""
    except ValueError:
        raise ConfigError(
            f'[web] behind_proxy = {settings.behind_proxy!r}: name the proxy\'s address, such as "127.0.0.1"'
        ) from None
