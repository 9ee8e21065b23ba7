"""Draws the wiring of docs/hardware.md: `python docs/wiring/draw.py` writes the SVG files beside this one.

Everything stands on a grid of 10. A symbol is drawn from its first lead to its last, so that wires need only
the leads' places.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Point = tuple[float, float]
STYLE = (
    "text{font:13px 'DejaVu Sans',sans-serif;fill:#222}.small{font-size:11px;fill:#555}.head{font-size:15px;"
    "font-weight:bold}.wire,.part{fill:none;stroke:#222;stroke-width:2;stroke-linejoin:round}"
    ".box{fill:#eef3f8;stroke:#222;stroke-width:2}.pi{fill:#e6f2e6}.fill{fill:#222}.plus{stroke:#c0392b}"
)


class Drawing:
    """One sheet."""

    def __init__(self, title: str, width: int, height: int) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{title}</title><style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
        ]
        self.text((20, 28), title, "head")

    def save(self, name: str) -> None:
        (Path(__file__).parent / f"{name}.svg").write_text("\n".join([*self._parts, "</svg>\n"]))

    def text(self, at: Point, text: str, kind: str = "", anchor: str = "start") -> None:
        self._parts.append(
            f'<text x="{at[0]}" y="{at[1]}" class="{kind}" text-anchor="{anchor}">{text}</text>'
        )

    def notes(self, at: Point, *lines: str) -> None:
        for number, line in enumerate(lines):
            self.text((at[0], at[1] + 16 * number), line, "small")

    def path(self, points: str, kind: str = "part") -> None:
        self._parts.append(f'<path d="{points}" class="{kind}"/>')

    def wire(self, *points: Point, plus: bool = False) -> None:
        told = " L".join(f"{x},{y}" for x, y in points)
        self.path(f"M{told}", "wire plus" if plus else "wire")

    def dot(self, at: Point) -> None:
        self._parts.append(f'<circle cx="{at[0]}" cy="{at[1]}" r="4" class="fill"/>')

    def box(self, at: Point, size: Point, name: str, kind: str = "") -> None:
        (x, y), (width, height) = at, size
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" class="box {kind}"/>'
        )
        self.text((x + width / 2, y + 20), name, anchor="middle")

    def pi(self, at: Point, height: float, pins: dict[str, float]) -> None:
        """A Raspberry Pi with pins on its right side, by their heights."""
        self.box(at, (150, height), "Raspberry Pi", "pi")
        for name, y in pins.items():
            self.text((at[0] + 142, y + 4), name, anchor="end")

    def ground(self, at: Point) -> None:
        x, y = at
        self.path(f"M{x},{y}v8 M{x - 12},{y + 8}h24 M{x - 8},{y + 13}h16 M{x - 4},{y + 18}h8")

    def supply(self, at: Point, name: str) -> None:
        x, y = at
        self.path(f"M{x},{y}v-12 M{x - 7},{y - 6}L{x},{y - 14}L{x + 7},{y - 6}", "part plus")
        self.text((x, y - 20), name, anchor="middle")

    def resistor(self, a: Point, name: str, across: bool = True) -> Point:
        """60 long; returns the other lead's place."""
        x, y = a
        if across:
            self.path(f"M{x},{y}h10 m0,-7h40v14h-40z m40,7h10")
            self.text((x + 30, y - 12), name, anchor="middle")
            return x + 60, y
        self.path(f"M{x},{y}v10 m-7,0h14v40h-14z m7,40v10")
        self.text((x + 14, y + 35), name)
        return x, y + 60

    def capacitor(self, a: Point, name: str, across: bool = True) -> Point:
        x, y = a
        if across:
            self.path(f"M{x},{y}h26 m0,-14v28 m8,-28v28 m0,-14h26")
            self.text((x + 30, y - 20), name, anchor="middle")
            return x + 60, y
        self.path(f"M{x},{y}v26 m-14,0h28 m-28,8h28 m-14,0v26")
        self.text((x + 20, y + 35), name)
        return x, y + 60

    def diode(self, anode: Point, name: str, side: int = 1) -> Point:
        """Upwards: the cathode is 60 above."""
        x, y = anode
        self.path(f"M{x},{y}v-22 m-10,0h20l-10,-16z", "part fill")
        self.path(f"M{x},{y}v-22 M{x - 11},{y - 38}h22 M{x},{y - 38}v-22")
        self.text((x + 16 * side, y - 26), name, anchor="start" if side > 0 else "end")
        return x, y - 60

    def coil(self, top: Point, name: str, side: int = 1) -> Point:
        x, y = top
        self.path(f"M{x},{y}v6" + "a8,6 0 0 1 0,12" * 4 + "v6")
        self.text((x + 18 * side, y + 35), name, anchor="start" if side > 0 else "end")
        return x, y + 60

    def mosfet(self, gate: Point, name: str) -> tuple[Point, Point]:
        """An N-channel MOSFET; returns the places of drain and source."""
        x, y = gate
        self.path(f"M{x},{y}h20 m0,-16v32 m8,-38v12 m0,4v12 m0,4v12")
        self.path(f"M{x + 28},{y - 16}h16v-14 M{x + 28},{y + 16}h16v14 M{x + 28},{y}h16v16")
        self.path(f"M{x + 29},{y}l9,-5v10z", "part fill")
        self.text((x + 52, y + 5), name)
        return (x + 44, y - 30), (x + 44, y + 30)

    def contact(self, a: Point, name: str, magnet: bool = False, closed: bool = False) -> Point:
        """A contact, 80 long."""
        x, y = a
        if closed:  # the arm lies against the far lead
            self.path(f"M{x},{y}h22 L{x + 64},{y - 8} M{x + 58},{y - 14}v14h22")
        else:
            self.path(f"M{x},{y}h22 L{x + 56},{y - 16} M{x + 58},{y}h22")
        if magnet:
            self._parts.append(f'<rect x="{x + 14}" y="{y - 44}" width="52" height="14" rx="3" class="box"/>')
            self.text((x + 40, y - 50), "magnet", "small", "middle")
        self.text((x + 40, y + 22), name, anchor="middle")
        return x + 80, y


