"""Where requests come in and answers go out: gateways, headers, limits, logging, forgery."""
