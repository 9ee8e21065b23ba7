"""The owner's ordered rules: like a firewall, the first whose conditions all hold wins.

A rule that needs a fact not yet known *waits*, and no later rule is asked: what comes after it was
written for the case that it does not hold. When none holds the last word is "keep locked".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from device.decide.conditions import Condition, parse
from device.decide.facts import Facts
from device.errors import ConfigError
from device.messages import Outcome

OUTCOMES = {
    "unlock": Outcome.UNLOCK,
    "keep locked": Outcome.KEEP_LOCKED,
    "lock out": Outcome.LOCK_OUT,
    "alert": Outcome.KEEP_LOCKED,
}
PLAIN_KEYS = ("name", "then", "minutes", "message")
SEEN = ("who", "prey", "direction")
"""Conditions on what only a camera tells."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[[rule]]` of the project file."""

    name: str
    outcome: Outcome
    conditions: Mapping[str, Condition]
    minutes: float = 0.0
    """Length of a lockout."""
    message: str = ""
    alert: bool = False
    trigger: str = ""
    """The input that sets it off, if it asks for one to be on."""
    by_chip: tuple[str, ...] = ()
    """Whom it lets in by chip alone while the camera is blind: names, or "own" for any of ours."""

    def concerns(self, facts: Facts) -> bool:
        """Whether the rule may be asked of whom the facts speak of.

        One that unlocks for an input alone unlocks for those on their way out if that input is a
        motion sensor, and for everybody else if it is a switch: what moves behind the door is no
        reason to let in what stands before it.
        """
        if self.outcome is not Outcome.UNLOCK or "who" in self.conditions:
            return True
        return (self.trigger in facts.sensors) == facts.leaving


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one animal."""

    outcome: Outcome
    rule: str
    reason: str
    fired: Rule | None = None


WALKS_AWAY = Ruling(Outcome.UNDECIDED, "last word", "walking away")
"""The last word on one that goes, or came out just now: nobody refused it."""


def locked_out_for(who: str, seconds: float) -> Ruling:
    """What holds for one who is locked out, whatever the rules say."""
    return Ruling(Outcome.KEEP_LOCKED, "lockout", f"{who} is locked out for {seconds:.0f} s more")


def parse_rules(tables: Sequence[Mapping[str, object]], require_prey_proof: bool) -> tuple[Rule, ...]:
    """The rules of a project file, in order.

    With `require_prey_proof` every rule that unlocks for an animal also needs its mouth proven
    empty, whether or not it says so; a rule that a switch or sensor alone triggers does not.
    """
    rules = tuple(_parse_rule(number, table) for number, table in enumerate(tables, 1))
    names = [rule.name for rule in rules]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"[[rule]] {twice!r} stands twice; give each rule a name of its own")
    return tuple(
        _with_prey_proof(rule, table) if require_prey_proof else rule
        for rule, table in zip(rules, tables, strict=True)
    )


def _parse_rule(number: int, table: Mapping[str, object]) -> Rule:
    name = str(table.get("name", f"rule {number}"))
    where = f"[[rule]] {name!r}"
    then = table.get("then")
    if not isinstance(then, str) or then not in OUTCOMES:
        close = get_close_matches(str(then), OUTCOMES, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(OUTCOMES)}"
        raise ConfigError(f"{where}: then = {then!r} is not an outcome; {hint}")
    minutes = table.get("minutes", 0.0)
    if not isinstance(minutes, (int, float)) or isinstance(minutes, bool) or not 0 <= minutes <= 24 * 60:
        raise ConfigError(f"{where}: minutes = {minutes!r} must be a number from 0 to 1440")
    if (then == "lock out") != (minutes > 0):
        raise ConfigError(f'{where}: minutes belongs to then = "lock out" and is needed there')
    conditions = {
        key: _parse_condition(where, key, value) for key, value in table.items() if key not in PLAIN_KEYS
    }
    by_chip = _by_chip(table)
    if then == "unlock" and "who" not in conditions and not _trigger(table) and not by_chip:
        raise ConfigError(
            f'{where} would unlock for everyone; say who = "own", or input = "NAME" of a switch'
        )
    _refuse_to_look_blind(where, table)
    return Rule(
        name=name,
        outcome=OUTCOMES[then],
        conditions=conditions,
        minutes=float(minutes),
        message=str(table.get("message", "")),
        alert=then == "alert",
        trigger=_trigger(table),
        by_chip=by_chip,
    )


def _parse_condition(where: str, key: str, value: object) -> Condition:
    try:
        return parse(key, value)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _trigger(table: Mapping[str, object]) -> str:
    wanted = str(table.get("input", "")).strip()
    return "" if wanted.startswith("not ") else wanted


def _by_chip(table: Mapping[str, object]) -> tuple[str, ...]:
    """Whose chip alone unlocks by a rule; () unless it is one for a blind camera that asks for no input."""
    fallback = table.get("then") == "unlock" and table.get("camera") == "blind" and not _trigger(table)
    wanted = table.get("chip", []) if fallback else []
    return tuple(map(str, wanted)) if isinstance(wanted, list) else (str(wanted),)


def _refuse_to_look_blind(where: str, table: Mapping[str, object]) -> None:
    """A blind camera shows nobody, so that such a rule would never hold."""
    seen = next((key for key in SEEN if key in table), None)
    if table.get("camera") == "blind" and seen:
        raise ConfigError(
            f'{where}: {seen} is never known while camera = "blind"; ask for a chip or an input'
        )


def _with_prey_proof(rule: Rule, table: Mapping[str, object]) -> Rule:
    if rule.outcome is not Outcome.UNLOCK or "who" not in table or table.get("prey") is False:
        return rule
    if table.get("prey") is True:
        fix = "take prey out of the rule or set require_prey_proof = false"
        raise ConfigError(f"[[rule]] {rule.name!r} unlocks for prey although prey proof is required; {fix}")
    return replace(rule, conditions={**rule.conditions, "prey": parse("prey", False)})


def evaluate(rules: Sequence[Rule], facts: Facts) -> Ruling:
    """What the first rule that holds says, or which rule waits and for what."""
    for rule in rules:
        if not rule.concerns(facts):
            continue
        answers = [condition(facts) for condition in rule.conditions.values()]
        if any(answer.value is False for answer in answers):
            continue
        unknown = [answer.why for answer in answers if answer.value is None]
        if unknown:
            return Ruling(Outcome.UNDECIDED, rule.name, f"waiting: {'; '.join(unknown)}")
        return Ruling(rule.outcome, rule.name, rule.message or f"rule {rule.name!r} holds", rule)
    return Ruling(Outcome.KEEP_LOCKED, "last word", "no rule lets it in")