def servo() -> None:
    sheet = Drawing("Servo", 760, 330)
    sheet.pi((20, 60), 220, {"GPIO 18 (pin 12)": 110, "GND (pin 14)": 240})
    end = sheet.resistor((170, 110), "330 Ω")
    sheet.wire(end, (470, 110))
    sheet.dot((280, 110))
    sheet.wire((280, 110), (280, 140))
    low = sheet.resistor((280, 140), "10 kΩ", across=False)
    sheet.wire(low, (280, 240))
    sheet.wire((170, 240), (470, 240))
    sheet.dot((280, 240))
    sheet.box((470, 60), (120, 200), "servo")
    for name, y in {"signal": 110, "+5 V": 175, "GND": 240}.items():
        sheet.text((480, y + 4), name)
    sheet.wire((470, 175), (400, 175), (400, 70), plus=True)
    sheet.supply((400, 70), "5 V, 2 A, of its own")
    sheet.dot((400, 175))
    low = sheet.capacitor((400, 178), "470 µF", across=False)
    sheet.wire(low, (400, 240))
    sheet.dot((400, 240))
    sheet.ground((340, 240))
    sheet.notes(
        (20, 305),
        "All grounds are joined. Without power a servo stays where it is: no way out may depend on it.",
    )
    sheet.save("servo")


