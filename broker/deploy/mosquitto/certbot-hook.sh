#!/bin/sh
# /etc/letsencrypt/renewal-hooks/deploy/mosquitto: gives Mosquitto the certificate that certbot has just got.
set -eu

certs=/etc/mosquitto/certs
install -d -m 750 -o root -g mosquitto "$certs"
install -m 640 -o root -g mosquitto "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem" "$certs"
# Not a reload: Mosquitto 2.0 then renews the TLS listener and leaves the WebSocket one on the old certificate. Agents and
# viewers connect again within seconds; pictures and commands do not pass the broker and go on meanwhile.
systemctl restart mosquitto
