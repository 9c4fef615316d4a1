#!/bin/sh
# Makes an account, or gives it a new password, and prints the password. It counts at once.
#
#   add-account.sh NAME             NAME is a device id, or "viewer"
set -eu

name=${1:?usage: $0 NAME}
# The name becomes part of a pattern.
case $name in *[!A-Za-z0-9_-]*) echo "$0: use letters, digits, _ and - only" >&2; exit 2 ;; esac

# RabbitMQ writes "." for "/" and "*" for "+". A pattern without "*" forbids subscriptions with a wildcard, so that viewers see
# only devices that they know, and of those only their own session.
case $name in
  viewer)
    write='^porthole\.1\.[0-9a-f]{32}\.in\.[A-Za-z0-9_-]{22}$'
    read='^porthole\.1\.[0-9a-f]{32}\.(status|out\.[A-Za-z0-9_-]{22})$'
    ;;
  *)
    write="^porthole\\.1\\.$name\\.(status|out\\.[A-Za-z0-9_-]{22})\$"
    read="^porthole\\.1\\.$name\\.in\\.\\*\$"
    ;;
esac

# No "+" or "/": the password of viewers stands in an address. It goes through a pipe, so that no list of processes shows it.
password=$(openssl rand -hex 16)
echo "$password" | rabbitmqctl --quiet add_user "$name" >/dev/null 2>&1 ||
  echo "$password" | rabbitmqctl --quiet change_password "$name" >/dev/null
queues='mqtt-subscription-.*'
rabbitmqctl --quiet set_permissions --vhost porthole "$name" "^$queues" "^($queues|amq\\.topic)\$" "^($queues|amq\\.topic)\$"
rabbitmqctl --quiet set_topic_permissions --vhost porthole "$name" amq.topic "$write" "$read"
echo "$password"
