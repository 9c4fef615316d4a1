# Sourced by the scripts beside it: installs what is missing on this machine, and says what it does.

say() { printf 'porthole: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

need_node() {
  command -v node >/dev/null || die 'Node.js is missing. Install version 20.19 or later: https://nodejs.org/'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    die "Node.js $(node --version) is too old: 20.19 or later is needed."
  case "$(node -p 'process.arch')" in
    x64 | arm64) ;;
    *) die "There is no WebRTC library for $(node -p 'process.arch'). Install a 64-bit system (on a Raspberry Pi: the 64-bit image)." ;;
  esac
}

# The stamp changes with the lock file and with the Node version, whose native modules differ.
need_packages() {
  local stamp=node_modules/.porthole-stamp wanted
  wanted="$(node --version) $(sha256sum package-lock.json)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  say 'installing npm packages'
  # ffmpeg-static downloads its program when installed. It is optional: npm goes on when that fails.
  npm ci --no-fund --no-audit --loglevel=error >&2 || die 'npm could not install the packages.'
  printf '%s' "$wanted" >"$stamp"
}

# need_program PROGRAM PACKAGE: installs a Debian package when the program is not there.
need_program() {
  command -v "$1" >/dev/null && return
  apt_install "$2" || die "$1 is missing, and could not be installed. Install it by hand: apt install $2"
}

need_ffmpeg() {
  command -v ffmpeg >/dev/null && return
  node -e 'import("ffmpeg-static").then((m) => require("fs").accessSync(m.default, 1)).catch(() => process.exit(1))' 2>/dev/null && return
  need_program ffmpeg ffmpeg
}

apt_install() {
  command -v apt-get >/dev/null || return 1
  local sudo=''
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || return 1
    sudo=sudo
  fi
  say "installing $*"
  $sudo apt-get update -qq >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
