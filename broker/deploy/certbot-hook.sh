#!/bin/sh
# Gives a server the certificate that certbot has just got. Install it under the name of the service:
#
#   install -m 755 certbot-hook.sh /etc/letsencrypt/renewal-hooks/deploy/mosquitto
set -eu

service=$(basename "$0")
case $service in
  mosquitto) certs=/etc/mosquitto/certs group=mosquitto ;;
  nats-server) certs=/etc/nats/certs group=nats ;;
  rabbitmq-server) certs=/etc/rabbitmq/certs group=rabbitmq ;;
  coturn) certs=/etc/coturn/certs group=turnserver ;;
  *) echo "$0: not the name of a service that this hook knows" >&2; exit 2 ;;
esac

install -d -m 750 -g "$group" "$certs"
install -m 640 -g "$group" "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem" "$certs"
# Not a reload: Mosquitto 2.0 then renews its TLS listener and leaves the WebSocket one on the old certificate. Agents and
# viewers connect again within seconds; pictures and commands do not pass a broker and go on meanwhile. Those that pass
# coturn pause until the viewer has come back.
systemctl restart "$service"
