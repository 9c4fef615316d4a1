#!/bin/sh
# A certificate authority of your own, and a broker certificate signed by it.
#
#   private-ca.sh FOLDER HOST…      HOST is a name or an IP address; give all by which the broker is reached
#
# Leaves in FOLDER: ca.pem (to be trusted by agents and browsers), ca-key.pem (keep it off the broker), and fullchain.pem and
# privkey.pem for the broker. Run again with the same FOLDER, it keeps the authority and renews the certificate.
set -eu
umask 077

[ $# -ge 2 ] || { echo "usage: $0 FOLDER HOST…" >&2; exit 2; }
folder=$1
shift
mkdir -p "$folder"
cd "$folder"

names=''
for host in "$@"; do
  case $host in
    *[!0-9.]*) case $host in *:*) kind=IP ;; *) kind=DNS ;; esac ;;
    *) kind=IP ;;
  esac
  names="${names:+$names,}$kind:$host"
done

# All is made in here first: a renewal that fails leaves key and certificate that belong together.
new=$(mktemp -d ./new.XXXXXX)
trap 'rm -rf "$new"' EXIT
run() { "$@" 2>"$new/log" || { cat "$new/log" >&2; exit 1; }; }

if [ ! -e ca.pem ]; then
  run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj '/CN=Porthole private CA' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$new/ca-key.pem" -out "$new/ca.pem"
  chmod 644 "$new/ca.pem"
  mv "$new/ca-key.pem" .
  mv "$new/ca.pem" .
fi

run openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
  -keyout "$new/privkey.pem" -out "$new/server.csr"
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n' "$names" >"$new/server.ext"
# Apple's systems refuse server certificates that live longer than 825 days, those of private authorities included.
run openssl x509 -req -in "$new/server.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 820 \
  -extfile "$new/server.ext" -out "$new/server.pem"
cat "$new/server.pem" ca.pem >"$new/fullchain.pem"
chmod 644 "$new/fullchain.pem"
mv "$new/privkey.pem" "$new/fullchain.pem" .
