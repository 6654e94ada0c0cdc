"""The whole application: pages, files and stage behind their common face, for the service of this process."""

from plugins._chat.service import current_service
from plugins.web.face import Face
from plugins.web.pages import register
from plugins.web.site import Web


def application() -> Face:
    """All that the public sees."""
    service = current_service()
    web = Web(service)
    register(web)
    return Face(web.app, lambda: service.monotonic())
