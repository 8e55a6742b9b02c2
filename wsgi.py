"""`application` for any WSGI server. In embedded mode the worker's threads run inside the same process."""

from app import create_app
from app.config import load_settings
from app.wiring import build_carrier
from app.worker.embedded import start_embedded

settings = load_settings()
application = create_app(settings)
service = application.extensions["huifu"]
worker = start_embedded(service, settings, build_carrier(service))
