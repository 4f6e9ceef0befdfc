"""What attackers send, one list for each kind of hole."""

from typing import Final

MARK: Final = "zqx"
"""Stands in each piece of HTML, so that it can be found on a page whatever became of the rest."""
HTML: Final = [
    f"<script>alert('{MARK}')</script>",
    f'"><img src={MARK} onerror=alert(1)>',
    f"' onfocus='{MARK}' autofocus='",
    f"</title></script><svg/onload={MARK}>",
    f"javascript:{MARK}",
    "{{ 7 * 191 }}" + MARK + "{% raw %}${7*191}#{7*191}",
    f"<!--{MARK}--><base href=//otro.example>",
    f"\u202e{MARK}&lt;b&gt;%3Cscript%3E",
]
FORMULAS: Final = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("https://otro.example")']
"""What a spreadsheet would work out."""
REDIRECTS: Final = [
    "//otro.example",
    "///otro.example",
    "////otro.example/%2e%2e",
    "https://otro.example/",
    "HTTPS:otro.example",
    "https:/otro.example",
    "http://localhost@otro.example/",
    "/\\otro.example",
    "\\\\otro.example",
    "\\/otro.example",
    "/\t/otro.example",
    "/\n/otro.example",
    "\t//otro.example",
    " //otro.example",
    "/%09/otro.example\x00",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/a\r\nSet-Cookie: a=b",
    "/%5c/x\\y",
    "otro.example",
    "?https://otro.example",
    "#//otro.example",
    "//[::1",
    "/\u2028//otro.example",
    "\u3002/otro.example",
    "/\u202e/otro.example",
]
SQL: Final = [
    "'",
    '"',
    "' OR '1'='1",
    "' OR 1=1 -- ",
    "1; DROP TABLE Usuarios; -- ",
    "') UNION SELECT password_hash FROM Usuarios -- ",
    "\\' OR 1=1 #",
    "1' AND SLEEP(9) AND '1",
    "1/**/OR/**/1=1",
    "\u02bc OR 1=1",
    "%27%20OR%201=1",
    "%",
    "_",
    "\x00",
]
FLUX: Final = [
    '") |> drop(columns: ["_time"])',
    '" or r.nodo != "',
    '"})\n import "sql" sql.from(driverName: "sqlite3")',
    '1) |> to(bucket: "otro")',
    "${r.nodo}",
    "\\",
    "now()",
    '0, stop: now()) |> yield(name: "x") //',
    "1h",
    "-1e400",
]
NUMBERS: Final = ["", "-1", "0", "1e9", "NaN", "Infinity", "99999999999999999999", "١٢٣", "0x10", "1_000", " 1", "1.5"]
PATHS: Final = ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//etc/passwd", "%2e%2e/", "/etc/passwd", "x\x00.css"]
HOSTS: Final = [
    "otro.example",
    "otro.example:8006",
    "localhost.otro.example",
    "localhost@otro.example",
    "a b",
    "otro.example/?",
]