def solenoid() -> None:
    sheet = Drawing("Solenoid, with a time limit that no program can pass", 980, 400)
    sheet.pi((20, 80), 240, {"GPIO 24 (pin 18)": 180, "3.3 V (pin 17)": 120, "GND (pin 20)": 300})
    a = sheet.resistor((170, 180), "220 Ω")
    sheet.wire(a, (260, 180))
    node = sheet.capacitor((260, 180), "10 µF ceramic")
    sheet.wire(node, (480, 180))
    sheet.resistor((340, 180), "1 MΩ", across=False)
    sheet.wire((340, 240), (340, 300))
    sheet.diode((420, 250), "BAT85")
    sheet.wire((420, 180), (420, 190))
    sheet.wire((420, 250), (420, 300))
    for x in (340, 420):
        sheet.dot((x, 180))
    sheet.path("M480,152v56l52,-28z", "box")
    sheet.path("M486,186h8v-12h8 M494,186h4v-12")
    sheet.text((518, 222), "74LVC1G17", "small")
    sheet.wire((170, 120), (505, 120), (505, 165), plus=True)
    sheet.wire((505, 195), (505, 300))
    gate = sheet.resistor((532, 180), "100 Ω")
    sheet.wire(gate, (650, 180))
    sheet.dot((620, 180))
    low = sheet.resistor((620, 200), "10 kΩ", across=False)
    sheet.wire((620, 180), (620, 200))
    sheet.wire(low, (620, 300))
    _, source = sheet.mosfet((650, 180), "AO3400A")
    sheet.wire(source, (694, 300))
    sheet.wire((170, 300), (694, 300))
    for x in (340, 420, 505, 620):
        sheet.dot((x, 300))
    sheet.ground((560, 300))
    sheet.coil((694, 90), "solenoid", 1)
    sheet.wire((694, 90), (694, 70), plus=True)
    sheet.wire((800, 90), (800, 70), (694, 70), plus=True)
    sheet.diode((800, 150), "1N4007, stripe to +")
    sheet.wire((800, 150), (694, 150))
    sheet.dot((694, 150))
    sheet.dot((694, 70))
    sheet.supply((694, 70), "12 V over a fuse of 1 A")
    sheet.notes(
        (20, 348),
        "A step on GPIO 24 passes the capacitor and fades over 1 MΩ: after 9 to 14 s the coil is off, though",
        "the pin stay high for ever. [bolt.coil] limit_s must be shorter. The diode takes the coil's spark;",
        "the 10 kΩ keep the coil off while nobody drives the pin. No power: the spring locks.",
    )
    sheet.save("solenoid")


def relay() -> None:
    sheet = Drawing("Relay board and electric strike", 820, 340)
    sheet.pi((20, 60), 200, {"5 V (pin 2)": 100, "GPIO 24 (pin 18)": 160, "GND (pin 20)": 230})
    sheet.box((330, 60), (170, 200), "relay board")
    for name, y in {"VCC": 100, "IN, active high": 160, "GND": 230}.items():
        sheet.text((340, y + 4), name)
    sheet.wire((170, 100), (330, 100), plus=True)
    sheet.wire((170, 160), (330, 160))
    sheet.wire((170, 230), (330, 230))
    sheet.dot((250, 160))
    sheet.resistor((250, 165), "10 kΩ", across=False)
    sheet.wire((250, 160), (250, 165))
    sheet.wire((250, 225), (250, 230))
    sheet.dot((250, 230))
    for name, y in {"COM": 110, "NO": 160, "NC": 210}.items():
        sheet.text((492, y + 4), name, anchor="end")
    sheet.wire((500, 110), (600, 110), (600, 80), plus=True)
    sheet.supply((600, 80), "12 V, fuse 1 A")
    sheet.wire((500, 160), (600, 160))
    sheet.dot((600, 160))
    sheet.wire((600, 160), (680, 160), (680, 170))
    sheet.coil((600, 160), "strike", -1)
    sheet.diode((680, 230), "1N4007")
    sheet.wire((680, 230), (680, 240), (600, 240))
    sheet.wire((600, 220), (600, 250))
    sheet.dot((600, 240))
    sheet.ground((600, 250))
    sheet.notes(
        (20, 300),
        "Take a board that switches on at a high level (a jumper H): then a start opens nothing.",
        "A strike that must not be powered for long needs a relay with a time limit of its own.",
    )
    sheet.save("relay")


def reed() -> None:
    sheet = Drawing("Reed contact at the flap", 700, 290)
    sheet.pi((20, 60), 170, {"3.3 V (pin 1)": 95, "GPIO 17 (pin 11)": 155, "GND (pin 9)": 210})
    sheet.wire((170, 95), (230, 95), plus=True)
    sheet.resistor((230, 95), "10 kΩ", across=False)
    sheet.dot((230, 155))
    sheet.wire((170, 155), (300, 155))
    a = sheet.resistor((300, 155), "1 kΩ")
    b = sheet.contact((a[0] + 40, 155), "reed, closed with the flap", magnet=True)
    sheet.wire(a, (a[0] + 40, 155))
    sheet.wire(b, (560, 155), (560, 210), (170, 210))
    sheet.notes(
        (20, 262),
        'The flap carries the magnet: kind = "reed", name = "door". With a short cable the resistors may go.',
    )
    sheet.save("reed")


