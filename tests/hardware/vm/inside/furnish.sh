#!/bin/sh
# Within the virtual machine: gives it a Raspberry Pi's header, a door around it and a camera before it.
# furnish.sh SLOW: how many times as long as on a Pi an emulated processor may take before a watchdog ends a service.
set -e
program=$(dirname "$(dirname "$0")")
slow=$1

mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
bank=/sys/kernel/config/gpio-sim/header/bank0
mkdir -p $bank
echo 28 >$bank/num_lines
echo pinctrl-bcm2711 >$bank/label
echo 1 >$bank/../live

# A Pi's kernel says which Pi it is: gpiozero asks for that. Units with a /proc of their own are told by a drop-in.
{ cat /proc/cpuinfo; printf '\nRevision\t: c03114\n'; } >/run/cpuinfo
mount --bind /run/cpuinfo /proc/cpuinfo
for unit in latchlens-guard latchlens-self-test latchlens; do
  mkdir -p /etc/systemd/system/$unit.service.d
  {
    printf '[Service]\nBindReadOnlyPaths=/run/cpuinfo:/proc/cpuinfo\n'
    sed -n -E 's/^(WatchdogSec|TimeoutStartSec|TimeoutStopSec)=([0-9]+)$/\1 \2/p' "$program/checkout/systemd/$unit.service" \
      | while read -r key seconds; do echo "$key=$((seconds * slow))"; done
  } >/etc/systemd/system/$unit.service.d/emulated.conf
done

mkdir -p /run/door
echo empty >/run/door/show
printf '17=0\n22=1\n' >/run/door/inputs
chip=$(echo /sys/devices/platform/gpio-sim.*/gpiochip*/sim_gpio18)
systemd-run --quiet --unit door python3 "$program/inside/door.py" "${chip%/*}" /run/door/inputs /run/door/log
systemd-run --quiet --unit camera python3 "$program/inside/camera.py" /dev/video40 "$program/frames" /run/door/show
