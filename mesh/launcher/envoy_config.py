"""Envoy's configuration for one machine, built from a few typed values.

Field names are those of Envoy's API v3, https://www.envoyproxy.io/docs/envoy/v1.39.3/api-v3/api.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from mesh import tokens
from mesh.errors import SpotterError, to_status

Json = dict[str, Any]

EDGE_PACKAGE = "/spotter.edge.v1."
"""Every service of this package is public."""
HEALTH_SERVICE = "/grpc.health.v1.Health/"
STREAMING_METHODS = "(?:Stream|Read|Export)[A-Za-z]+"
IDEMPOTENT_METHODS = "(?:Get|List)[A-Za-z]+"
OPEN_METHODS = ("EdgeService/RedeemClaimCode",)
UNARY_TIMEOUT = "15s"
EXTENSIONS = "type.googleapis.com/envoy.extensions"
HTTP = f"{EXTENSIONS}.filters.http"


@dataclass(frozen=True)
class EdgeProxy:
    """What differs from one machine to the next."""

    bind: str
    port: int
    admin_port: int
    edge_address: str
    """host:port of svc_edge_api's gRPC."""
    web_address: str
    """host:port of the web app's HTTP."""
    jwks_file: Path
    cors_origins: tuple[str, ...] = ()
    max_request_bytes: int = 4 * 2**20
    requests_per_s: int = 100
    """Of one connection, in the long run; twice as many at once."""
    total_requests_per_s: int = 2000
    """Of all together."""
    max_connections: int = 2000


def bootstrap(proxy: EdgeProxy) -> Json:
    """The whole configuration, ready to be written as JSON."""
    return {
        "admin": {"address": _socket("127.0.0.1", proxy.admin_port)},
        "overload_manager": {
            "resource_monitors": [
                _typed(
                    "envoy.resource_monitors.global_downstream_max_connections",
                    f"{EXTENSIONS}.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                    max_active_downstream_connections=proxy.max_connections,
                )
            ]
        },
        "static_resources": {
            "listeners": [_listener(proxy)],
            "clusters": [
                _cluster("edge", proxy.edge_address, http2=True),
                _cluster("web", proxy.web_address, http2=False),
            ],
        },
    }


def _listener(proxy: EdgeProxy) -> Json:
    manager = _typed(
        "envoy.filters.network.http_connection_manager",
        f"{EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="public",
        codec_type="AUTO",
        use_remote_address=True,
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="REJECT_REQUEST",
        request_headers_timeout="10s",
        stream_idle_timeout="120s",
        http2_protocol_options={
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65536,
            "initial_connection_window_size": 1048576,
            "connection_keepalive": {"interval": "30s", "timeout": "10s"},
        },
        local_reply_config={"mappers": _local_replies(proxy)},
        route_config={"name": "public", "virtual_hosts": [_virtual_host(proxy)]},
        http_filters=_filters(proxy),
    )
    return {
        "name": "public",
        "address": _socket(proxy.bind, proxy.port),
        "per_connection_buffer_limit_bytes": 1048576,
        "filter_chains": [{"filters": [manager]}],
    }


def _virtual_host(proxy: EdgeProxy) -> Json:
    cors = {
        "@type": f"{HTTP}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in proxy.cors_origins],
        "allow_methods": "GET, POST, OPTIONS",
        "allow_headers": "content-type,x-grpc-web,x-user-agent,grpc-timeout,authorization",
        "expose_headers": "grpc-status,grpc-message,grpc-status-details-bin",
        "max_age": "600",
    }
    # No time limit on streams, and none that a client could ask for by grpc-timeout either.
    endless = {"timeout": "0s", "max_stream_duration": {"grpc_timeout_header_max": "0s"}}
    unary = {"timeout": UNARY_TIMEOUT, "max_stream_duration": {"grpc_timeout_header_max": UNARY_TIMEOUT}}
    connecting = "connect-failure,refused-stream"
    edge = EDGE_PACKAGE.replace(".", r"\.") + "[A-Za-z]+/"
    return {
        "name": "public",
        "domains": ["*"],
        "typed_per_filter_config": {"envoy.filters.http.cors": cors},
        "routes": [
            _route({"safe_regex": {"regex": f"{edge}{STREAMING_METHODS}"}}, "edge", connecting, **endless),
            _route(
                {"safe_regex": {"regex": f"{edge}{IDEMPOTENT_METHODS}"}}, "edge", f"{connecting},unavailable", **unary
            ),
            _route({"prefix": EDGE_PACKAGE}, "edge", connecting, **unary),
            _route({"prefix": HEALTH_SERVICE}, "edge", connecting, **endless),
            _route({"prefix": "/"}, "web", f"{connecting},reset", timeout=UNARY_TIMEOUT),
        ],
    }


