#compdef porthole
# Made from the command line by "npm run package -- --texts".
_porthole() {
  if ((CURRENT == 2)); then
    local -a commands=(
      'up:Runs broker, page and agent on this machine and prints the link.'
      'agent:Runs the device daemon against the broker of its configuration. SIGHUP makes it read the configuration again.'
      'broker:Runs the broker and the page alone, for agents on other machines.'
      'service:Installs the agent as a systemd service that starts with the machine, where npm has installed Porthole.'
      'doctor:Checks all that the agent needs, and says what to do. Exit code\: 0 all is well, 1 warnings, 2 failures.'
      'id:Prints the id of this device, its user name at most brokers. Makes its key where there is none.'
      'setup:Asks for broker, camera and name, tries them, and writes the configuration.'
      'status:Shows how the agent that runs here is doing\: broker, viewers, cameras.'
      'reload:Makes the agent that runs here read its configuration again. Fails, and changes nothing, where that is wrong.'
      'invite:Prints a link that pairs a browser with the agent that runs here.'
      'viewers:Lists who is paired with the agent that runs here, and the open invites.'
      'revoke:Takes a viewer, or an invite with all viewers that came by it, off the list and ends their sessions.'
      'view:Watches a device without a screen and reports what arrives. LINK is what an invite printed, in quotes.'
      'call:Runs one command on a device and prints its result; rpc.discover lists them.'
    )
    _describe command commands
    return
  fi
  case $words[2] in
    up)
      _arguments '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--camera[test, file\:PATH (a FIFO with y4m is live), /dev/videoN, rpicam or rtsp\://…]:SOURCE:' \
        '--name[What viewers see. Default\: the host name.]:NAME:' \
        '--log-level[debug, info, warn, error or silent.]:LEVEL:' \
        '--port[Port of the page and of MQTT over WebSocket; 0 = any free port. Default 8080.]:PORT:' \
        '--mqtt-port[Port of MQTT over TCP; 0 = any free port. Default 1883.]:PORT:' \
        '--lan[Listen on all networks of this machine instead of on itself alone.]' \
        '--broker-users[YAML file with users of the broker and their topics.]:FILE:_files' \
        '--host[Address or name of this machine in the link of --lan. Default\: the one it goes online with.]:ADDRESS:' \
        '--json[Print one JSON line in place of the text.]' \
        '--help[Explain the command.]'
      ;;
    agent)
      _arguments '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--camera[test, file\:PATH (a FIFO with y4m is live), /dev/videoN, rpicam or rtsp\://…]:SOURCE:' \
        '--name[What viewers see. Default\: the host name.]:NAME:' \
        '--log-level[debug, info, warn, error or silent.]:LEVEL:' \
        '--help[Explain the command.]'
      ;;
    broker)
      _arguments '--port[Port of the page and of MQTT over WebSocket; 0 = any free port. Default 8080.]:PORT:' \
        '--mqtt-port[Port of MQTT over TCP; 0 = any free port. Default 1883.]:PORT:' \
        '--lan[Listen on all networks of this machine instead of on itself alone.]' \
        '--broker-users[YAML file with users of the broker and their topics.]:FILE:_files' \
        '--hash-password[Read a password from standard input and print its hash for the users file.]' \
        '--help[Explain the command.]'
      ;;
    service)
      _arguments '2:action:(install uninstall status)' \
        '--print[With install\: print the unit, and change nothing.]' \
        '--help[Explain the command.]'
      ;;
    doctor)
      _arguments '--json[Print JSON.]' \
        '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    id)
      _arguments '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    setup)
      _arguments '--broker[mqtt\://, mqtts\://, ws\:// or wss\://HOST, as the device reaches it.]:URL:' \
        '--username[User name of the device at the broker.]:NAME:' \
        '--password-file[Where to read its password; - is standard input.]:FILE|-:' \
        '--ca-file[PEM file of the authority that signed the broker certificate; none removes the one that is set.]:FILE:_files' \
        '--page-url[Address of the page, for invite links.]:URL:' \
        '--links-broker-url[The broker as browsers reach it\: ws\:// or wss\://.]:URL:' \
        '--camera[test, file\:PATH, /dev/videoN, rpicam or rtsp\://…]:SOURCE:' \
        '--name[What viewers see. Default\: the host name.]:NAME:' \
        '--config[What to write. Default\: /etc/porthole/porthole.yaml as root, else ~/.config/porthole/porthole.yaml.]:FILE:_files' \
        '--yes[Ask nothing\: what no flag says stays as it is, or has its default.]' \
        '--unchecked[Ask nothing and try nothing, but write.]' \
        '--json[Ask nothing, print JSON.]' \
        '--help[Explain the command.]'
      ;;
    status)
      _arguments '--json[Print JSON.]' \
        '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    reload)
      _arguments '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    invite)
      _arguments '--role[view, control or admin. Default view.]:ROLE:' \
        '--ttl[How long the link can be used. Default 10.]:MINUTES:' \
        '--uses[How many browsers it pairs. Default 1.]:N|many:' \
        '--label[What the invite is called in the lists.]:TEXT:' \
        '--json[Print JSON.]' \
        '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    viewers)
      _arguments '--json[Print JSON.]' \
        '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    revoke)
      _arguments '--config[Configuration (YAML). Default\: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.]:FILE:_files' \
        '--state[Folder for the device key and the list of viewers.]:DIR:_files' \
        '--help[Explain the command.]'
      ;;
    view)
      _arguments '--seconds[How long to watch. Default 5.]:N:' \
        '--camera[Which camera. Default\: the first.]:ID:' \
        '--json[Print JSON.]' \
        '--identity[Key of this viewer, made when absent. Default\: in the state folder of the user.]:FILE:_files' \
        '--label[What this viewer is called in the device'\''s list. Default\: porthole command.]:TEXT:' \
        '--timeout[How long to try to connect. Default 20.]:SECONDS:' \
        '--help[Explain the command.]'
      ;;
    call)
      _arguments '--output[Where to write binary data that belongs to the result.]:FILE:_files' \
        '--identity[Key of this viewer, made when absent. Default\: in the state folder of the user.]:FILE:_files' \
        '--label[What this viewer is called in the device'\''s list. Default\: porthole command.]:TEXT:' \
        '--timeout[How long to try to connect. Default 20.]:SECONDS:' \
        '--help[Explain the command.]'
      ;;
  esac
}
_porthole "$@"
