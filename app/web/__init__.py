"""HTTP faces: webhooks, phone simulator, health, metrics. Thin: they read a request, call a handler, and answer."""