def buttons() -> None:
    sheet = Drawing("Buttons, switch and smoke detector", 720, 400)
    rows = {
        "GPIO 22 (pin 15)": (110, "panic button", False),
        "GPIO 23 (pin 16)": (180, "vet switch", False),
        "GPIO 27 (pin 13)": (250, "smoke detector's relay, opens in smoke", True),
    }
    sheet.pi((20, 60), 280, {name: row[0] for name, row in rows.items()} | {"GND (pin 14)": 320})
    for y, name, closed in rows.values():
        a = sheet.resistor((170, y), "1 kΩ")
        b = sheet.contact((a[0] + 60, y), name, closed=closed)
        sheet.wire(a, (a[0] + 60, y))
        sheet.wire(b, (540, y))
        if y != 110:
            sheet.dot((540, y))
    sheet.wire((540, 110), (540, 320), (170, 320))
    sheet.notes(
        (20, 368),
        "Each closes its pin to ground; the Pi pulls it up. A smoke detector's opens: normally_open = false,",
        "so that a cut cable counts as smoke. Only a potential-free contact may be connected, never mains.",
    )
    sheet.save("buttons")


def chip_reader() -> None:
    sheet = Drawing("Chip reader (WL-134A)", 760, 320)
    sheet.pi((20, 60), 190, {"5 V (pin 4)": 100, "GPIO 15 (pin 10)": 165, "GND (pin 6)": 225})
    sheet.box((470, 60), (130, 190), "WL-134A")
    for name, y in {"5 V": 100, "TX": 165, "GND": 225}.items():
        sheet.text((480, y + 4), name)
    sheet.wire((170, 100), (470, 100), plus=True)
    sheet.wire((170, 165), (260, 165))
    sheet.dot((260, 165))
    sheet.resistor((260, 165), "3.3 kΩ", across=False)
    sheet.dot((260, 225))
    a = sheet.resistor((320, 165), "1.8 kΩ")
    sheet.wire((260, 165), (320, 165))
    sheet.wire(a, (470, 165))
    sheet.wire((170, 225), (470, 225))
    sheet.path("M600,140h30 M600,180h30")
    sheet.path("M630,130h90v70h-90z M638,138h74v54h-74z M630,140v-10 M630,180v20")
    sheet.text((675, 222), "antenna around", "small", "middle")
    sheet.text((675, 236), "the tunnel", "small", "middle")
    sheet.notes(
        (20, 285),
        "The divider makes 3.3 V of the reader's 5 V. Keep the antenna a hand away from metal and servo.",
        "enable_uart=1 in config.txt, and no login on the serial port. A reader on USB needs none of this.",
    )
    sheet.save("chip-reader")


def infrared() -> None:
    sheet = Drawing("Infrared light", 720, 340)
    sheet.pi((20, 60), 200, {"GPIO 12 (pin 32)": 150, "GND (pin 34)": 230})
    gate = sheet.resistor((170, 150), "100 Ω")
    sheet.wire(gate, (330, 150))
    sheet.dot((270, 150))
    sheet.resistor((270, 160), "10 kΩ", across=False)
    sheet.wire((270, 150), (270, 160))
    sheet.wire((270, 220), (270, 230))
    sheet.dot((270, 230))
    drain, source = sheet.mosfet((330, 150), "AO3400A")
    sheet.wire(source, (374, 230))
    sheet.wire((170, 230), (374, 230))
    sheet.ground((330, 230))
    sheet.wire(drain, (374, 110), (480, 110))
    sheet.box((480, 60), (190, 90), "LEDs, 850 nm, 12 V")
    sheet.notes((495, 100), "with their own resistors")
    sheet.text((488, 114), "−")
    sheet.text((656, 114), "+")
    sheet.wire((670, 110), (695, 110), (695, 80), plus=True)
    sheet.supply((695, 80), "12 V")
    sheet.notes(
        (20, 290),
        "940 nm shines unseen, 850 nm glows a little and reaches further. Aim it from the side: fur shines.",
        "The camera must have no infrared filter (Raspberry Pi's NoIR).",
    )
    sheet.save("infrared")


DRAWINGS: tuple[Callable[[], None], ...] = (servo, solenoid, relay, reed, buttons, chip_reader, infrared)

if __name__ == "__main__":
    for draw in DRAWINGS:
        draw()
