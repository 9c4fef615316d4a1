# Made from the command line by "npm run package -- --texts".
_porthole() {
  local word=$2 before=$3 words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'up agent broker service doctor id setup status reload invite viewers revoke view call --help --version' -- "$word")
    return
  fi
  case $before in
    --config | --state | --broker-users | --ca-file | --identity | --output)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --camera | --name | --log-level | --port | --mqtt-port | --host | --broker | --username | --password-file | --page-url | --links-broker-url | --role | --ttl | --uses | --label | --seconds | --timeout) return ;;
  esac
  case ${COMP_WORDS[1]} in
    up) words='--config --state --camera --name --log-level --port --mqtt-port --lan --broker-users --host --json --help' ;;
    agent) words='--config --state --camera --name --log-level --help' ;;
    broker) words='--port --mqtt-port --lan --broker-users --hash-password --help' ;;
    service) words='install uninstall status --print --help' ;;
    doctor) words='--json --config --state --help' ;;
    id) words='--config --state --help' ;;
    setup) words='--broker --username --password-file --ca-file --page-url --links-broker-url --camera --name --config --yes --unchecked --json --help' ;;
    status) words='--json --config --state --help' ;;
    reload) words='--config --state --help' ;;
    invite) words='--role --ttl --uses --label --json --config --state --help' ;;
    viewers) words='--json --config --state --help' ;;
    revoke) words='--config --state --help' ;;
    view) words='--seconds --camera --json --identity --label --timeout --help' ;;
    call) words='--output --identity --label --timeout --help' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _porthole porthole
