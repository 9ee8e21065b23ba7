"""Access keys: kept for the device's user only, made, listed and revoked."""

from __future__ import annotations

import stat

import pytest

from device.errors import ConfigError
from device.web.caller import Scope
from device.web.keys import AccessKeys


def test_keys_are_kept_for_the_devices_user_only(tmp_path):
    keys = AccessKeys(tmp_path)
    made = keys.create("notebook", Scope.READ, 1.7e9)
    path = tmp_path / "access" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keys.find(made.id) == made and made.created == "2023-11-14"
    assert made.secret not in repr(made)
    with pytest.raises(ConfigError, match="already"):
        keys.create("notebook", Scope.READ)
    with pytest.raises(ConfigError, match="no name"):
        keys.create("a b", Scope.READ)


def test_keys_are_made_listed_and_revoked(latchlens, tmp_path):
    made = latchlens("keys", "create", "notebook", "--scope", "act", "--state", tmp_path).went_well()
    profile, key_id, secret = made.out.splitlines()
    assert profile == "[notebook]" and key_id.startswith("aws_access_key_id = LATCHLENS")
    listed = latchlens("keys", "list", "--json", "--state", tmp_path).went_well()
    (known,) = listed.objects
    assert (known["name"], known["scope"], known["id"]) == ("notebook", "act", key_id.split()[-1])
    assert secret.split()[-1] not in listed.out
    assert "notebook" in latchlens("keys", "list", "--state", tmp_path).went_well().out
    latchlens("keys", "create", "x", "--scope", "all", "--state", tmp_path).refused("--scope all", status=2)
    latchlens("keys", "revoke", "notebook", "--state", tmp_path).went_well()
    latchlens("keys", "revoke", "notebook", "--state", tmp_path).refused("known are: none", status=2)
