#!/bin/sh
# Within the virtual machine: runs probe.py as a unit's own program would run, with its user, mounts, devices and
# system calls. probe.sh UNIT: prints what was refused.
set -e
here=$(dirname "$0")
mkdir -p /run/probe
chmod 777 /run/probe
install -m 644 "$here/probe.py" /run/probe/probe.py
# Its directories below /run belong to the service that runs, and would go with the probe.
sed -e '/^Exec/d' -e '/^Restart/d' -e '/^Watchdog/d' -e '/^StartLimit/d' -e 's/^Type=.*/Type=oneshot/' \
  -e '/^RuntimeDirectory/d' -e '/^WorkingDirectory/d' \
  -e '/^\[Service\]/a ReadWritePaths=/run/probe\nExecStart=/usr/bin/python3 /run/probe/probe.py /run/probe/found.json' \
  "/etc/systemd/system/$1" >/run/systemd/system/probe.service
systemctl daemon-reload
rm -f /run/probe/found.json
systemctl start probe.service
cat /run/probe/found.json
