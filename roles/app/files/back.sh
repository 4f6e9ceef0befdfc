#!/bin/sh
# back.sh RELEASE: puts settings, secrets and units back as keep.sh found them, and that release in place.
set -eu
cd /
kept=$(tar --list --file /opt/enertrack/before.tar)
for unit in etc/systemd/system/enertrack*.*; do
  case $unit in *.d | *.wants) continue ;; esac
  if ! printf '%s\n' "$kept" | grep -qxF "$unit"; then
    systemctl disable --quiet --now "$(basename "$unit")" || true
    rm -f "$unit"
  fi
done
tar --extract --same-owner --same-permissions --file /opt/enertrack/before.tar
ln -sfn "releases/$1" /opt/enertrack/current
systemctl daemon-reload
rm /opt/enertrack/before.tar