def _route(match: Json, cluster: str, retry_on: str, **action: Any) -> Json:
    # A request that never reached the edge can be sent again whatever it does; the pauses bridge a restart of the edge.
    retry = {
        "retry_on": retry_on,
        "num_retries": 5,
        "retry_back_off": {"base_interval": "0.2s", "max_interval": "1s"},
    }
    return {"match": match, "route": {"cluster": cluster, "retry_policy": retry, **action}}


def _filters(proxy: EdgeProxy) -> list[Json]:
    return [
        _typed("envoy.filters.http.cors", f"{HTTP}.cors.v3.Cors"),
        _rate_limit("connection", proxy.requests_per_s, per_connection=True),
        _rate_limit("all", proxy.total_requests_per_s, per_connection=False),
        _typed("envoy.filters.http.jwt_authn", f"{HTTP}.jwt_authn.v3.JwtAuthentication", **_authentication(proxy)),
        _typed("envoy.filters.http.grpc_web", f"{HTTP}.grpc_web.v3.GrpcWeb"),
        _typed("envoy.filters.http.buffer", f"{HTTP}.buffer.v3.Buffer", max_request_bytes=proxy.max_request_bytes),
        _typed("envoy.filters.http.router", f"{HTTP}.router.v3.Router"),
    ]


def _authentication(proxy: EdgeProxy) -> Json:
    provider = {
        "issuer": tokens.ISSUER,
        "audiences": [tokens.AUDIENCE],
        "forward": True,  # The edge checks the token once more, for role and person.
        "clock_skew_seconds": 1,
        "local_jwks": {"filename": str(proxy.jwks_file)},
    }
    return {
        "providers": {"spotter": provider},
        "bypass_cors_preflight": True,
        "rules": [
            *({"match": {"path": EDGE_PACKAGE + method}} for method in OPEN_METHODS),
            {"match": {"prefix": EDGE_PACKAGE}, "requires": {"provider_name": "spotter"}},
        ],
    }


def _rate_limit(name: str, per_s: int, *, per_connection: bool) -> Json:
    share = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return _typed(
        f"envoy.filters.http.local_ratelimit.{name}",
        f"{HTTP}.local_ratelimit.v3.LocalRateLimit",
        stat_prefix=f"rate_limit_{name}",
        token_bucket={"max_tokens": 2 * per_s, "tokens_per_fill": max(1, per_s // 10), "fill_interval": "0.1s"},
        filter_enabled=share,
        filter_enforced=share,
        local_rate_limit_per_downstream_connection=per_connection,
        rate_limited_as_resource_exhausted=True,
    )


def _local_replies(proxy: EdgeProxy) -> list[Json]:
    """What Envoy itself answers, in our words and with our reasons, so that clients handle one kind of error only."""
    size_mib = proxy.max_request_bytes / 2**20
    unauthenticated, exhausted = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED
    return [
        _reply(
            401,
            "TOKEN_INVALID",
            unauthenticated,
            "The token is missing, has expired or isn't one of this gym; scan "
            "the code on the kiosk again, or ask staff for a new link.",
        ),
        _reply(429, "TOO_MANY_REQUESTS", exhausted, "Too many requests at once; try again in a second."),
        _reply(413, "REQUEST_TOO_LARGE", exhausted, f"The request is too large; send at most {size_mib:g} MiB."),
        _reply(
            503,
            "UPSTREAM_UNAVAILABLE",
            grpc.StatusCode.UNAVAILABLE,
            "Spotter is just starting again; try again in a few seconds.",
        ),
    ]


def _reply(status: int, reason: str, code: grpc.StatusCode, message: str) -> Json:
    details = to_status(SpotterError(reason, message, code=code), "edge").SerializeToString()
    encoded = base64.b64encode(details).decode().rstrip("=")
    status_filter = {"comparison": {"op": "EQ", "value": {"default_value": status, "runtime_key": f"reply_{status}"}}}
    return {
        "filter": {"status_code_filter": status_filter},
        "body_format_override": {"text_format_source": {"inline_string": message}},
        "headers_to_add": [_header("grpc-status-details-bin", encoded), _header("grpc-status", str(code.value[0]))],
    }


def _header(key: str, value: str) -> Json:
    return {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _cluster(name: str, address: str, *, http2: bool) -> Json:
    host, port = address.rsplit(":", 1)
    protocol = (
        {"http2_protocol_options": {"connection_keepalive": {"interval": "5s", "timeout": "2s"}}}
        if http2
        else {"http_protocol_options": {}}
    )
    options = {"@type": f"{EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions", "explicit_http_config": protocol}
    endpoint = {"endpoint": {"address": _socket(host, int(port))}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "circuit_breakers": {"thresholds": [{"max_requests": 4096, "max_pending_requests": 1024, "max_retries": 256}]},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _typed(name: str, type_url: str, **config: Any) -> Json:
    return {"name": name, "typed_config": {"@type": type_url, **config}}


def _socket(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}
