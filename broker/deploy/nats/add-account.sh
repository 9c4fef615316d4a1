#!/bin/sh
# Makes an account, or gives it a new password, and prints the password.
#
#   add-account.sh NAME             NAME is a device id, or "viewer"
#
# Copy the file to the other servers; each reads it with `systemctl reload nats-server`.
set -eu
umask 027

accounts=/etc/nats/accounts.conf
name=${1:?usage: $0 NAME}
# "." divides the levels of a topic in NATS, and "*" and ">" stand for any of them.
case $name in *[!A-Za-z0-9_-]*) echo "$0: use letters, digits, _ and - only" >&2; exit 2 ;; esac

# No "+" or "/": the password of viewers stands in an address.
password=$(openssl rand -hex 16)
hash=$(PASSWORD=$password SALT=$(openssl rand -hex 11) perl -e 'print crypt $ENV{PASSWORD}, "\$2b\$10\$" . substr($ENV{SALT}, 0, 21) . "O"')
case $name in
  viewer) rights='publish: ["porthole.1.*.in.*"], subscribe: ["porthole.1.*.status", "porthole.1.*.out.*", "$MQTT.sub.>"]' ;;
  *) rights="publish: [\"porthole.1.$name.status\", \"porthole.1.$name.out.*\"], subscribe: [\"porthole.1.$name.in.*\", \"\$MQTT.sub.>\"]" ;;
esac

changed=$(mktemp)
trap 'rm -f "$changed"' EXIT
grep -v -e "{user: \"$name\"," -e '^]' "$accounts" >"$changed"
printf '  {user: "%s", password: "%s", permissions: {%s}, allowed_connection_types: ["MQTT", "MQTT_WS"]}\n]\n' "$name" "$hash" "$rights" >>"$changed"
# Written into the same file, so that it keeps its owner and mode.
cat "$changed" >"$accounts"
echo "$password"
