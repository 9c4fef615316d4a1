#!/bin/sh
# Makes an account, or gives it a new password, and prints the password.
#
#   add-account.sh NAME             NAME is a device id, or "viewer"
#
# Mosquitto reads the change with `systemctl reload mosquitto`.
set -eu
umask 077

passwords=/etc/mosquitto/porthole.passwords
name=${1:?usage: $0 NAME}
# A name with "/" would reach into the topics of others; "+" and "#" are refused by Mosquitto itself.
case $name in *[!A-Za-z0-9_-]*) echo "$0: use letters, digits, _ and - only" >&2; exit 2 ;; esac

# No "+" or "/": the password of viewers stands in an address.
password=$(openssl rand -hex 16)
line=$(mktemp)
trap 'rm -f "$line" "$passwords.new"' EXIT
printf '%s:%s\n' "$name" "$password" >"$line"
mosquitto_passwd -U "$line"
touch "$passwords"
grep -v "^$name:" "$passwords" >"$passwords.new" || true
cat "$line" >>"$passwords.new"
# Written into the same file, so that it keeps its owner and mode.
cat "$passwords.new" >"$passwords"
echo "$password"
