# shellcheck shell=bash disable=SC2034,SC2153 # as of cached.sh, which sets PLACE
# Sourced: `site` sets SITE, what the wheel needs for Debian 13's Python: a wheelhouse, a folder, and a disk of that folder.

make_site() {
  local place=$1 root=$WORKBENCH/root
  dependencies >"$root/requirements.txt"
  rm -rf "$root/wheelhouse" "$root/site"
  inside "$WORKBENCH" pip wheel --quiet --wheel-dir /root/wheelhouse --requirement /root/requirements.txt
  # lgpio: the index has wheels up to Python 3.12 only, and Debian no package; a Pi's own system has one.
  inside "$WORKBENCH" env PYPI=1 pip wheel --quiet --wheel-dir /root/wheelhouse --no-deps --no-binary lgpio lgpio==0.2.2.0
  inside "$WORKBENCH" sh -c 'pip install --quiet --no-index --find-links /root/wheelhouse --target /root/site /root/wheelhouse/*.whl'
  mv "$root/wheelhouse" "$root/site" "$place/"
  disk_of site "$place/site" "$place/site.img"
}

site() {
  workbench
  cached site "$HARDWARE/workbench.sh" "$HARDWARE/site.sh" <(dependencies)
  SITE=$PLACE
}
