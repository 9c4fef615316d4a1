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

if [ ! -e ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj '/CN=Porthole private CA' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout ca-key.pem -out ca.pem 2>/dev/null
fi

openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout privkey.pem -out server.csr 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n' "$names" >server.ext
# Apple's systems refuse server certificates that live longer than 825 days, those of private authorities included.
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 820 -extfile server.ext -out server.pem 2>/dev/null
cat server.pem ca.pem >fullchain.pem
rm server.csr server.ext server.pem
chmod 644 ca.pem fullchain.pem
