"""The Dramatiq broker that `BROKER_URL` names."""

from typing import Any

from django.conf import settings
from dramatiq import Broker


def broker_from_settings(middleware: list[Any] | None = None, **options: Any) -> Broker:
    """Build the broker: Redis/Valkey, RabbitMQ, or the application's own Postgres when no URL is set."""
    url = settings.BROKER_URL
    scheme = url.partition("://")[0]
    if not url:
        return _postgres(middleware)
    if scheme in ("redis", "rediss", "valkey", "valkeys"):
        from dramatiq.brokers.redis import RedisBroker

        return RedisBroker(url=url.replace("valkey", "redis", 1), middleware=middleware, **options)
    if scheme in ("amqp", "amqps"):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        return RabbitmqBroker(url=url, middleware=middleware, confirm_delivery=True, **options)
    raise ValueError(
        f"BROKER_URL cannot start with {scheme!r}: use redis://, rediss://, amqp:// or amqps://, or leave it unset."
    )


def _postgres(middleware: list[Any] | None) -> Broker:
    from dramatiq_postgres.broker import PostgresBroker
    from psycopg_pool import ConnectionPool

    from lightfast.database import DjangoConnection

    # Not DATABASES' own pool: the broker keeps a connection of its own for LISTEN.
    pool = ConnectionPool(
        connection_class=DjangoConnection,
        min_size=0,
        max_size=16,
        open=True,
        check=ConnectionPool.check_connection,
    )
    broker: Broker = PostgresBroker(pool=pool, middleware=middleware, results=False, heartbeat_ttl=30.0)
    return broker
