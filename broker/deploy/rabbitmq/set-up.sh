#!/bin/sh
# Once, after RabbitMQ has been started with its new configuration: a virtual host for Porthole, and no well-known account.
set -eu

rabbitmqctl --quiet add_vhost porthole
# A connection is one queue or two; whoever opens more is not one of ours.
rabbitmqctl --quiet set_vhost_limits --vhost porthole '{"max-connections": 1000, "max-queues": 2000}'
rabbitmqctl --quiet delete_user guest
